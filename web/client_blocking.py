"""The client for scripts without asyncio: the same methods, each done when it returns.

The asyncio client runs on a loop in a thread of its own, which ends with the `with` block.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from web.client_errors import NOT_CONNECTED, StageError
from web.client_results import Item
from web.client_stage import Stage, Subscription, connect
from web.messages import Established

P = ParamSpec("P")
T = TypeVar("T")


class BlockingSubscription:
    """Events as they come, each once; for `for` and `with`."""

    def __init__(self, stage: "BlockingStage", subscription: Subscription) -> None:
        self._stage = stage
        self._subscription = subscription

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        if self._stage.is_over:
            raise StopIteration
        item = self._stage.wait(_next(self._subscription))
        if item is None:
            raise StopIteration
        return item

    def __enter__(self) -> "BlockingSubscription":
        self._stage.wait(self._subscription.__aenter__())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribes; the iteration ends."""
        if not self._stage.is_over:
            self._stage.wait(_close(self._subscription))


async def _next(subscription: Subscription) -> Item | None:
    """None at the end: StopAsyncIteration cannot pass from one thread to another."""
    return await anext(subscription, None)


async def _close(subscription: Subscription) -> None:
    subscription.close()


def _blocking(
    method: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["BlockingStage", P], T]:
    def call(self: "BlockingStage", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.wait(method(self.stage, *args, **kwargs))

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


def _subscribing(
    method: Callable[Concatenate[Stage, P], Subscription],
) -> Callable[Concatenate["BlockingStage", P], BlockingSubscription]:
    async def made(stage: Stage, *args: P.args, **kwargs: P.kwargs) -> Subscription:
        return method(stage, *args, **kwargs)

    def subscribe(
        self: "BlockingStage", /, *args: P.args, **kwargs: P.kwargs
    ) -> BlockingSubscription:
        return BlockingSubscription(self, self.wait(made(self.stage, *args, **kwargs)))

    subscribe.__doc__ = method.__doc__
    return subscribe


class BlockingStage:
    """What `open_stage` makes, for `with`. `stage` is the asyncio one, on the thread's loop."""

    def __init__(self, opening: AbstractAsyncContextManager[Stage]) -> None:
        self._opening = opening
        self._opened: Future[Stage] = Future()
        self._leaving = asyncio.Event()
        self.is_over = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="stage", daemon=True)

    @property
    def stage(self) -> Stage:
        """Connected, once the `with` block has begun."""
        return self._opened.result()

    @property
    def greeting(self) -> Established:
        """What the server said first: who this client is there, and what holds for it."""
        return self.stage.greeting

    def __enter__(self) -> "BlockingStage":
        self._thread.start()
        try:
            self._opened.result()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._close()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs it on the stage's loop; given up where the wait is interrupted."""
        if self.is_over:
            coroutine.close()
            raise StageError(NOT_CONNECTED, "The stage was closed.")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise StageError(NOT_CONNECTED, "The stage was closed.") from None
        finally:
            future.cancel()

    subscribe = _subscribing(Stage.subscribe)
    query = _blocking(Stage.query)
    command = _blocking(Stage.command)
    info = _blocking(Stage.info)
    runs = _blocking(Stage.runs)
    run = _blocking(Stage.run)
    agents = _blocking(Stage.agents)
    agent = _blocking(Stage.agent)
    belief = _blocking(Stage.belief)
    history = _blocking(Stage.history)
    diff = _blocking(Stage.diff)
    metrics = _blocking(Stage.metrics)
    actors = _blocking(Stage.actors)
    scenarios = _blocking(Stage.scenarios)
    sweeps = _blocking(Stage.sweeps)
    connections = _blocking(Stage.connections)
    start = _blocking(Stage.start)
    pause = _blocking(Stage.pause)
    resume = _blocking(Stage.resume)
    step = _blocking(Stage.step)
    speed = _blocking(Stage.speed)
    stop_run = _blocking(Stage.stop_run)
    checkpoint = _blocking(Stage.checkpoint)
    until = _blocking(Stage.until)
    fork = _blocking(Stage.fork)
    replay = _blocking(Stage.replay)
    seek = _blocking(Stage.seek)
    sweep = _blocking(Stage.sweep)
    stop_sweep = _blocking(Stage.stop_sweep)
    resume_sweep = _blocking(Stage.resume_sweep)
    perturb = _blocking(Stage.perturb)
    stop_agent = _blocking(Stage.stop_agent)
    restart_agent = _blocking(Stage.restart_agent)

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        holding = asyncio.create_task(self._hold())
        await self._leaving.wait()
        holding.cancel()
        await asyncio.wait([holding])

    async def _hold(self) -> None:
        try:
            async with self._opening as stage:
                self._opened.set_result(stage)
                await self._leaving.wait()
        except BaseException as error:
            if not self._opened.done():
                self._opened.set_exception(error)
            raise

    def _close(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._loop.call_soon_threadsafe(self._leaving.set)
            self._thread.join()


def _blocking_face(
    opening: Callable[P, AbstractAsyncContextManager[Stage]],
) -> Callable[P, BlockingStage]:
    def open_stage(*args: P.args, **kwargs: P.kwargs) -> BlockingStage:
        return BlockingStage(opening(*args, **kwargs))

    open_stage.__doc__ = opening.__doc__
    return open_stage


open_stage = _blocking_face(connect)
