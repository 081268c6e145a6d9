"""All settings: defaults < config.yaml < environment < flags. A wrong one is one clear line."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from web.sections import (
    AuthSettings,
    HeartbeatSettings,
    HistorySettings,
    LimitSettings,
    LogSettings,
    RecordingSettings,
    ServerSettings,
    WorkerSettings,
)
from web.setting import SettingError, UnknownSetting, check, read, setting

DEMO, DEV, PROD = "demo", "dev", "prod"
SHORTEST_SECRET = 32  # bytes, in prod
PREFIX = "STAGEWATCH_"
SHORT_NAMES = {
    "WS_AUTH_REQUIRED": "auth.required",
    "WS_ENDPOINT": "server.endpoint",
    "WS_MAX_CONNECTIONS": "limits.connections",
}


@dataclass(frozen=True)
class Settings:
    """Everything that can be set."""

    mode: str = setting(DEMO, "who it is for: demo, dev or prod", choices=(DEMO, DEV, PROD))
    data_dir: Path = setting(  # noqa: RUF009 - a Path does not change
        Path("data"), "folder of the runs' records and of the kept secret"
    )
    scenarios: tuple[str, ...] = setting(
        (), "scenarios of your own, such as mine.py:Mine, besides those that --run names"
    )
    server: ServerSettings = field(default_factory=ServerSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    heartbeat: HeartbeatSettings = field(default_factory=HeartbeatSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    workers: WorkerSettings = field(default_factory=WorkerSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    log: LogSettings = field(default_factory=LogSettings)

    def __post_init__(self) -> None:
        check(self, "")
        if self.mode == PROD:
            self._check_for_prod()

    def _check_for_prod(self) -> None:
        if not self.auth.required:
            raise SettingError("auth.required", False, "true, since mode is prod")
        is_signed_here = any(name.startswith("HS") for name in self.auth.algorithms)
        if is_signed_here and len(self.auth.secret.encode()) < SHORTEST_SECRET:
            raise SettingError(
                "auth.secret",
                "(hidden)" if self.auth.secret else "",
                f"at least {SHORTEST_SECRET} bytes of your own, since mode is prod",
            )


_ALONE = tuple(own.name for own in dataclasses.fields(Settings) if "text" in own.metadata)


class ConfigFileError(Exception):
    """The file of settings cannot be read; the text is one line."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The settings in {path} cannot be read: {' '.join(reason.split())}")
        self.path = path


def sections() -> dict[str, type[Any]]:
    """The sections by name."""
    kinds: dict[str, type[Any]] = get_type_hints(Settings)
    return {name: kind for name, kind in kinds.items() if "__dataclass_fields__" in vars(kind)}


def keys() -> dict[str, type[Any]]:
    """Every setting's path, such as `limits.connections`, and the section that it stands in."""
    found: dict[str, type[Any]] = dict.fromkeys(_ALONE, Settings)
    for name, kind in sections().items():
        found.update({f"{name}.{own.name}": kind for own in dataclasses.fields(kind)})
    return found


def as_flags(settings: Settings) -> dict[str, object]:
    """The settings by path, for `load` in another process."""
    found: dict[str, object] = {name: getattr(settings, name) for name in _ALONE}
    found["data_dir"] = str(settings.data_dir)
    for name in sections():
        own = dataclasses.asdict(getattr(settings, name))
        found.update({f"{name}.{key}": value for key, value in own.items()})
    return found


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """The settings from all sources; `flags` by path. Raises SettingError, UnknownSetting and
    ConfigFileError, all of one line."""
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    known = keys()
    layers: Iterable[tuple[str, object, str, bool]] = (
        *(_of_file(file) if file is not None else ()),
        *_of_environment(environment or {}),
        *((key, value, "the command line", False) for key, value in (flags or {}).items()),
    )
    for key, value, source, is_text in layers:
        if key not in known:
            raise UnknownSetting(key, known, source)
        values[key] = read(known[key], key.rpartition(".")[2], value, is_text=is_text)
        sources[key] = source
    try:
        return _assemble(values)
    except SettingError as error:
        source = sources.get(error.key, "")
        raise SettingError(error.key, error.value, error.allowed, source) from None


def _assemble(values: Mapping[str, object]) -> Settings:
    arguments: dict[str, Any] = {key: v for key, v in values.items() if "." not in key}
    for name, kind in sections().items():
        own = {key.partition(".")[2]: v for key, v in values.items() if key.startswith(f"{name}.")}
        arguments[name] = kind(**own)
    return Settings(**arguments)


def _of_file(path: Path) -> Iterable[tuple[str, object, str, bool]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigFileError(path, str(error)) from None
    if content is not None and not isinstance(content, dict):
        raise ConfigFileError(path, "it is not a map of settings")
    for name, value in (content or {}).items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", own, str(path), False) for key, own in value.items())
        elif value is not None or (name not in keys() and name not in sections()):
            yield str(name), value, str(path), False


def _of_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, object, str, bool]]:
    for name, key in SHORT_NAMES.items():
        if name in environment:
            yield key, environment[name], f"the environment's {name}", True
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX).lower().replace("__", ".")
            yield key, value, f"the environment's {name}", True
