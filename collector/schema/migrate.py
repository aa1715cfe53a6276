"""Create and upgrade the tables; refuse to start on a schema newer than this program's.

Spans as they came are kept; everything else is derived from them. So an upgrade drops what is
derived and makes it anew in its new shape; the jobs then take the spans up as if just stored.
"""

from __future__ import annotations

from importlib import resources

from collector.engine import Engine

VERSION = 3

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


def statements() -> list[tuple[str, str]]:
    """Every table and view as (file name, SQL), in the order they must be created."""
    folder = resources.files(__package__)
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return [
        (name, folder.joinpath(name).read_text("utf-8").replace("{AnyValue}", _ANY_VALUE))
        for name in files
    ]


def migrate(engine: Engine, now: int) -> bool:
    """Bring the tables to this program's version; running it again changes nothing.

    `now` is in nanoseconds. True: they were of an older version, and what is derived is empty now.
    Raises SchemaTooNew when the folder or database was written by a newer version.
    """
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
    if 0 < found < VERSION:
        _drop_derived(engine)
    for _, sql in statements():
        engine.query(sql, lane="job")
    if found < VERSION:
        _note(engine, now)
    return 0 < found < VERSION


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
