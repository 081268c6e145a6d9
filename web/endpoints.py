"""All that is served over HTTP and WebSocket, for the first process and for fronts."""

from collections.abc import Awaitable, Callable

from tornado.web import Application

from web.access import log_request
from web.handlers import routes as socket_routes
from web.hosts import GuardedApplication, Hosts
from web.pages import Pages
from web.rest import Nothing
from web.routes import routes as page_routes
from web.stage import Stage


def application(
    stage: Stage,
    pages: Pages,
    is_ready: Callable[[], bool],
    exposition: Callable[[], Awaitable[bytes]],
) -> Application:
    """`exposition` gives the figures for Prometheus."""
    server = stage.settings.server
    handlers = [*socket_routes(stage), *page_routes(pages, is_ready, exposition)]
    return GuardedApplication(
        Hosts(server.host, server.hosts),
        handlers,
        stage=stage,
        default_handler_class=Nothing,
        log_function=log_request,
    )
