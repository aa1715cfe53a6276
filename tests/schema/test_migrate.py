"""Tables are made once, and left alone by a program older than they are."""

import pytest

from collector.engine import Engine
from collector.schema.migrate import VERSION, SchemaTooNew, migrate

NOW = 1_790_000_000_000_000_000


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
