"""Answers that can be awaited on the loop, and waited for on any other thread."""

import asyncio
import functools
import queue
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

import pykka

from actors.clock import Clock

T = TypeVar("T")
J = TypeVar("J")
M = TypeVar("M")
R = TypeVar("R")


class WouldBlock(RuntimeError):  # noqa: N818 - a statement, like BlockingIOError's family
    """A wait on the loop's thread that would stop the loop, and with it whoever should answer."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} would block the event loop: await it instead")
        self.what = what


def on_a_loop() -> bool:
    """Whether this thread is running an event loop right now."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Pending:
    """The value of a future that has none yet."""


_PENDING = _Pending()
# One lock for all futures: it is held for a few instructions, and a lock each would cost memory.
_lock = threading.Lock()


class LoopFuture(pykka.Future[T], Generic[T]):
    """A pykka future without a lock of its own; `await` does not block, `get` never on a loop."""

    _get_hook: Any = None
    _hook_value: Any = _PENDING
    # Whether the value comes from elsewhere, so that nobody may set it.
    _has_source = False
    _trace: TracebackType | None = None

    def __init__(self) -> None:
        self._value: Any = _PENDING
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[], object]] | None = None

    @classmethod
    def failed(cls, error: BaseException) -> "LoopFuture[Any]":
        """A future that has its answer already: this error."""
        future: LoopFuture[Any] = LoopFuture()
        future._settle(None, error)
        return future

    @classmethod
    def of(cls, value: Any) -> "LoopFuture[Any]":
        """A future that has its answer already: this value."""
        future: LoopFuture[Any] = LoopFuture()
        future._value = value
        return future

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'done' if self.done() else 'pending'}>"

    def done(self) -> bool:
        """Whether `get` would return or raise at once."""
        return self._value is not _PENDING

    def on_done(self, callback: Callable[[], object]) -> None:
        """Call back once, on the thread that answers; at once when there is an answer."""
        with _lock:
            if self._value is _PENDING:
                if self._callbacks is None:
                    self._callbacks = []
                self._callbacks.append(callback)
                return
        callback()

    def set(self, value: T | None = None) -> None:
        self._settle(value, None)

    def set_exception(self, exc_info: Any = None) -> None:
        kind, error, trace = exc_info if exc_info is not None else sys.exc_info()
        if error is None:
            error = kind() if kind is not None else pykka.ActorDeadError("failed without a reason")
        self._trace = trace
        self._settle(None, error)

    def set_get_hook(self, func: Callable[[float | None], T]) -> None:
        with _lock:
            if self._value is not _PENDING:
                raise queue.Full
            self._get_hook = func
            self._has_source = True

    def get(self, *, timeout: float | None = None) -> Any:
        """The answer, or its error raised.

        Raises: `WouldBlock` on a loop's thread without an answer, `pykka.Timeout` elsewhere.
        """
        if self._get_hook is not None:
            if self._hook_value is _PENDING:
                self._hook_value = self._get_hook(timeout)
            return self._hook_value
        if self._value is _PENDING:
            self._wait(timeout)
        return self._result()

    def forward(self, to: pykka.Future[Any]) -> None:
        """Answer the other future with this one's answer, when it comes."""
        self.on_done(lambda: self._pass_on(to))

    async def within(self, seconds: float, clock: Clock) -> bool:
        """Wait at most that long, by that clock; whether there is an answer."""
        if self.done():
            return True
        waiter = asyncio.get_running_loop().create_future()
        self._wake(waiter)
        timer = clock.call_at(clock.now() + seconds, lambda: _finish(waiter))
        try:
            await waiter
        finally:
            timer.cancel()
        return self.done()

    def __await__(self) -> Generator[Any, None, T]:
        if self._get_hook is not None and self._hook_value is _PENDING:
            self._hook_value = yield from (
                asyncio.get_running_loop().run_in_executor(None, self._get_hook, None).__await__()
            )
        if self._get_hook is not None:
            return cast(T, self._hook_value)
        if self._value is _PENDING:
            waiter = asyncio.get_running_loop().create_future()
            self._wake(waiter)
            yield from waiter
        return self._result()

    __iter__ = __await__

    def map(self, func: Callable[[T], M]) -> "LoopFuture[M]":
        return Derived((self,), lambda value: func(value))

    def filter(  # type: ignore[override]  # pykka says: of a future of an iterable
        self, func: Callable[[Any], bool]
    ) -> "LoopFuture[list[Any]]":
        return Derived((self,), lambda values: list(filter(func, values)))

    def join(self, *futures: pykka.Future[Any]) -> "LoopFuture[Iterable[Any]]":
        return Derived((self, *futures), lambda *values: list(values))

    def reduce(self, func: Callable[[Any, Any], Any], *args: Any) -> "LoopFuture[Any]":
        return Derived((self,), lambda values: functools.reduce(func, values, *args))

    def _settle(self, value: T | None, error: BaseException | None) -> None:
        with _lock:
            if self._value is not _PENDING or self._has_source:
                raise queue.Full
            self._error = error
            self._value = value
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback()

    def _result(self) -> T:
        if self._error is not None:
            raise self._error.with_traceback(self._trace)
        return cast(T, self._value)

    def _pass_on(self, to: pykka.Future[Any]) -> None:
        if self._error is None:
            to.set(self._value)
        else:
            to.set_exception((type(self._error), self._error, self._error.__traceback__))

    def _wait(self, timeout: float | None) -> None:
        if timeout is not None and timeout <= 0:
            raise pykka.Timeout(f"{timeout} seconds")
        if on_a_loop():
            raise WouldBlock("get() without an answer")
        answered = threading.Event()
        self.on_done(answered.set)
        if not answered.wait(timeout):
            raise pykka.Timeout(f"{timeout} seconds")

    def _wake(self, waiter: "asyncio.Future[None]") -> None:
        """Finish the waiter, on its own loop, when there is an answer."""
        thread = threading.get_ident()

        def answered() -> None:
            if threading.get_ident() == thread:
                _finish(waiter)
            elif not waiter.get_loop().is_closed():
                waiter.get_loop().call_soon_threadsafe(_finish, waiter)

        self.on_done(answered)


class Derived(LoopFuture[T]):
    """What a function makes of other futures' answers, once, when somebody wants to know.

    A source that is not a `LoopFuture` cannot tell when it is done, and counts as done.
    """

    _has_source = True

    def __init__(self, sources: tuple[pykka.Future[Any], ...], func: Callable[..., T]) -> None:
        super().__init__()
        self._sources = sources
        self._func = func

    def done(self) -> bool:
        return self._value is not _PENDING or not self._waiting()

    def on_done(self, callback: Callable[[], object]) -> None:
        waiting = self._waiting()
        if waiting:
            waiting[0].on_done(lambda: self.on_done(callback))
        else:
            callback()

    def get(self, *, timeout: float | None = None) -> Any:
        if self._value is _PENDING:
            self._value = self._func(*[source.get(timeout=timeout) for source in self._sources])
        return self._value

    def __await__(self) -> Generator[Any, None, T]:
        if self._value is _PENDING:
            self._value = yield from self._make().__await__()
        return cast(T, self._value)

    __iter__ = __await__

    async def _make(self) -> T:
        return self._func(*[await _patient(source) for source in self._sources])

    def _pass_on(self, to: pykka.Future[Any]) -> None:
        try:
            to.set(self.get(timeout=0))
        except Exception:  # noqa: BLE001 - whatever it is, it is the answer
            to.set_exception()

    def _waiting(self) -> list[LoopFuture[Any]]:
        return [s for s in self._sources if isinstance(s, LoopFuture) and not s.done()]


def _patient(future: pykka.Future[Any]) -> Awaitable[Any]:
    """The future itself when it can be awaited without blocking; else its `get` on a thread."""
    if isinstance(future, LoopFuture):
        return future
    return asyncio.get_running_loop().run_in_executor(None, future.get)


def _finish(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


def answer(reply: pykka.Future[Any] | None, result: Any) -> None:
    """Give a handler's result to whoever asked; one that is to come later, when it comes."""
    if reply is None:
        return
    if isinstance(result, LoopFuture):
        result.forward(reply)
    else:
        reply.set(result)


async def outcome(work: Coroutine[Any, Any, Any]) -> tuple[Any, BaseException | None]:
    """Result and error of a handler, as values: no exception of it may reach the loop."""
    try:
        return await work, None
    except BaseException as error:  # noqa: BLE001
        return None, error
