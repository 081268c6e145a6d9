"""The keys of tokens: those that are given, or one made once and kept beside the runs."""

import contextlib
import dataclasses
import os
import secrets
import tempfile
from pathlib import Path

from web.config import SHORTEST_SECRET, Settings
from web.keys import UNUSABLE, check_kinds, read_keys
from web.sections import AuthSettings
from web.setting import SettingError

NAME = "secret"
_OWN_ALGORITHM = "HS256"


class DataFolderError(Exception):
    """The data folder cannot be used; the text is one line."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(f"`data_dir` is '{path}', which cannot be written to: {reason}")
        self.path = path


def prepare(data_dir: Path) -> None:
    """Makes the data folder if it is not there; raises DataFolderError where it is of no use."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        raise DataFolderError(data_dir, error) from None


def kept_secret(data_dir: Path) -> str:
    """The secret that is kept in the data folder, readable by its owner alone; made if absent."""
    path = data_dir / NAME
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="utf-8").strip()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise DataFolderError(path, error) from None
    if len(text.encode()) < SHORTEST_SECRET:
        raise SettingError(str(path), "(hidden)", f"a file of at least {SHORTEST_SECRET} bytes")
    return text


def _make(path: Path) -> None:
    """Two servers that start at once end up with the same one: the first link wins."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()


def keys_of(settings: Settings) -> AuthSettings:
    """The section `auth` with its secret in place, and its public keys looked at, so that wrong
    ones are told at the start.

    Tokens for workers are the server's own and always signed with the secret, so that HS256 is
    among the algorithms even where only a public key is configured; the secret is then the kept
    one, which nobody else knows.
    """
    auth = settings.auth
    is_signed_here = any(name.startswith("HS") for name in auth.algorithms)
    secret = auth.secret if is_signed_here else ""
    try:
        check_kinds(read_keys(auth.public_key), auth.algorithms)
    except UNUSABLE as error:
        raise _wrong_key(auth.public_key, error) from None
    return dataclasses.replace(
        auth,
        secret=secret or kept_secret(settings.data_dir),
        algorithms=auth.algorithms if is_signed_here else (*auth.algorithms, _OWN_ALGORITHM),
    )


def _wrong_key(value: str, error: Exception) -> SettingError:
    reason = " ".join(str(error).split())[:200]
    return SettingError(
        "auth.public_key", value, f"PEM, JWKS, or the path of a file with it ({reason})"
    )
