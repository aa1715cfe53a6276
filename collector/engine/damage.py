"""What stands on the disk and isn't what was written is set aside, so that the rest can be read.

The engine notices a wrong byte when it reads it, and then every question that meets it fails. A
part of a table that is shown to be damaged leaves the table, into the folder `detached` beside it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping

import pyarrow as pa

from collector.engine import DamagedData, Engine, EngineError, Lane, Param

log = logging.getLogger(__name__)

_PART = re.compile(r"/store/[0-9a-f]{3}/[0-9a-f-]{36}/[^/\s]+/")
_FIND = (
    "SELECT table, name, rows FROM system.parts "
    "WHERE active AND database = currentDatabase() AND endsWith(path, {path:String})"
)


class SetsAside:
    """An engine that sets damaged parts aside. The statement that met one fails all the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self.damaged_tables: set[str] = set()
        """Tables of which a part was set aside since the start."""

    def insert(self, sql: str, format: str, data: bytes) -> None:
        """See `Engine.insert`."""
        try:
            self._engine.insert(sql, format, data)
        except DamagedData as error:
            self._set_aside(str(error))
            raise

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        """See `Engine.query`."""
        try:
            return self._engine.query(sql, params, lane=lane)
        except DamagedData as error:
            self._set_aside(str(error))
            raise

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.close()

    def _set_aside(self, message: str) -> None:
        """Look at the part that the message names, and set it aside if it is damaged indeed."""
        found = _PART.search(message)
        if not found:
            return
        with self._lock:
            try:
                for part in self._engine.query(_FIND, {"path": found[0]}, lane="job").to_pylist():
                    table, name = part["table"], part["name"]
                    if self._is_whole(table, name):
                        continue
                    self._engine.query(f"ALTER TABLE {table} DETACH PART '{name}'", lane="job")
                    self.damaged_tables.add(table)
                    log.error(
                        "%s is damaged: %s rows of the table %s are set aside",
                        found[0],
                        part["rows"],
                        table,
                    )
            except EngineError as error:
                log.warning("can't set %s aside: %s", found[0], error)

    def _is_whole(self, table: str, name: str) -> bool:
        try:
            rows = self._engine.query(
                f"CHECK TABLE {table} PART '{name}' SETTINGS check_query_single_value_result = 0",
                lane="job",
            ).to_pylist()
        except DamagedData:
            return False
        return all(row["is_passed"] for row in rows)
