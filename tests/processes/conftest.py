"""Starts servers for a test and leaves no process behind."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from tests.processes.serving import Serving

Serve = Callable[..., Awaitable[Serving]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """`Serving.start`, undone at the end."""
    started: list[Serving] = []

    async def start(*arguments: object, **settings: object) -> Serving:
        serving = await Serving.start(*arguments, **settings)  # type: ignore[arg-type]
        started.append(serving)
        return serving

    yield start
    for serving in started:
        await serving.remove()
