"""The public keys that tokens are checked with: PEM or JWKS, as text or in a file, which may change
while the server runs."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

log = logging.getLogger(__name__)
_MOST_BYTES = 65_536
_LOOK_AFTER = 1.0  # seconds between looks at the file
_KINDS: Mapping[str, tuple[Any, ...]] = {
    "RS256": (rsa.RSAPublicKey,),
    "ES256": (ec.EllipticCurvePublicKey,),
    "EdDSA": (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey),
}
_ES256_CURVE = "secp256r1"
_LEAST_RSA = 2048  # bits

# What reading keys raises where they are of no use.
UNUSABLE = (OSError, ValueError, TypeError, jwt.PyJWTError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`kid` and `algorithm` are None where the key does not say."""

    kid: str | None
    algorithm: str | None
    key: Any

    def fits(self, algorithm: str) -> bool:
        """Whether a signature of this kind may be checked with it."""
        if self.algorithm not in (None, algorithm) or not isinstance(self.key, _KINDS[algorithm]):
            return False
        return algorithm != "ES256" or bool(self.key.curve.name == _ES256_CURVE)


class PublicKeys:
    """Finds the key for a token. A file is read again when it has changed, at most once a second;
    one that is of no use is told in the log, and the keys from before stay."""

    def __init__(self, source: str, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._path = Path(source) if is_path(source) else None
        self._mark = self._seen()
        self._looked_at = now()
        self._keys = read_keys(source)

    def find(self, algorithm: str, kid: object) -> Any:
        """The one with this id; without an id the only one of its kind. None: there is none."""
        self._look()
        fitting = [key for key in self._keys if key.fits(algorithm)]
        named = [key for key in fitting if key.kid is not None and key.kid == kid]
        if named:
            return named[0].key
        if len(fitting) == 1 and (kid is None or fitting[0].kid is None):
            return fitting[0].key
        return None

    def _look(self) -> None:
        if self._path is None or self._now() - self._looked_at < _LOOK_AFTER:
            return
        self._looked_at = self._now()
        mark = self._seen()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._keys = read_keys(str(self._path))
        except UNUSABLE as error:
            log.error(  # noqa: TRY400 - what is wrong is the file, not the code
                "The keys in %s cannot be read (%s); those from before stay",
                self._path,
                type(error).__name__,
            )

    def _seen(self) -> tuple[int, int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def is_path(source: str) -> bool:
    """Whether it names a file rather than holding keys itself."""
    return bool(source) and not source.lstrip().startswith(("{", "-----BEGIN"))


def read_keys(source: str) -> list[PublicKey]:
    """All keys of the text, or of the file that it names; raises one of UNUSABLE."""
    text = source
    if is_path(source):
        with Path(source).open(encoding="utf-8") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ValueError(f"the file has more than {_MOST_BYTES} characters")
    if not text:
        return []
    keys = _of_set(text) if text.lstrip().startswith("{") else [_of_pem(text)]
    for key in keys:
        if isinstance(key.key, rsa.RSAPublicKey) and key.key.key_size < _LEAST_RSA:
            raise ValueError(f"an RSA key has {key.key.key_size} bits; {_LEAST_RSA} are the least")
    return keys


def check_kinds(keys: Sequence[PublicKey], algorithms: Sequence[str]) -> None:
    """Raises ValueError where an algorithm has no key."""
    for algorithm in algorithms:
        if algorithm in _KINDS and not any(key.fits(algorithm) for key in keys):
            raise ValueError(f"there is no key for {algorithm}")


def _of_pem(text: str) -> PublicKey:
    return PublicKey(None, None, load_pem_public_key(text.encode()))


def _of_set(text: str) -> list[PublicKey]:
    """Keys that are not for signatures are left out; private and shared ones are refused."""
    listed = json.loads(text).get("keys")
    if not isinstance(listed, list):
        raise ValueError("it has no list of `keys`")  # noqa: TRY004 - as all that is wrong here
    found = []
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("kty") == "oct" or "d" in entry:
            raise ValueError("it holds something else than public keys")
        if entry.get("use", "sig") == "sig":
            found.append(PublicKey(entry.get("kid"), entry.get("alg"), jwt.PyJWK(entry).key))
    return found
