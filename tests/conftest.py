"""Fixtures that every test may use; slow matrices run only where they are asked for."""

import pytest

from tests.engine.fixtures import clickhouse_port, engine, engine_url

__all__ = ["clickhouse_port", "engine", "engine_url"]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run in this process write to a pipe, whatever started the tests."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test-all` asks for them with `-m "matrix or not matrix"`."""
    if "matrix" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("matrix")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
