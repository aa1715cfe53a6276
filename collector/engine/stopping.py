"""Jobs end between two statements: each may be cut off anywhere, and is done again at the start."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from collector.engine import Engine, EngineUnavailable, Lane, Param


class Stoppable:
    """An engine that after `stop` takes no further statement of its user."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = False

    def stop(self) -> None:
        """From now on every statement fails; the one that is under way comes to its end."""
        self._stopped = True

    def insert(self, sql: str, format: str, data: bytes) -> None:
        """See `Engine.insert`."""
        self._check()
        self._engine.insert(sql, format, data)

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, *, lane: Lane = "read"
    ) -> pa.Table:
        """See `Engine.query`."""
        self._check()
        return self._engine.query(sql, params, lane=lane)

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.close()

    def _check(self) -> None:
        if self._stopped:
            raise EngineUnavailable("the collector is shutting down")
