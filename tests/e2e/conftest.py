"""One demo of all systems for the tests that go through its life, file by file in their order.

The matrix of all faults in all systems takes half an hour: it runs only where it is asked for, with
`-m "matrix or not matrix"`.
"""

from collections.abc import Iterator

import pytest

from .demo import Demo


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    with Demo("--rate", "1.5", "--no-schedule") as demo:
        yield demo


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "matrix: every fault in every system; half an hour")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "matrix" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("matrix")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
