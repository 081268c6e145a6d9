"""A supervisor with players, and what a test wants to know of them."""

from collections.abc import Callable
from typing import Any

from actors.child import Child
from actors.facts import Fact
from actors.loop import LoopActor
from actors.reference import PlacedRef
from actors.restart import Restart
from actors.runtime import Runtime
from actors.supervisor import Supervisor
from tests.actors.players import Diary, LoopPlayer, Player
from tests.settle import settle


def child(
    name: str,
    diary: Diary,
    kind: type[Player] = LoopPlayer,
    restart: Restart = Restart.PERMANENT,
    **options: Any,
) -> Child:
    """A player that writes into the diary under its name."""
    return Child(name, (kind, (diary, name), {}), restart, **options)


class Listener(LoopActor):
    """Keeps what it is told."""

    def __init__(self, told: list[Any]) -> None:
        self._told = told

    def on_receive(self, message: Any) -> None:
        self._told.append(message)


class Troupe:
    """A supervisor named `top`, settled, and the facts that were told since."""

    def __init__(self, runtime: Runtime, *children: Child, **options: Any) -> None:
        self.facts: list[Fact] = []
        runtime.facts.listen(self.facts.append)
        options = {"name": "top", "random": lambda: 0.0, **options}
        self.ref = Supervisor.start(children, **options)

    def __getitem__(self, name: str) -> PlacedRef[Any]:
        ref: PlacedRef[Any] = (self.ref.children or {})[name].ref
        return ref

    @property
    def names(self) -> list[str]:
        return list(self.ref.children or {})

    def kinds(self, name: str) -> list[str]:
        """The classes of the facts about a child."""
        return [type(fact).__name__ for fact in self.facts if fact.name == name]

    async def ask(self, message: object) -> Any:
        return await self.ref.ask(message, block=False)

    async def fail(self, name: str) -> None:
        """Have a child fail, and wait until that was dealt with."""
        self[name].tell(ValueError("bad"))
        await settle()


def fails_first(times: int, error: Exception) -> Callable[[], None]:
    """A function that fails the first few times that it is called."""
    left = [times]

    def step() -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return step
