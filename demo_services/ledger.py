"""A service's database, with OpenTelemetry's own DB-API instrumentation on its connection.

Each is one connection, used from the event loop: a statement takes well under a millisecond.
Tables are created before the connection is instrumented: they belong to no order.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from opentelemetry.instrumentation import dbapi
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.sdk.trace import TracerProvider

BUSY_S = 5.0


class Ledger(Protocol):
    """What a service can do with its database."""

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement (one CLIENT span), `?` for each value, and return its rows."""
        ...

    def unseen(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement without a span: a look that belongs to no order."""
        ...

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """All statements in the context count, or none. Nothing may be awaited in it."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class NoLedger:
    """Of a service without a database."""

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Say so."""
        raise LookupError("this service has no database")

    unseen = execute

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Say so."""
        raise LookupError("this service has no database")

    def close(self) -> None:
        """Nothing to close."""


class SqliteLedger:
    """A file. With `name`, its spans carry db.namespace, which SQLite3's instrumentation lacks."""

    def __init__(self, file: Path, provider: TracerProvider, schema: str, name: str = "") -> None:
        factory = _Named if name else sqlite3.Connection
        self._connection = sqlite3.connect(
            file, isolation_level=None, timeout=BUSY_S, factory=factory
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(schema)
        self._traced: Any
        if isinstance(self._connection, _Named):
            self._connection.database = name
            self._traced = dbapi.instrument_connection(
                "opentelemetry.instrumentation.sqlite3",
                self._connection,
                "sqlite",
                {"database": "database"},
                tracer_provider=provider,
            )
        else:
            self._traced = SQLite3Instrumentor().instrument_connection(
                self._connection, tracer_provider=provider
            )

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement."""
        cursor = self._traced.cursor()
        try:
            cursor.execute(sql, values)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def unseen(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement without a span."""
        return list(self._connection.execute(sql, values).fetchall())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin, and in the end commit or roll back."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class _Named(sqlite3.Connection):
    database = ""


class PostgresLedger:
    """A database on a PostgreSQL server. Needs psycopg (the extra `postgres`)."""

    def __init__(self, url: str, provider: TracerProvider, schema: str) -> None:
        try:
            import psycopg  # noqa: PLC0415 (only where it is used)
        except ImportError:
            raise RuntimeError(
                "PostgreSQL needs psycopg: pip install 'choreoscope[postgres]'"
            ) from None
        try:
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise RuntimeError(f"no PostgreSQL answers: {str(error).strip()}") from None
        with self._connection.transaction():
            # Several services create their tables at once, and CREATE … IF NOT EXISTS isn't safe.
            self._connection.execute("SELECT pg_advisory_xact_lock(8600)")
            for statement in schema.split(";\n"):
                if statement.strip():
                    self._connection.execute(statement.encode())
        self._traced: Any = dbapi.instrument_connection(
            "opentelemetry.instrumentation.psycopg",
            self._connection,
            "postgresql",
            {"database": "info.dbname", "host": "info.host", "port": "info.port"},
            tracer_provider=provider,
        )

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement."""
        cursor = self._traced.cursor()
        try:
            cursor.execute(sql.replace("?", "%s"), values)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()

    def unseen(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement without a span."""
        return list(self._connection.execute(sql.replace("?", "%s").encode(), values).fetchall())

    def transaction(self) -> contextlib.AbstractContextManager[Any]:
        """Begin, and in the end commit or roll back."""
        return self._connection.transaction()

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()
