"""The content of a file that may be packed with gzip or zstd, as a stream; told by its content.

A stream that is cut off or damaged gives what comes before the damage. Several members behind one
another are one content, and NUL bytes behind a member are padding.
"""

from __future__ import annotations

import sys
import zlib
from typing import BinaryIO, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD = b"\x28\xb5\x2f\xfd"

_GZIP = b"\x1f\x8b"
_READ = 256 * 1024
_STEP = 4 * 1024  # what is packed in so many bytes can be lost where a stream is damaged
_MOST = 256 * 1024


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _Member:
    """One packed piece: what it gives so far, and what is wrong with it."""

    damage = ""

    def __init__(self, stream: _Stream) -> None:
        self._read = stream

    @property
    def eof(self) -> bool:
        return self._read.eof

    @property
    def rest(self) -> bytes:
        """What came behind its end."""
        return self._read.unused_data


class _Gzip(_Member):
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        super().__init__(self._stream)

    @property
    def hungry(self) -> bool:
        return not self._stream.unconsumed_tail

    def feed(self, data: bytes) -> bytes:
        data = self._stream.unconsumed_tail + data
        before = self._stream.copy()
        try:
            return self._stream.decompress(data, _MOST)
        except zlib.error as error:
            self.damage = str(error)
        out = b""
        try:
            for position in range(len(data)):
                out += before.decompress(data[position : position + 1])
        except zlib.error:
            pass
        return out


class _Zstd(_Member):
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()
        super().__init__(self._stream)

    @property
    def hungry(self) -> bool:
        return self._stream.needs_input

    def feed(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, _MOST)
        except zstd.ZstdError as error:
            self.damage = str(error)
            return b""


class Unpacked:
    """`read` gives the next bytes, some hundred kilobytes at most, and none at the end.

    `packed_bytes`: how much of the file has been read. `trouble`: why it ended too early, if so.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting = b""
        self._member: _Gzip | _Zstd | None = None
        self.packed_bytes = 0
        self.trouble = ""
        self._fill()
        self._kind: type[_Gzip | _Zstd] | None = None
        if self._waiting.startswith(_GZIP):
            self._kind = _Gzip
        elif self._waiting.startswith(ZSTD):
            self._kind = _Zstd

    def read(self) -> bytes:
        """The next bytes; raises OSError when the file itself can't be read."""
        if self._kind is None:
            if not self._waiting:
                self._fill()
            data, self._waiting = self._waiting, b""
            return data
        while self._member is not None or (not self.trouble and self._begin(self._kind)):
            if data := self._unpack():
                return data
        return b""

    def _fill(self) -> bool:
        self._waiting = self._file.read(_READ)
        self.packed_bytes += len(self._waiting)
        return bool(self._waiting)

    def _begin(self, kind: type[_Gzip | _Zstd]) -> bool:
        """The next member, if there is one."""
        self._waiting = self._waiting.lstrip(b"\0")
        while not self._waiting and self._fill():
            self._waiting = self._waiting.lstrip(b"\0")
        self._member = kind() if self._waiting else None
        return self._member is not None

    def _unpack(self) -> bytes:
        assert self._member is not None
        step = b""
        if self._member.hungry:
            if not self._waiting and not self._fill():
                self.trouble = "what is packed is cut off"
                self._member = None
                return b""
            step, self._waiting = self._waiting[:_STEP], self._waiting[_STEP:]
        data = self._member.feed(step)
        if self._member.damage:
            self.trouble = f"what is packed is damaged: {self._member.damage}"
            self._member = None
        elif self._member.eof:
            self._waiting = self._member.rest + self._waiting
            self._member = None
        return data
