"""Can it store and judge? The reasons why not, the same for `/readyz`, `/metrics` and the API."""

from __future__ import annotations

from collector.api.reader import Reader
from collector.engine import EngineError

_MIB = 1024 * 1024


def troubles(reader: Reader) -> list[str]:
    """Why it can't store or judge now, or soon; empty when all is well."""
    found = reader.troubles()
    try:
        room = reader.rows("room")[0]["free"]
    except EngineError as error:
        return [*found, f"the engine doesn't answer: {error}"]
    if room < reader.min_free_bytes:
        found.append(
            f"the disk is nearly full: {room // _MIB:,} MiB are free, "
            f"min_free_bytes asks for {reader.min_free_bytes // _MIB:,}"
        )
    return found
