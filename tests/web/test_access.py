"""Tokens and addresses of requests, and a log without the former."""

import logging

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from web.access import address_of, log_request, token_of


class Peer:
    """What Tornado knows of a connection."""

    def __init__(self, address: str) -> None:
        self.remote_ip = address
        self.protocol = "http"


class Transport:
    """A connection that only ever gave a request."""

    def __init__(self, address: str) -> None:
        self.context = Peer(address)
        self.no_keep_alive = True

    def set_close_callback(self, _callback: object) -> None:
        pass


def make_request(
    uri: str = "/ws", address: str = "10.0.0.1", **headers: str | list[str]
) -> HTTPServerRequest:
    held = HTTPHeaders({"Host": "localhost"})
    for name, values in headers.items():
        for value in [values] if isinstance(values, str) else values:
            held.add(name.replace("_", "-"), value)
    return HTTPServerRequest(
        headers=held,
        connection=Transport(address),  # type: ignore[arg-type]  # what is asked of it is there
        start_line=RequestStartLine("GET", uri, "HTTP/1.1"),
    )


def test_a_token_comes_in_the_query_the_header_or_the_subprotocols() -> None:
    assert token_of(make_request("/ws?token=a.b.c")) == "a.b.c"
    assert token_of(make_request(authorization="Bearer a.b.c")) == "a.b.c"
    protocols = "stagewatch.v1.json, bearer.a.b.c"
    assert token_of(make_request(sec_websocket_protocol=protocols)) == "a.b.c"
    assert token_of(make_request(authorization="Basic a")) is None
    assert token_of(make_request()) is None


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ([], "1.1.1.1", "10.0.0.1"),
        (["10.0.0.9"], "1.1.1.1", "10.0.0.1"),
        (["10.0.0.1"], "1.1.1.1", "1.1.1.1"),
        (["10.0.0.0/8"], "1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (["10.0.0.0/8"], "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (["10.0.0.0/8"], ["6.6.6.6", "1.1.1.1, 10.0.0.2"], "1.1.1.1"),
        (["10.0.0.0/8"], "1.1.1.1, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "", "10.0.0.1"),
        (["10.0.0.0/8"], "2001:DB8::1", "2001:db8::1"),
        (["10.0.0.0/8"], "[2001:DB8::1]:5000", "2001:db8::1"),
        (["10.0.0.0/8"], "[2001:DB8::1]", "2001:db8::1"),
        (["10.0.0.0/8"], "1.1.1.1:5000", "1.1.1.1"),
        (["10.0.0.0/8"], "::ffff:1.1.1.1", "1.1.1.1"),
        (["10.0.0.0/8"], "1.1.1.1, ::ffff:10.0.0.2", "1.1.1.1"),
        (["10.0.0.0/8"], "1.1.1.1:port", "10.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_say_of_the_client_counts(
    trusted: list[str], forwarded: str | list[str], address: str
) -> None:
    request = make_request(x_forwarded_for=forwarded)

    assert address_of(request, trusted) == address


def test_the_log_of_requests_leaves_the_query_out(caplog: pytest.LogCaptureFixture) -> None:
    handler = RequestHandler(Application(), make_request("/api/v1/runs?token=SECRET&x=SECRET"))

    with caplog.at_level(logging.INFO):
        log_request(handler)

    assert "/api/v1/runs" in caplog.text
    assert "SECRET" not in caplog.text
