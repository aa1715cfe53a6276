"""The database behind everything: one small interface, two engines that speak the same SQL.

`chdb:///path` is ClickHouse in this process with its data in a folder; `clickhouse://…` is a
server. `collector.engine.connect.open_engine` makes one from its URL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import pyarrow as pa

Param = str | int | float | bool | Sequence[str] | Sequence[int]
Lane = Literal["read", "job"]


class EngineError(Exception):
    """The engine refused or failed; the message is the engine's own."""


class BadData(EngineError):  # noqa: N818
    """The bytes of an insert can't be decoded: sending them again won't help."""


class EngineUnavailable(EngineError):  # noqa: N818
    """The engine can't be reached or can't store now (disk full, read-only): try again later."""


class DamagedData(EngineError):  # noqa: N818
    """What stands on the disk isn't what was written."""


class QueryTimeout(EngineError):  # noqa: N818
    """The query took longer than its time limit."""


class Engine(Protocol):
    """What the product asks of a database. Safe to call from several threads."""

    def insert(self, sql: str, format: str, data: bytes) -> None:
        """Insert `data` in a ClickHouse input format; returns when it is committed.

        `sql` is an INSERT statement without FORMAT clause, settings allowed.
        Raises BadData, EngineUnavailable or EngineError; then nothing was acknowledged.
        """
        ...

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        """Run one statement with `{name:Type}` parameters; the rows as an Arrow table.

        Statements without rows (DDL, INSERT … SELECT) give an empty table. Lane "read" has a time
        limit and its own connections, so that questions and jobs don't wait for each other.
        """
        ...

    def close(self) -> None:
        """Give the connections back; the engine can't be used afterwards."""
        ...
