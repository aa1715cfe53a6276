"""Both engines for tests: `engine_url(kind)` makes an empty place, `engine` opens one of each kind.

chDB has one folder open per process: close an engine before opening the next folder.
"""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.engine import Engine
from collector.engine.connect import open_engine

KINDS = ("chdb", "clickhouse")
PASSWORD = "p@ss/wörd"


@pytest.fixture(scope="session")
def clickhouse_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a ClickHouse look-alike (see clickhouse_http.py) in a process of its own."""
    folder = tmp_path_factory.mktemp("clickhouse")
    command = [sys.executable, "-m", "tests.engine.clickhouse_http", str(folder), PASSWORD]
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.communicate(timeout=30)


@pytest.fixture(scope="session")
def engine_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """`engine_url("chdb" | "clickhouse")`: the URL of a new, empty place for an engine."""
    numbers = itertools.count(1)

    def new_place(kind: str) -> str:
        if kind == "chdb":
            return f"chdb://{tmp_path_factory.mktemp('chdb')}"
        port = request.getfixturevalue("clickhouse_port")
        return f"clickhouse://default:p%40ss%2Fw%C3%B6rd@127.0.0.1:{port}/place_{next(numbers)}"

    return new_place


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, engine_url: Callable[[str], str]) -> Iterator[Engine]:
    """An engine of each kind on an empty place; closed after the test."""
    opened = open_engine(engine_url(request.param))
    yield opened
    opened.close()
