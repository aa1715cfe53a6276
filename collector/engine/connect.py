"""From an engine's URL to the engine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from collector.engine import Engine, EngineError


def open_engine(url: str, *, query_timeout_s: float = 10.0) -> Engine:
    """Open `chdb:///absolute/path` or `clickhouse://user:password@host:8123/database`.

    Raises EngineUnavailable with a sentence for people when the place can't be used now.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "chdb":
        folder = Path(unquote(rest))
        if not folder.is_absolute():
            raise EngineError("an embedded engine needs an absolute path: chdb:///var/lib/…")
        # Each engine's library is loaded only where it is used: chDB alone takes half a second.
        from collector.engine.chdb import ChdbEngine  # noqa: PLC0415

        return ChdbEngine(folder, query_timeout_s=query_timeout_s)
    if scheme == "clickhouse":
        if not urlsplit(url).hostname:
            raise EngineError(
                "a ClickHouse engine needs a host: clickhouse://user:password@host/db"
            )
        from collector.engine.clickhouse import ClickHouseEngine  # noqa: PLC0415

        return ClickHouseEngine(url, query_timeout_s=query_timeout_s)
    raise EngineError(f"unknown engine {scheme!r}: chdb:///path or clickhouse://host:8123/database")
