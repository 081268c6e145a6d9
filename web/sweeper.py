"""One sweep over all connections: pings idle ones, ends silent ones, and ends tokens in time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from actors.loop import LoopActor
from actors.mailbox import Mailbox
from web.notices import FellBehind, TokenEnds
from web.pool import Member, Pool

SWEEP_SECONDS = 1.0
WARNING_SECONDS = 30.0  # before the end of a token


class HeartbeatSettings(Protocol):
    """Seconds of silence after which a client is pinged, and after which it counts as gone."""

    @property
    def interval(self) -> float: ...
    @property
    def timeout(self) -> float: ...


@dataclass(frozen=True, slots=True)
class _Sweep:
    """Time to look."""


class Sweeper(LoopActor):
    """Looks at every connection once a second. `wall_time` in seconds since 1970."""

    def __init__(
        self, pool: Pool, heartbeat: HeartbeatSettings, wall_time: Callable[[], float]
    ) -> None:
        super().__init__()
        self._pool = pool
        self._heartbeat = heartbeat
        self._wall_time = wall_time

    def on_start(self) -> None:
        self.every(min(SWEEP_SECONDS, self._heartbeat.interval / 2), _Sweep())

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Sweep():
                now, wall_time = self.runtime.clock.now(), self._wall_time()
                for member in self._pool:
                    self._check_life(member, now)
                    self._check_token(member, wall_time)
                return None
            case _:
                return super().on_receive(message)

    def _check_life(self, member: Member, now: float) -> None:
        line = member.line
        silence = now - line.heard_at
        if silence >= self._heartbeat.timeout:
            line.lose("no sign of life")
        elif (
            silence >= self._heartbeat.interval and now - line.pinged_at >= self._heartbeat.interval
        ):
            line.write_ping(b"")
        line.look()
        connection = member.connection
        if connection is not None and cast("Mailbox", connection.actor_inbox).dropped:
            connection.tell(FellBehind())

    def _check_token(self, member: Member, wall_time: float) -> None:
        expires_at, connection = member.identity.expires_at, member.connection
        if expires_at is None or connection is None:
            return
        left = expires_at - wall_time
        if left <= 0:
            connection.tell(TokenEnds(0.0))
        elif left <= WARNING_SECONDS and not member.warned:
            member.warned = True
            connection.tell(TokenEnds(left))
