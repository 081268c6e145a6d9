"""The commands of the asyncio client, as methods."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from web.client_results import RunState, Sweep, as_kind


class Commands(ABC):
    """Each is answered after it took effect, and raises StageError."""

    @abstractmethod
    async def command(self, name: str, /, **params: object) -> Any:
        """The result of any command."""

    async def start(
        self, scenario: str, params: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> str:
        """The name of a new run."""
        given = {"params": dict(params or {}), "seed": seed}
        return as_kind(str, (await self.command("run.start", scenario=scenario, **given))["run"])

    async def pause(self, run: str) -> RunState:
        """The run makes no more ticks."""
        return as_kind(RunState, await self.command("run.pause", run=run))

    async def resume(self, run: str) -> RunState:
        """It makes ticks again."""
        return as_kind(RunState, await self.command("run.resume", run=run))

    async def step(self, run: str, ticks: int = 1) -> RunState:
        """A paused run makes so many ticks."""
        return as_kind(RunState, await self.command("run.step", run=run, ticks=ticks))

    async def speed(self, run: str, hz: float) -> RunState:
        """Ticks per second; 0 is as fast as it can."""
        return as_kind(RunState, await self.command("run.speed", run=run, hz=hz))

    async def stop_run(self, run: str) -> RunState:
        """The run is over."""
        return as_kind(RunState, await self.command("run.stop", run=run))

    async def checkpoint(self, run: str) -> RunState:
        """Its state is in its record."""
        return as_kind(RunState, await self.command("run.checkpoint", run=run))

    async def until(self, run: str, condition: str) -> RunState:
        """It goes on, and pauses after the tick in which the condition holds; the log event
        `breakpoint` says so."""
        return as_kind(RunState, await self.command("run.until", run=run, condition=condition))

    async def fork(
        self,
        run: str,
        tick: int,
        params: Mapping[str, Any] | None = None,
        *,
        seed: int | None = None,
        perturb: Mapping[str, Any] | None = None,
    ) -> str:
        """The name of a run that goes on after a tick of another: with other parameters, another
        seed, or after a perturbation, such as `{"agent": "*", "precision": 2}`."""
        given = {"params": dict(params or {}), "seed": seed, "perturb": perturb}
        return as_kind(str, (await self.command("run.fork", run=run, tick=tick, **given))["run"])

    async def replay(self, run: str, tick: int | None = None, hz: float | None = None) -> str:
        """The name of a run that makes the ticks of a recorded one again, from a tick or the first
        on; it pauses where the record ends."""
        return as_kind(str, (await self.command("run.replay", run=run, tick=tick, hz=hz))["run"])

    async def seek(self, run: str, tick: int) -> RunState:
        """A replay goes to a tick of the record, and tells it at once."""
        return as_kind(RunState, await self.command("run.seek", run=run, tick=tick))

    async def sweep(
        self,
        scenario: str,
        grid: Mapping[str, Sequence[Any]],
        *,
        params: Mapping[str, Any] | None = None,
        seeds: int = 1,
        ticks: int = 1000,
        every: int = 0,
        workers: int = 1,
    ) -> str:
        """The name of a sweep: runs at every combination of the values, each with as many seeds. It
        tells how far it is on `sweep.<sweep>.progress`."""
        given = {"grid": {name: list(values) for name, values in grid.items()}, "seeds": seeds}
        rest = {"params": dict(params or {}), "ticks": ticks, "every": every, "workers": workers}
        told = await self.command("sweep.start", scenario=scenario, **given, **rest)
        return as_kind(str, told["sweep"])

    async def stop_sweep(self, sweep: str) -> Sweep:
        """It ends; what it made stays."""
        return as_kind(Sweep, await self.command("sweep.stop", sweep=sweep))

    async def resume_sweep(self, sweep: str) -> Sweep:
        """It goes on with what is missing."""
        return as_kind(Sweep, await self.command("sweep.resume", sweep=sweep))

    async def perturb(self, run: str, agent: str | int, change: Mapping[str, Any]) -> RunState:
        """Something is changed before the next tick, as docs/protocol.md has it, such as
        `{"belief": {"context": [0.2, 0.8]}}`; the log event `perturbation` says so."""
        return as_kind(
            RunState, await self.command("agent.perturb", run=run, agent=agent, **change)
        )

    async def stop_agent(self, run: str, agent: str | int) -> RunState:
        """It neither acts nor learns any more."""
        return as_kind(RunState, await self.command("agent.stop", run=run, agent=agent))

    async def restart_agent(self, run: str, agent: str | int) -> RunState:
        """It begins anew."""
        return as_kind(RunState, await self.command("agent.restart", run=run, agent=agent))
