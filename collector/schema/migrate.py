"""Create and upgrade the tables; refuse to start on a schema newer than this program's."""

from __future__ import annotations

from importlib import resources

from collector.engine import Engine

VERSION = 1

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


def migrate(engine: Engine, now: int) -> None:
    """Bring the tables to this program's version; running it again changes nothing.

    `now` is in nanoseconds. Raises SchemaTooNew when the folder or database was written by a newer
    version.
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
    for _, sql in statements():
        engine.query(sql, lane="job")
    if found < VERSION:
        engine.query(
            "INSERT INTO schema_version SELECT {version:UInt32}, "
            "fromUnixTimestamp64Nano({now:Int64}, 'UTC')",
            {"version": VERSION, "now": now},
            lane="job",
        )
