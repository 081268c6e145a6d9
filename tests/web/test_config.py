"""Settings: their order of precedence, and what is said about a wrong one."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from web.config import ConfigFileError, Settings, as_flags, keys, load
from web.setting import SettingError, UnknownSetting

CONFIG = Path(__file__).parents[2] / "config.yaml"


def a_file(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_the_file_that_comes_with_it_says_every_default() -> None:
    assert load(CONFIG) == Settings()


def test_the_file_that_comes_with_it_names_and_explains_every_setting() -> None:
    lines = CONFIG.read_text().splitlines()
    explained: dict[str, str] = {}
    section = ""
    for line in lines:
        name, _, comment = line.partition("#")
        if name.strip().endswith(":"):
            section = name.strip()
        elif name.strip():
            prefix = section.replace(":", ".") if name.startswith(" ") else ""
            explained[prefix + name.partition(":")[0].strip()] = comment.strip()

    texts = {
        key: next(f for f in dataclasses.fields(kind) if f.name == key.rpartition(".")[2])
        for key, kind in keys().items()
    }

    assert explained == {key: field.metadata["text"] for key, field in texts.items()}


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(
    tmp_path: Path,
) -> None:
    file = a_file(tmp_path, "server: {port: 1}\nlimits: {connections: 1, patterns: 1}\n")
    environment = {"STAGEWATCH_SERVER__PORT": "2", "STAGEWATCH_LIMITS__PATTERNS": "2"}

    settings = load(file, environment, {"server.port": 3})

    assert settings.server.port == 3
    assert settings.limits.patterns == 2
    assert settings.limits.connections == 1
    assert settings.limits.connections_per_ip == 50


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("WS_AUTH_REQUIRED", "false", "auth.required", False),
        ("WS_ENDPOINT", "/socket", "server.endpoint", "/socket"),
        ("WS_MAX_CONNECTIONS", "7", "limits.connections", 7),
        ("STAGEWATCH_MODE", "dev", "mode", "dev"),
        ("STAGEWATCH_DATA_DIR", "/tmp/x", "data_dir", Path("/tmp/x")),
        ("STAGEWATCH_AUTH__ALGORITHMS", "HS256, HS512", "auth.algorithms", ("HS256", "HS512")),
        ("STAGEWATCH_WORKERS__BACKOFF", "0.5", "workers.backoff", 0.5),
        ("STAGEWATCH_SERVER__ORIGINS", "", "server.origins", ()),
    ],
)
def test_the_environment_sets(name: str, text: str, key: str, value: object) -> None:
    found: Any = load(None, {name: text})

    for part in key.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (
            "limits.connections",
            -1,
            "`limits.connections` is -1 (from the command line); allowed: a",
        ),
        ("server.port", 70_000, "allowed: a whole number from 0 to 65535"),
        ("server.port", True, "`server.port` is True"),
        ("mode", "demon", "allowed: one of demo, dev, prod"),
        ("auth.algorithms", ["none"], "each item one of HS256"),
        ("auth.algorithms", [], "at least one of"),
        ("auth.algorithms", ["RS256"], "`auth.public_key` is ''"),
        ("server.endpoint", "ws", "text that begins with /"),
        ("heartbeat.timeout", 3, "more than the interval (25 s)"),
        ("workers.hang_timeout", float("nan"), "a number above 0"),
        ("log.level", "loud", "one of debug, info, warning, error"),
        ("history.events", "many", "a whole number, 1 or more"),
    ],
)
def test_a_wrong_value_is_one_line_with_key_value_and_what_is_allowed(
    key: str, value: object, says: str
) -> None:
    with pytest.raises(SettingError) as refused:
        load(None, {}, {key: value})

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("file", "environment", "says"),
    [
        ("limits: {conections: 5}", {}, "did you mean `limits.connections`?"),
        ("limit: {connections: 5}", {}, "did you mean `limits.connections`?"),
        ("Mode: demo", {}, "did you mean `mode`?"),
        ("", {"STAGEWATCH_SERVER__PROT": "1"}, "the environment's STAGEWATCH_SERVER__PROT"),
        ("", {"STAGEWATCH_PORT": "1"}, "did you mean `server.port`?"),
    ],
)
def test_an_unknown_setting_is_refused_with_a_suggestion(
    tmp_path: Path, file: str, environment: dict[str, str], says: str
) -> None:
    with pytest.raises(UnknownSetting) as refused:
        load(a_file(tmp_path, file), environment)

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "server: 5", "\x00"])
def test_a_file_that_is_no_map_of_settings_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises((ConfigFileError, UnknownSetting, SettingError)) as refused:
        load(a_file(tmp_path, text))

    assert "\n" not in str(refused.value)


def test_a_file_that_is_absent_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"none\.yaml cannot be read: .*No such file"):
        load(tmp_path / "none.yaml")


def test_an_empty_file_or_section_changes_nothing(tmp_path: Path) -> None:
    assert load(a_file(tmp_path, "")) == Settings()
    assert load(a_file(tmp_path, "limits:\nmode:\n")) == Settings()


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_prod_refuses_a_default_or_short_secret_and_does_not_repeat_it(secret: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(None, {"STAGEWATCH_AUTH__SECRET": secret}, {"mode": "prod"})

    assert "at least 32 bytes" in str(refused.value)
    assert not secret or secret not in str(refused.value)


def test_prod_takes_a_long_secret_and_never_goes_without_tokens() -> None:
    environment = {"STAGEWATCH_AUTH__SECRET": "x" * 32, "STAGEWATCH_MODE": "prod"}

    assert load(None, environment).mode == "prod"
    with pytest.raises(SettingError, match="true, since mode is prod"):
        load(None, {**environment, "WS_AUTH_REQUIRED": "no"})


def test_a_secret_of_the_wrong_type_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        load(a_file(tmp_path, "auth: {secret: 123456789}"))

    assert "123456789" not in str(refused.value)


def test_the_secret_is_not_in_the_settings_text() -> None:
    settings = load(None, {"STAGEWATCH_AUTH__SECRET": "very-secret-indeed"})

    assert "very-secret-indeed" not in repr(settings)


def test_settings_survive_the_way_to_another_process() -> None:
    settings = load(
        None,
        {
            "STAGEWATCH_SERVER__ORIGINS": "https://lab.example,https://b.example",
            "STAGEWATCH_AUTH__SECRET": "s" * 40,
            "STAGEWATCH_LIMITS__WINDOW": "2.5",
            "STAGEWATCH_DATA_DIR": "elsewhere",
            "STAGEWATCH_SERVER__COMPRESSION": "no",
        },
    )

    there = load(flags=json.loads(json.dumps(as_flags(settings))))

    assert there == settings
