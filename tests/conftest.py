"""The order of tests: those in Chromium last, for its driver keeps a loop running."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "browser" in item.path.parts)
