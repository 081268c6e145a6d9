"""What a request tells before anything is answered: its token and its address; and a log of
requests that leaves the token out."""

import ipaddress
import logging
import re
from collections.abc import Sequence
from types import TracebackType

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

log = logging.getLogger(__name__)
_BEARER = "bearer."
_WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
_LONGEST_CHAIN = 32  # addresses of X-Forwarded-For that are looked at


def token_of(request: HTTPServerRequest) -> str | None:
    """The token, from the query, the Authorization header or the subprotocols, in this order."""
    given = request.query_arguments.get("token")
    if given:
        return given[-1].decode("ascii", errors="replace")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    for offered in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if offered.strip().startswith(_BEARER):
            return offered.strip().removeprefix(_BEARER)
    return None


def address_of(request: HTTPServerRequest, trusted: Sequence[str]) -> str:
    """The client's address. X-Forwarded-For counts only as far as trusted proxies wrote it: its
    last entries, read from the right, up to the first that is no such proxy."""
    address = request.remote_ip or "unknown"
    if not trusted:
        return address
    networks = [ipaddress.ip_network(text, strict=False) for text in trusted]
    told = ",".join(request.headers.get_list("X-Forwarded-For")).split(",")
    for entry in reversed(told[-_LONGEST_CHAIN:]):
        here = _parsed(address)
        if here is None or not any(here in network for network in networks):
            break
        there = _parsed(entry.strip())
        if there is None:
            break
        address = str(there)
    return address


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Proxies write `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`; a socket
    for both families has `::ffff:192.0.2.1`."""
    found = _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found[1] or found[2]) if found else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def log_request(handler: RequestHandler) -> None:
    """Tornado's setting `log_function`: the path without its query, in which a token may be."""
    status = handler.get_status()
    level = logging.INFO if status < 400 else logging.WARNING
    if status >= 500:
        level = logging.ERROR
    milliseconds = 1000 * handler.request.request_time()
    log.log(level, "%d %s %.2f ms", status, summary(handler.request), milliseconds)


def summary(request: HTTPServerRequest) -> str:
    """Method, path and peer."""
    return f"{request.method} {request.path} ({request.remote_ip})"


def keep_requests_secret() -> None:
    """Tornado logs what is wrong with a request that it cannot read, and quotes it: a header with
    the token, for example."""
    logger = logging.getLogger("tornado.general")
    if _conceal not in logger.filters:
        logger.addFilter(_conceal)


def _conceal(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith("Malformed HTTP message") and isinstance(record.args, tuple):
        record.args = (*record.args[:1], "it is not repeated here")
    return True


class DiscreetRequest(RequestHandler):
    """A request whose failures are logged without its query and headers."""

    def log_exception(
        self,
        _typ: type[BaseException] | None,
        value: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:
        """As Tornado's, which would print the whole request."""
        if isinstance(value, HTTPError):
            log.info("%d %s: %s", value.status_code, summary(self.request), value.reason)
        elif value is not None:
            log.error("%s failed", summary(self.request), exc_info=value)
