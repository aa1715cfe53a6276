"""One demo of all systems for the tests that go through its life, file by file in their order.

The matrix of all faults in all systems takes a quarter of an hour and runs in `make test-all` only.
"""

from collections.abc import Iterator

import pytest

from .demo import Demo


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    with Demo("--rate", "1.5", "--no-schedule") as demo:
        yield demo
