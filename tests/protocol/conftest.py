"""One server with two runs for all tests of the package."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.protocol.speaker import Scene, scene


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A server process that all tests share."""
    async with scene(tmp_path_factory.mktemp("stage") / "data") as found:
        yield found
