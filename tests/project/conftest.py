"""The order of a whole run: tests that answer at once come first."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Among the quick ones and among the slow ones the order stays as it was."""
    items.sort(key=lambda item: bool(item.get_closest_marker("slow")))
