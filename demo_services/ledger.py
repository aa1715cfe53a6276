"""A service's own SQLite file, with OpenTelemetry's instrumentation on its connection."""

import sqlite3
from pathlib import Path
from typing import Any

from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.sdk.trace import TracerProvider


class Ledger:
    """One connection, used from the event loop: a statement takes well under a millisecond.

    The tables are created before the connection is instrumented: they belong to no order.
    """

    def __init__(self, file: Path, provider: TracerProvider, schema: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(schema)
        self._traced = SQLite3Instrumentor().instrument_connection(
            self._connection, tracer_provider=provider
        )

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement (autocommit, one CLIENT span) and return its rows."""
        cursor = self._traced.cursor()
        try:
            cursor.execute(sql, values)
            return cursor.fetchall()
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
