"""Commands that go back in recorded runs: fork, replay, seek; and the comparison of two."""

import secrets
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from actors.topics import Pattern, covers
from web.auth import Identity
from web.comparison import Comparison
from web.errors import CONFLICT, NOT_FOUND, PERMISSION_DENIED, Refusal
from web.launch import ForkOf, ReplayOf
from web.messages import now
from web.requests import CompareRuns, ForkRun, ReplayRun, SeekTick
from web.run_folder import REPLAY
from web.run_services import RunServices
from web.runs import RunEntry


class TimeServices:
    """Begins runs through `runs`; `data_dir` has the records."""

    def __init__(self, runs: RunServices, data_dir: Path) -> None:
        self._runs = runs
        self._data_dir = data_dir
        self._comparison = Comparison(data_dir)

    async def fork(self, params: ForkRun, by: str) -> RunEntry:
        """A run that goes on from a tick of another. Raises Refusal."""
        source = self._recorded(params.run)
        first, last = self._span(source)
        _check(params.tick, first - 1, last)
        wanted = self._runs.checked(
            source.scenario, {**source.params, **params.params}, source.source
        )
        change: dict[str, Any] = {} if params.perturb is None else to_builtins(params.perturb)
        folder = str(self._data_dir / source.run)
        fork = ForkOf(folder, params.tick, params.params, params.seed, change, by)

        def entry(run: str) -> RunEntry:
            seed = source.seed if params.seed is None else params.seed
            made = RunEntry(run, source.scenario, wanted, seed, secrets.token_hex(4), now())
            made.fork, made.parent = fork, (source.run, params.tick)
            made.source = source.source
            made.tick = params.tick
            return made

        return await self._runs.begin(source.scenario, entry)

    async def replay(self, params: ReplayRun) -> RunEntry:
        """A run that makes a recorded one's ticks again. Raises Refusal."""
        source = self._recorded(params.run)
        first, last = self._span(source)
        tick = first if params.tick is None else params.tick
        _check(tick, first, last)
        replay = ReplayOf(str(self._data_dir / source.run), tick)

        def entry(run: str) -> RunEntry:
            epoch = secrets.token_hex(4)
            made = RunEntry(run, source.scenario, source.params, source.seed, epoch, now())
            made.source = source.source
            made.replay, made.replays, made.speed = replay, (source.run, first), params.hz
            return made

        return await self._runs.begin(REPLAY, entry)

    async def seek(self, params: SeekTick, by: str) -> object:
        """Has a replay go to a tick. Raises Refusal."""
        entry = self._runs.known(params.run)
        if entry.replays is not None:
            source = self._runs.known(entry.replays[0])
            _check(params.tick, *self._span(source))
        return await self._runs.ask("command", "run.seek", params, by)

    async def diff(self, params: CompareRuns, identity: Identity) -> object:
        """Where two recorded runs part. Raises Refusal."""
        topic = f"run.{params.other}.agents"
        if not covers(identity.topics, Pattern.parse(topic)):
            raise Refusal(
                PERMISSION_DENIED,
                what=f"reading {params.other}",
                missing=f"the topic {topic}",
                topic=topic,
            )
        one, two = (self._recorded(run).run for run in (params.run, params.other))
        return await self._comparison.of(one, two)

    def _recorded(self, run: str) -> RunEntry:
        """The run itself, or the one that it shows again."""
        entry = self._runs.known(run)
        if entry.replays is not None:
            entry = self._runs.known(entry.replays[0])
        if not entry.tick:
            raise Refusal(CONFLICT, reason=f"{entry.run} has made no tick yet")
        return entry

    def _span(self, entry: RunEntry) -> tuple[int, int]:
        first = 1 if entry.parent is None else entry.parent[1] + 1
        return first, entry.tick


def _check(tick: int, first: int, last: int) -> None:
    if not first <= tick <= last:
        raise Refusal(NOT_FOUND, what="tick", name=str(tick), first=first, last=last)
