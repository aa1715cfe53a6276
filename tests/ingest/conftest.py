"""One folder with the schema per test module: chDB has one folder open per process."""

from collections.abc import Callable, Iterator

import pytest

from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.schema.migrate import migrate
from tests.ingest.rig import Front, running


@pytest.fixture(scope="module")
def store(engine_url: Callable[[str], str]) -> Iterator[Engine]:
    engine = open_engine(engine_url("chdb"))
    migrate(engine, 0)
    yield engine
    engine.close()


@pytest.fixture
def stored(store: Engine) -> Callable[[str], list[str]]:
    """The span names of a service, as another connection than the writer's sees them."""

    def names(service: str) -> list[str]:
        sql = "SELECT DISTINCT SpanId, SpanName FROM otel_traces WHERE ServiceName = {s:String}"
        return sorted(store.query(sql, {"s": service}).column("SpanName").to_pylist())

    return names


@pytest.fixture(scope="module")
def front(store: Engine) -> Iterator[Front]:
    with running(store) as front:
        yield front
