"""Makes tokens on the command line."""

from collections.abc import Sequence

from actors.topics import InvalidTopic, Pattern
from web.auth import Authenticator
from web.config import Settings
from web.requests import SCOPES
from web.secret import keys_of, prepare
from web.setting import SettingError


def token(settings: Settings, name: str, scopes: Sequence[str], topics: Sequence[str]) -> str:
    """A token that this server's sockets accept. Raises SettingError."""
    asked = [scope.strip() for scope in scopes if scope.strip()]
    allowed = ", ".join(sorted(SCOPES))
    for scope in asked:
        if scope not in SCOPES:
            raise SettingError("--scopes", scope, f"any of {allowed}")
    for topic in topics:
        try:
            Pattern.parse(topic)
        except InvalidTopic as error:
            raise SettingError("--topics", topic, f"patterns ({error.reason})") from None
    if not any(algorithm.startswith("HS") for algorithm in settings.auth.algorithms):
        algorithms = list(settings.auth.algorithms)
        raise SettingError("auth.algorithms", algorithms, "one of HS256, HS384, HS512 among them")
    prepare(settings.data_dir)
    authenticator = Authenticator(keys_of(settings))
    return authenticator.issue(name, asked, topics, settings.auth.token_lifetime)
