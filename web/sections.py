"""The settings by subject: one frozen section each, with every default, unit and meaning of 0."""

import ipaddress
from dataclasses import dataclass

from web.setting import SettingError, check, setting

ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA")


@dataclass(frozen=True)
class ServerSettings:
    """Where the server listens, and who may come."""

    host: str = setting("127.0.0.1", "address to listen at; 0.0.0.0 is every one of the machine")
    port: int = setting(8000, "port to listen at; 0 takes a free one", minimum=0, maximum=65535)
    processes: int = setting(
        1,
        "processes that serve the port together, viewers spread over them; 0: one for each core",
        minimum=0,
        maximum=64,
    )
    endpoint: str = setting(
        "/api/v1/ws", "path of the WebSocket; those of demo and dev are below it", starts="/"
    )
    compression: bool = setting(True, "whether permessage-deflate is negotiated")
    origins: tuple[str, ...] = setting(
        (),
        "origins of other hosts' pages that may connect, such as https://lab.example",
        starts="http",
    )
    hosts: tuple[str, ...] = setting(
        (),
        "names by which the server is called besides the machine's own and addresses; * is any",
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), "addresses or networks of proxies whose X-Forwarded-For names the client"
    )
    handshake_timeout: float = setting(
        10.0, "seconds within which a request must be said; idle connections end too", above=0
    )
    handshakes: int = setting(
        1000, "connections that have not said their request; beyond, the oldest ends", minimum=0
    )
    shutdown_deadline: float = setting(
        10.0, "seconds within which an orderly end must be done", above=0, maximum=3600
    )

    def __post_init__(self) -> None:
        check(self, "server.")
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                allowed = "a list of IP addresses or networks, such as 10.0.0.0/8"
                raise SettingError("server.trusted_proxies", proxy, allowed) from None


@dataclass(frozen=True)
class AuthSettings:
    """What tokens are asked for and checked against."""

    required: bool = setting(
        True, "whether /ws and /ws/dev need a token; without, anybody may observe and control"
    )
    secret: str = setting(
        "", "signs and checks HS tokens; empty: one is made and kept in data_dir", hidden=True
    )
    algorithms: tuple[str, ...] = setting(
        ("HS256",), "how tokens may be signed", choices=ALGORITHMS
    )
    public_key: str = setting(
        "", "for RS256, ES256, EdDSA: PEM or JWKS, as text or as the path of a file"
    )
    audience: str = setting("stagewatch", "what `aud` must hold")
    issuer: str = setting("stagewatch", "what `iss` must be")
    leeway: float = setting(0.0, "seconds that clocks may differ", minimum=0, maximum=600)
    demo_control: bool = setting(True, "whether visitors of the demo endpoint may control runs")
    token_lifetime: float = setting(
        3600.0, "seconds that a token made here lasts", above=0, maximum=31_536_000
    )

    def __post_init__(self) -> None:
        check(self, "auth.")
        if not self.algorithms:
            raise SettingError("auth.algorithms", [], f"at least one of {', '.join(ALGORITHMS)}")
        if not all(name.startswith("HS") for name in self.algorithms) and not self.public_key:
            raise SettingError(
                "auth.public_key", "", f"a key, since auth.algorithms has {self.algorithms[0]}"
            )


@dataclass(frozen=True)
class LimitSettings:
    """What a client may take; 0 means no limit."""

    connections: int = setting(1000, "connections in all", minimum=0)
    connections_per_user: int = setting(20, "connections of one user", minimum=0)
    connections_per_ip: int = setting(50, "connections of one address", minimum=0)
    messages_per_connection: int = setting(100, "messages of one connection in a window", minimum=0)
    messages_per_user: int = setting(300, "messages of one user in a window", minimum=0)
    messages_per_ip: int = setting(1000, "messages of one address in a window", minimum=0)
    window: float = setting(60.0, "seconds of that window", above=0)
    message_bytes: int = setting(65_536, "bytes of one message", minimum=0)
    worker_message_bytes: int = setting(16_777_216, "bytes of one message of a worker", minimum=0)
    patterns: int = setting(32, "patterns that one connection is subscribed to", minimum=0)
    queue_bytes: int = setting(
        1_048_576, "bytes of events that wait for one slow client", minimum=0
    )
    queue_bytes_in_all: int = setting(
        268_435_456, "bytes of events that wait for all slow clients together", minimum=0
    )
    request_timeout: float = setting(
        10.0, "seconds until a query or command is answered with TIMEOUT", minimum=0
    )

    def __post_init__(self) -> None:
        check(self, "limits.")


@dataclass(frozen=True)
class HeartbeatSettings:
    """How the server notices that a client is gone."""

    interval: float = setting(25.0, "seconds of silence after which it is pinged", above=0)
    timeout: float = setting(60.0, "seconds of silence after which it is closed", above=0)

    def __post_init__(self) -> None:
        check(self, "heartbeat.")
        if self.timeout <= self.interval:
            raise SettingError(
                "heartbeat.timeout", self.timeout, f"more than the interval ({self.interval:g} s)"
            )


@dataclass(frozen=True)
class HistorySettings:
    """How much the server remembers of what it passed on."""

    events: int = setting(600, "events of one topic", minimum=1)
    topic_bytes: int = setting(8_388_608, "bytes of one topic", minimum=1024)
    bytes: int = setting(268_435_456, "bytes in all", minimum=1024)
    topics: int = setting(20_000, "topics", minimum=10)

    def __post_init__(self) -> None:
        check(self, "history.")


@dataclass(frozen=True)
class WorkerSettings:
    """The processes that runs live in."""

    orphan_grace: float = setting(
        30.0, "seconds that a run goes on without a server before it is put to rest", minimum=0
    )
    hang_timeout: float = setting(
        15.0, "seconds without a sign of life after which a worker is killed", above=0
    )
    restarts: int = setting(5, "restarts within the window before a run is given up", minimum=0)
    restart_window: float = setting(60.0, "seconds of that window", above=0)
    backoff: float = setting(0.2, "seconds before the first restart; each doubles it", minimum=0)
    backoff_most: float = setting(10.0, "seconds before a restart at most", minimum=0)
    runs: int = setting(16, "runs at a time", minimum=1)
    watched_agents: int = setting(1000, "agents of a run that are told one by one", minimum=1)
    stop_timeout: float = setting(5.0, "seconds that a worker has to end in order", above=0)

    def __post_init__(self) -> None:
        check(self, "workers.")


@dataclass(frozen=True)
class RecordingSettings:
    """What is written of a run, and when."""

    checkpoint_ticks: int = setting(100, "ticks between checkpoints", minimum=1)
    batch_seconds: float = setting(0.5, "seconds of events in one transaction", above=0)
    max_bytes: int = setting(
        2_147_483_648, "bytes after which a record keeps no more columns", minimum=65_536
    )
    keep_days: float = setting(
        0.0, "days after which the record of a run that is over is removed; 0: never", minimum=0
    )
    keep_bytes: int = setting(
        0, "bytes of all records beyond which the oldest that are over go; 0: no bound", minimum=0
    )

    def __post_init__(self) -> None:
        check(self, "recording.")


@dataclass(frozen=True)
class LogSettings:
    """What the program says on standard error."""

    level: str = setting("info", "least severity", choices=("debug", "info", "warning", "error"))

    def __post_init__(self) -> None:
        check(self, "log.")
