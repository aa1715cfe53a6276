"""Unpacks request bodies, with the limit checked while they grow."""

from __future__ import annotations

import zlib

ENCODINGS = ("gzip", "deflate")

_ZLIB, _GZIP, _RAW = zlib.MAX_WBITS, zlib.MAX_WBITS | 16, -zlib.MAX_WBITS


class TooLarge(Exception):  # noqa: N818
    """The body is over the limit."""


def inflate(data: bytes, encoding: str, limit: int) -> bytes:
    """The unpacked bytes.

    Raises TooLarge as soon as there are more than `limit`, ValueError for broken data.
    """
    if encoding == "gzip":
        return _members(data, limit)
    # "deflate" is zlib's format by the standard and the bare stream by tradition.
    try:
        return _member(data, _ZLIB, limit)[0]
    except ValueError:
        return _member(data, _RAW, limit)[0]


def _members(data: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    while data:
        part, data = _member(data, _GZIP, limit)
        parts.append(part)
        limit -= len(part)
        data = data.lstrip(b"\0")  # padding between members is allowed
    if not parts:
        raise ValueError("empty")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _member(data: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    stream = zlib.decompressobj(window)
    try:
        unpacked = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(unpacked) > limit:
        raise TooLarge
    if not stream.eof:
        raise ValueError("the compressed data is cut off")
    return unpacked, stream.unused_data
