"""Who a token speaks for: JWTs are made and checked here, and nowhere else."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jwt
from jwt.exceptions import InvalidSubjectError

from actors.topics import EVERYTHING, InvalidTopic, Pattern
from web.errors import AUTHENTICATION_FAILED, TOKEN_EXPIRED, Refusal
from web.keys import PublicKeys
from web.requests import CONTROL, OBSERVE, PUBLISH, SCOPES

_LONGEST_TOKEN = 8192  # characters
_MOST_PATTERNS = 32
_LONGEST_NAME = 256


class AuthSettings(Protocol):
    """What tokens are checked against; `public_key` is PEM or JWKS, as text or a path."""

    @property
    def secret(self) -> str: ...
    @property
    def algorithms(self) -> Sequence[str]: ...
    @property
    def public_key(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def leeway(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a connection belongs to. `expires_at` is in seconds since 1970; None: never. Anonymous
    ones share a name and no limit by user."""

    user: str
    scopes: frozenset[str]
    topics: tuple[Pattern, ...] = (EVERYTHING,)
    expires_at: float | None = None
    is_anonymous: bool = False

    @property
    def is_worker(self) -> bool:
        """Whether it may publish."""
        return PUBLISH in self.scopes


def anonymous(*, control: bool) -> Identity:
    """Who comes without a token where none is asked for."""
    scopes = frozenset((OBSERVE, CONTROL) if control else (OBSERVE,))
    return Identity("anonymous", scopes, is_anonymous=True)


class Authenticator:
    """Checks tokens by the config's algorithms and keys only, whatever the token's header says."""

    def __init__(self, settings: AuthSettings, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._algorithms = tuple(settings.algorithms)
        self._is_secret_only = all(name.startswith("HS") for name in self._algorithms)
        self._public_keys = PublicKeys(settings.public_key)
        self.now = now

    def verify(self, token: str) -> Identity:
        """Whom the token speaks for; raises Refusal, whose text never repeats the token."""
        claims = self._claims(token)
        return Identity(
            user=_name(claims["sub"]),
            scopes=_scopes(claims.get("scopes", [])),
            topics=_topics(claims.get("topics")),
            expires_at=float(claims["exp"]) + self._settings.leeway,
        )

    def issue(
        self,
        subject: str,
        scopes: Sequence[str],
        topics: Sequence[str] = (">",),
        lifetime: float = 3600,
    ) -> str:
        """A token signed with the secret, valid for `lifetime` seconds. Needs an HS algorithm."""
        issued = self.now()
        claims = {
            "sub": subject,
            "iat": int(issued),
            "exp": int(issued + lifetime),
            "aud": self._settings.audience,
            "iss": self._settings.issuer,
            "scopes": list(scopes),
            "topics": list(topics),
        }
        algorithm = next((name for name in self._algorithms if name.startswith("HS")), "HS256")
        return jwt.encode(claims, self._settings.secret, algorithm=algorithm)

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST_TOKEN:
            raise _failed("it is too long")
        try:
            key, algorithms = self._key(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway,
                options={"require": ["sub", "exp", "iat", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError:
            raise Refusal(TOKEN_EXPIRED) from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _failed(_REASONS.get(type(error), "it is malformed")) from None
        return claims

    def _key(self, token: str) -> tuple[Any, list[str]]:
        """The configured key, and the algorithms that it is for. A token's header only chooses
        among those of the config; with the secret alone there is nothing to choose."""
        if self._is_secret_only:
            return self._settings.secret, list(self._algorithms)
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        if algorithm not in self._algorithms:
            raise _failed(_NOT_ALLOWED)
        if algorithm.startswith("HS"):
            return self._settings.secret, [algorithm]
        key = self._public_keys.find(algorithm, header.get("kid"))
        if key is None:
            raise _failed("no key here fits it")
        return key, [algorithm]


_NOT_ALLOWED = "it is signed in a way that is not allowed here"
_REASONS = {
    jwt.InvalidSignatureError: "its signature is wrong",
    jwt.InvalidAudienceError: "its audience is wrong",
    jwt.InvalidIssuerError: "its issuer is wrong",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidIssuedAtError: "its time of issue is wrong",
    InvalidSubjectError: "its subject is wrong",
    jwt.MissingRequiredClaimError: "a required claim is missing (sub, exp, iat, aud, iss)",
    jwt.InvalidAlgorithmError: "it is signed in a way that is not allowed here",
    jwt.InvalidKeyError: "no key here fits it",
}


def _failed(reason: str) -> Refusal:
    return Refusal(AUTHENTICATION_FAILED, reason=reason)


def _name(subject: str) -> str:
    if not subject or len(subject) > _LONGEST_NAME or not subject.isprintable():
        raise _failed("its subject is wrong")
    return subject


def _scopes(claim: object) -> frozenset[str]:
    if not isinstance(claim, list) or not all(isinstance(scope, str) for scope in claim):
        raise _failed("its scopes are not a list of names")
    scopes = frozenset(claim)
    if not scopes <= SCOPES:
        raise _failed(f"its scopes are not among {', '.join(sorted(SCOPES))}")
    return scopes


def _topics(claim: object) -> tuple[Pattern, ...]:
    if claim is None:
        return (EVERYTHING,)
    if not isinstance(claim, list) or len(claim) > _MOST_PATTERNS:
        raise _failed(f"its topics are not a list of at most {_MOST_PATTERNS} patterns")
    try:
        return tuple(Pattern.parse(text) for text in claim)
    except (InvalidTopic, AttributeError, TypeError):
        raise _failed("its topics are not valid patterns") from None
