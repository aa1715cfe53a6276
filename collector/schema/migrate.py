"""Create and upgrade the tables; refuse to start on a schema newer than this program's.

Spans as they came are kept; everything else is derived from them. So an upgrade drops what is
derived and makes it anew in its new shape; the jobs then take the spans up as if just stored. The
same heals derived tables that are lost or damaged.
"""

from __future__ import annotations

import logging
from importlib import resources

from collector.engine import Engine

log = logging.getLogger(__name__)

VERSION = 4

_KEPT = {"otel_traces", "schema_version"}

# The parts of an OTLP AnyValue as columns; `value` tells which one the span had.
_ANY_VALUE = (
    "string_value String, bool_value Bool, int_value Int64, double_value Float64, "
    "array_value String, kvlist_value String, bytes_value String, "
    "value Enum8('none' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, "
    "'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)"
)


class SchemaTooNew(Exception):  # noqa: N818
    """The tables were made by a newer version of Choreoscope."""


class SpansLost(Exception):  # noqa: N818
    """The stored spans are gone, and other tables say that there were some."""


def statements() -> list[tuple[str, str]]:
    """Every table and view as (file name, SQL), in the order they must be created."""
    folder = resources.files(__package__)
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return [
        (name, folder.joinpath(name).read_text("utf-8").replace("{AnyValue}", _ANY_VALUE))
        for name in files
    ]


def migrate(engine: Engine, now: int) -> str:
    """Bring the tables to this program's version; running it again changes nothing.

    `now` is in nanoseconds. Why everything that is derived is empty now and is to be derived anew:
    the tables were of an older version, or lost or damaged in part; '' where nothing was amiss.
    Raises SchemaTooNew when the folder or database was written by a newer version, SpansLost when
    other tables are there and the spans aren't.
    """
    present = _tables(engine)
    engine.query(
        "CREATE TABLE IF NOT EXISTS schema_version (version UInt32, at DateTime64(9, 'UTC')) "
        "ENGINE = MergeTree ORDER BY version",
        lane="job",
    )
    rows = engine.query(
        "SELECT max(version) AS version FROM schema_version", lane="job"
    ).to_pylist()
    found = int(rows[0]["version"]) if rows else 0
    if found > VERSION:
        raise SchemaTooNew(
            f"these tables have schema version {found}; this Choreoscope knows up to {VERSION}. "
            "Use a newer Choreoscope, or another data folder."
        )
    if "otel_traces" not in present and (found or "spans" in present):
        raise SpansLost(
            "the table otel_traces, which holds the spans, is missing beside those that were "
            "derived from it. Put it back from a copy of the data, or use another data folder."
        )
    damaged = _damaged(engine)
    if parts := damaged.get("otel_traces"):
        log.error(
            "%s parts of the table otel_traces are damaged and set aside (folder `detached` of the "
            "table): spans are missing",
            parts,
        )
    why = _why_anew(found, present, damaged)
    if why:
        _drop_derived(engine)
    for _, sql in statements():
        engine.query(sql, lane="job")
    if found < VERSION:
        _note(engine, now)
    return why


def _why_anew(found: int, present: set[str], damaged: dict[str, int]) -> str:
    if "otel_traces" not in present:
        return ""
    if found < VERSION:
        return f"upgrading from schema version {found}"
    expected = {name.removesuffix(".sql").partition("_")[2] for name, _ in statements()}
    if missing := sorted(expected - present):
        return f"missing: {', '.join(missing)}"
    if derived := sorted(damaged.keys() - _KEPT):
        return f"damaged: {', '.join(derived)}"
    return ""


def _tables(engine: Engine) -> set[str]:
    rows = engine.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase()", lane="job"
    ).to_pylist()
    return {row["name"] for row in rows}


def _damaged(engine: Engine) -> dict[str, int]:
    """Tables of which the engine has set parts aside, and how many."""
    rows = engine.query(
        "SELECT table, count() AS parts FROM system.detached_parts "
        "WHERE database = currentDatabase() AND (reason = '' OR startsWith(reason, 'broken')) "
        "GROUP BY table",
        lane="job",
    ).to_pylist()
    return {row["table"]: row["parts"] for row in rows}


def keep_through_power_loss(engine: Engine, fsync: bool) -> None:
    """Whether a commit of spans waits until the disk has it; what is derived never does."""
    engine.query(
        "ALTER TABLE otel_traces MODIFY SETTING "
        f"fsync_after_insert = {int(fsync)}, fsync_part_directory = {int(fsync)}",
        lane="job",
    )


def _drop_derived(engine: Engine) -> None:
    tables = engine.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() "
        "ORDER BY engine != 'MaterializedView', name",
        lane="job",
    ).to_pylist()
    for row in tables:
        if row["name"] not in _KEPT:
            engine.query(f"DROP TABLE IF EXISTS {row['name']} SYNC", lane="job")


def _note(engine: Engine, now: int) -> None:
    engine.query(
        "INSERT INTO schema_version SELECT {version:UInt32}, "
        "fromUnixTimestamp64Nano({now:Int64}, 'UTC')",
        {"version": VERSION, "now": now},
        lane="job",
    )
