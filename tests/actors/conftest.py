"""A runtime on a clock that stands still, closed after each test that wants one."""

from collections.abc import AsyncIterator

import pytest

from actors.runtime import Runtime
from tests.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def runtime(clock: ManualClock) -> AsyncIterator[Runtime]:
    runtime = Runtime(clock=clock)
    yield runtime
    runtime.close()
