"""Everything over HTTP beside the sockets, by path."""

from collections.abc import Awaitable, Callable
from typing import Any

from tornado.web import RequestHandler

from web.asyncapi import PATH as ASYNCAPI
from web.pages import Pages
from web.rest import Description, Figures, Live, PageFile, Ready, RunDetail, RunList
from web.rest_export import RunExport, SweepTable

Route = tuple[str, type[RequestHandler], dict[str, Any]]


def routes(
    pages: Pages, is_ready: Callable[[], bool], exposition: Callable[[], Awaitable[bytes]]
) -> list[Route]:
    """Everything over HTTP, for a Tornado Application whose setting `stage` is the stage."""
    name = r"([A-Za-z0-9_-]{1,64})"
    return [
        ("/livez", Live, {}),
        ("/readyz", Ready, {"is_ready": is_ready}),
        ("/metrics", Figures, {"exposition": exposition}),
        (ASYNCAPI, Description, {}),
        ("/api/v1/runs", RunList, {}),
        (f"/api/v1/runs/{name}", RunDetail, {}),
        (f"/api/v1/runs/{name}/export", RunExport, {}),
        (rf"/api/v1/sweeps/{name}/table\.(csv|parquet)", SweepTable, {}),
        (r"/static/([0-9a-f]+)/(.+)", PageFile, {"pages": pages}),
        ("/", PageFile, {"pages": pages}),
    ]
