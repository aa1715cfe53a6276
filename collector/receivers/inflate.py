"""Unpacks request bodies, with the limits checked while they grow."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

ENCODINGS = ("gzip", "deflate", "zstd")

_ZLIB, _GZIP, _RAW = zlib.MAX_WBITS, zlib.MAX_WBITS | 16, -zlib.MAX_WBITS
# The window that a sender may make us hold, by RFC 9659 (zstd as a content encoding): 8 MiB.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
# What comes behind a member is copied at its end: in small pieces, or a body of many small members
# would take hours.
_PIECE_BYTES = 64 * 1024
_MOST_MEMBERS = 4096
_PADDING = re.compile(rb"\0*")  # allowed between and behind members


class TooLarge(Exception):  # noqa: N818
    """The body is over the limit."""


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def inflate(data: bytes, encoding: str, limit: int) -> bytes:
    """The unpacked bytes.

    Raises TooLarge as soon as there are more than `limit`, ValueError for broken data.
    """
    match encoding:
        case "gzip":
            return _members(data, limit, lambda: zlib.decompressobj(_GZIP))
        case "zstd":
            return _members(data, limit, lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS))
    # "deflate" is zlib's format by the standard and the bare stream by tradition.
    try:
        return _members(data, limit, lambda: zlib.decompressobj(_ZLIB), most=1)
    except ValueError:
        return _members(data, limit, lambda: zlib.decompressobj(_RAW), most=1)


def _members(
    data: bytes, limit: int, start: Callable[[], _Stream], most: int = _MOST_MEMBERS
) -> bytes:
    """All members (gzip) or frames (zstd) of a body, one behind the other."""
    parts: list[bytes] = []
    position = members = 0
    while position < len(data):
        members += 1
        if members > most:
            raise ValueError(f"more than {most} compressed parts")
        stream = start()
        while not stream.eof:
            piece = data[position : position + _PIECE_BYTES]
            if not piece:
                raise ValueError("the compressed data is cut off")
            position += len(piece)
            try:
                part = stream.decompress(piece, limit + 1)
            except (zlib.error, zstd.ZstdError) as error:
                raise ValueError(str(error)) from None
            limit -= len(part)
            if limit < 0:
                raise TooLarge
            parts.append(part)
        padding = _PADDING.match(data, position - len(stream.unused_data))
        position = padding.end() if padding else position
    if not members:
        raise ValueError("empty")
    return parts[0] if len(parts) == 1 else b"".join(parts)
