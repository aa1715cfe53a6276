"""Tables are made once, and left alone by a program older than they are."""

from collections.abc import Callable

import pytest

from collector.api.summary import summary
from collector.engine import Engine
from collector.schema.migrate import VERSION, SchemaTooNew, migrate
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read
from tests.golden.world import DAWN, world

NOW = 1_790_000_000_000_000_000
FLOW = read("happy").usual


def tables(engine: Engine) -> list[str]:
    rows = engine.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    )
    return [row["name"] for row in rows.to_pylist()]


def versions(engine: Engine) -> list[int]:
    rows = engine.query("SELECT version FROM schema_version ORDER BY version").to_pylist()
    return [row["version"] for row in rows]


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine, NOW)
    before = tables(engine)
    assert {"otlp", "otel_traces", "spans", "traces", "order_facts", "orders"} <= set(before)
    migrate(engine, NOW + 1)
    assert tables(engine) == before
    assert versions(engine) == [VERSION]


def test_a_newer_schema_is_refused_and_left_alone(engine: Engine) -> None:
    migrate(engine, NOW)
    engine.query("INSERT INTO schema_version SELECT 99, now64(9)", lane="job")
    with pytest.raises(SchemaTooNew, match=f"version 99; this Choreoscope knows up to {VERSION}"):
        migrate(engine, NOW)
    assert versions(engine) == [VERSION, 99]


@pytest.mark.slow
def test_an_older_schema_is_derived_anew(engine_url: Callable[[str], str]) -> None:
    url = engine_url("chdb")
    with world(url) as here:
        for number in range(3):
            here.take(joined(request(order_id(number), DAWN, span) for span in FLOW))
        here.settle()
        before = [(row.order_id, row.span_count, row.step) for row in here.orders()]
        here.parts.engine.query("TRUNCATE TABLE schema_version", lane="job")
        here.parts.engine.query("INSERT INTO schema_version SELECT 1, now64(9)", lane="job")
        here.parts.engine.query("DROP TABLE obligations", lane="job")
        here.parts.engine.query("ALTER TABLE orders DROP COLUMN owed", lane="job")
    with world(url) as here:
        assert summary(here.parts.reader).judged.rebuilt == 0.0
        here.settle()
        assert summary(here.parts.reader).judged.rebuilt is None
        assert len(before) == 3
        assert [(row.order_id, row.span_count, row.step) for row in here.orders()] == before
        assert versions(here.parts.engine) == [1, VERSION]
