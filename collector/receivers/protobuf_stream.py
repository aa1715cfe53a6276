"""A stream of OTLP in protobuf → its parts, one field of the outermost message at a time.

Two ways of writing are known: requests behind one another, which are one request; and the
OpenTelemetry Collector's file exporter, which writes the length of each message in four bytes, the
highest first, before it, and packs each message on its own when it is told to pack with zstd
(`exporter/fileexporter/file_writer.go` and `codec.go` in opentelemetry-collector-contrib).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collector.receivers.framing import varint
from collector.receivers.trouble import Trouble
from collector.receivers.unpacked import ZSTD, Unpacked

_LARGEST = 256 * 1024 * 1024
_TAG = 0x0A  # field 1, the only one of a request: ResourceSpans; also its field `resource`
_SCOPE_SPANS = 0x12  # field 2 of ResourceSpans
_PREFIX = 4


@dataclass(frozen=True)
class Part:
    """One or several whole fields of a request, and where they start."""

    body: bytes
    byte: int


class Window:
    """The bytes ahead in a stream, and how many are behind."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._held = b""
        self._at = 0
        self._ended = False
        self.byte = 0

    def see(self, size: int) -> bytes:
        """So many bytes ahead, or fewer where the stream ends."""
        held = len(self._held) - self._at
        if held < size and not self._ended:
            parts = [self._held[self._at :]]
            while held < size and not self._ended:
                data = self._read()
                self._ended = not data
                parts.append(data)
                held += len(data)
            self._held, self._at = b"".join(parts), 0
        return self._held[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """The next bytes; they are behind then."""
        taken = self.see(size)
        self._at += len(taken)
        self.byte += len(taken)
        return taken

    def rest(self) -> bytes:
        """What comes next, as it comes; nothing at the end."""
        self.see(1)
        return self.take(len(self._held) - self._at)

    def only_nul(self) -> bool:
        """Whether nothing but NUL bytes is left; they are behind then."""
        while ahead := self.see(64 * 1024):
            if ahead.strip(b"\0"):
                return False
            self.take(len(ahead))
        return True


def is_request(window: Window) -> bool:
    """Whether a request starts here: its first field is there as far as the stream goes."""
    head = window.see(12)
    if head[:1] != bytes([_TAG]):
        return False
    try:
        size, start = varint(head, 1)
    except ValueError:
        return False
    # A field of ResourceSpans: resource, scope_spans or schema_url.
    return size <= _LARGEST and (
        size == 0 or head[start : start + 1] in (b"\x0a", b"\x12", b"\x1a")
    )


def is_prefixed(window: Window) -> bool:
    """Whether a message starts here with its length before it."""
    head = window.see(_PREFIX + len(ZSTD))
    size = int.from_bytes(head[:_PREFIX], "big")
    content = head[_PREFIX:]
    return 0 < size <= _LARGEST and (content.startswith((b"\x0a", b"{")) or content == ZSTD)


def messages(window: Window) -> Iterator[Part | Trouble]:
    """The messages behind their lengths, unpacked."""
    while head := window.see(_PREFIX):
        at = window.byte
        if not head.strip(b"\0") and window.only_nul():
            yield Trouble(0, at, f"only NUL bytes from here on: {window.byte - at:,}")
            return
        size = int.from_bytes(head, "big")
        if not is_prefixed(window):
            yield Trouble(0, at, "no message starts here")
            return
        window.take(_PREFIX)
        body = window.take(size)
        cut = len(body) < size
        if body.startswith(ZSTD):
            content = Unpacked(io.BytesIO(body))
            body = b""
            while len(body) <= _LARGEST and (data := content.read()):
                body += data
            if content.trouble and not cut:
                yield Trouble(0, at, content.trouble)
        yield Part(body, at + _PREFIX)
        if cut:
            yield Trouble(0, at, f"a message of {size:,} bytes is cut off")


def parts(window: Window) -> Iterator[Part | Trouble]:
    """The fields of a request; of one that is cut off, the spans before the cut."""
    while head := window.see(12):
        at = window.byte
        if head[:1] == b"\0" and window.only_nul():
            yield Trouble(0, at, f"only NUL bytes from here on: {window.byte - at:,}")
            return
        try:
            size, start = varint(head, 1)
        except ValueError:
            start = 0
        if head[0] != _TAG or not start:
            yield Trouble(0, at, "no OTLP in protobuf from here on")
            return
        if size > _LARGEST:
            yield Trouble(0, at, f"one message is larger than {_LARGEST:,} bytes")
            return
        field = window.take(start + size)
        if len(field) == start + size:
            yield Part(field, at)
        else:
            yield Part(whole_spans(field[start:]), at)
            yield Trouble(0, at, f"a message of {size:,} bytes is cut off")


def whole_spans(resource_spans: bytes) -> bytes:
    """A request with the spans that are whole in a ResourceSpans that is cut off."""
    whole, tag, rest = _fields(resource_spans)
    if tag == _SCOPE_SPANS:
        in_scope, _, _ = _fields(rest)
        whole += _field(_SCOPE_SPANS, in_scope)
    return _field(_TAG, whole)


def _fields(message: bytes) -> tuple[bytes, int, bytes]:
    """The fields that are whole; the tag of the one that isn't, and what there is of it."""
    position = 0
    while position < len(message):
        tag = message[position]
        try:
            size, start = varint(message, position + 1)
        except ValueError:
            return message[:position], 0, b""
        if tag & 7 != 2 or start + size > len(message):
            return message[:position], tag, message[start:]
        position = start + size
    return message, 0, b""


def _field(tag: int, content: bytes) -> bytes:
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return bytes([tag]) + bytes(length) + content
