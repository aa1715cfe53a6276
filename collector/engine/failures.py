"""ClickHouse's error names → the exceptions of the engine's interface."""

from __future__ import annotations

import re

from collector.engine import (
    BadData,
    DamagedData,
    EngineError,
    EngineUnavailable,
    QueryTimeout,
)

_NAME = re.compile(r"\(([A-Z][A-Z0-9_]{3,})\)")
_NOISE = re.compile(
    r"^.*?DB::Exception: |: While executing \w+|\s*\(version [^()]*(?:\([^()]*\))?\)"
    r"|\s*\(for url [^ ]*\)|:? ?\(in file/uri [^ )]*\)|\. Expected one of: .*",
    re.DOTALL,
)
_DISK = re.compile(r"no space left|read-only file system|disk quota exceeded", re.IGNORECASE)

_PART = re.compile(r"/store/[0-9a-f]{3}/[0-9a-f-]{36}/[^/\s]+/")
_DAMAGED = frozenset(
    {
        "ATTEMPT_TO_READ_AFTER_EOF",
        "BAD_SIZE_OF_FILE_IN_DATA_PART",
        "CANNOT_DECOMPRESS",
        "CANNOT_READ_ALL_DATA",
        "CHECKSUM_DOESNT_MATCH",
        "CORRUPTED_DATA",
        "FILE_DOESNT_EXIST",
        "NO_FILE_IN_DATA_PART",
        "SIZES_OF_COLUMNS_DOESNT_MATCH",
        "TOO_LARGE_SIZE_COMPRESSED",
        "UNKNOWN_CODEC",
    }
)
_TIMEOUT = frozenset({"TIMEOUT_EXCEEDED", "TOO_SLOW"})
_BAD_BYTES = frozenset(
    {
        "ARGUMENT_OUT_OF_BOUND",
        "ATTEMPT_TO_READ_AFTER_EOF",
        "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
        "CANNOT_READ_ALL_DATA",
        "CANNOT_READ_ARRAY_FROM_TEXT",
        "CANNOT_READ_MAP_FROM_TEXT",
        "DECIMAL_OVERFLOW",
        "INCORRECT_DATA",
        "PROTOBUF_BAD_CAST",
        "TOO_LARGE_ARRAY_SIZE",
        "TOO_LARGE_STRING_SIZE",
        "UNEXPECTED_END_OF_FILE",
        "UNKNOWN_PROTOBUF_FORMAT",
        "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    }
)
# The place is gone, full, overloaded or closed to us: the same statement may work later.
_LATER = frozenset(
    {
        "ALL_CONNECTION_TRIES_FAILED",
        "AUTHENTICATION_FAILED",
        "CANNOT_ALLOCATE_MEMORY",
        "CANNOT_CREATE_DIRECTORY",
        "CANNOT_CREATE_FILE",
        "CANNOT_FSYNC",
        "CANNOT_OPEN_FILE",
        "CANNOT_WRITE_TO_FILE",
        "CANNOT_WRITE_TO_FILE_DESCRIPTOR",
        "KEEPER_EXCEPTION",
        "MEMORY_LIMIT_EXCEEDED",
        "NETWORK_ERROR",
        "NOT_ENOUGH_SPACE",
        "NO_ZOOKEEPER",
        "SERVER_OVERLOADED",
        "SOCKET_TIMEOUT",
        "TABLE_IS_READ_ONLY",
        "TOO_MANY_PARTS",
        "TOO_MANY_SIMULTANEOUS_QUERIES",
    }
)


def failure(message: str, *, inserting: bool = False) -> EngineError:
    """The exception for an engine's error message, shortened to what a person needs."""
    names = _NAME.findall(message)
    name = names[-1] if names else ""
    text = " ".join(_NOISE.sub("", message).split())
    if name in _LATER or _DISK.search(message):
        return EngineUnavailable(text[:300])
    if name in _DAMAGED and _PART.search(message):
        return DamagedData(text[:1000])
    if name in _TIMEOUT:
        return QueryTimeout(text[:300])
    if inserting and (
        name in _BAD_BYTES or name.startswith("CANNOT_PARSE_") or "Invalid protobuf data" in text
    ):
        return BadData(text[:300])
    return EngineError(text[:2000])
