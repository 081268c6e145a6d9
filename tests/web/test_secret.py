"""The keys of tokens: where they come from, and who can read them."""

import stat
from pathlib import Path

import pytest

from web.auth import Authenticator
from web.config import Settings, load
from web.secret import DataFolderError, kept_secret, keys_of, prepare
from web.sections import AuthSettings
from web.setting import SettingError

PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


def settings_in(data_dir: Path, **auth: object) -> Settings:
    return load(None, {}, {"data_dir": data_dir, **{f"auth.{k}": v for k, v in auth.items()}})


def test_the_kept_secret_is_made_once_long_and_for_its_owner_alone(tmp_path: Path) -> None:
    one = kept_secret(tmp_path)

    assert kept_secret(tmp_path) == one
    assert len(one) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_secret_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)

    assert kept_secret(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_kept_secret_that_is_too_short_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")

    with pytest.raises(SettingError) as refused:
        kept_secret(tmp_path)

    assert "at least 32 bytes" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_secret_of_the_settings_goes_before_the_kept_one(tmp_path: Path) -> None:
    assert keys_of(settings_in(tmp_path, secret="x" * 40)).secret == "x" * 40
    assert not (tmp_path / "secret").exists()


def test_with_a_public_key_alone_the_servers_own_tokens_are_signed_with_the_kept_secret(
    tmp_path: Path,
) -> None:
    settings = settings_in(tmp_path, algorithms=["EdDSA"], public_key=PUBLIC_KEY, secret="x" * 40)

    keys = keys_of(settings)

    assert keys.algorithms == ("EdDSA", "HS256")
    assert keys.secret == kept_secret(tmp_path)
    token = Authenticator(keys).issue("worker:r", ["publish"])
    assert Authenticator(keys).verify(token).user == "worker:r"


def test_a_public_key_may_be_the_path_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(PUBLIC_KEY)

    keys = keys_of(settings_in(tmp_path, public_key=str(path)))

    # The path stays, since the file may change while the server runs.
    assert keys.public_key == str(path)


@pytest.mark.parametrize("key", ["/none.pem", "-----BEGIN nonsense", "{}", '{"keys": 3}', "\0"])
def test_a_public_key_that_is_none_is_one_line(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingError, match="PEM, JWKS, or the path of a file") as refused:
        keys_of(settings_in(tmp_path, public_key=key))

    assert "\n" not in str(refused.value)


def test_a_data_folder_is_made_or_refused_with_its_path(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")
    (tmp_path / "file").touch()

    assert (tmp_path / "a" / "b").is_dir()
    with pytest.raises(DataFolderError, match="file', which cannot be written to: "):
        prepare(tmp_path / "file")


def test_a_section_of_keys_shows_no_secret() -> None:
    assert "hunter2" not in repr(AuthSettings(secret="hunter2"))
