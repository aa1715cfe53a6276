"""Files of spans → request bodies. What a file is, is told by its content, never by its name.

OTLP in protobuf (requests, or what the OpenTelemetry Collector's file exporter writes), OTLP in
JSON and JSON lines, Jaeger's JSON, Zipkin's v2 JSON; each also packed with gzip or zstd. A file is
read as a stream, so its size doesn't matter; of one that is broken all that is whole is read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from collector.receivers import zipkin_json
from collector.receivers.formats import FORMATS, translate
from collector.receivers.framing import varint
from collector.receivers.json_documents import Document, documents
from collector.receivers.protobuf_stream import (
    Part,
    Window,
    is_prefixed,
    is_request,
    messages,
    parts,
)
from collector.receivers.request import Checked, Undecodable, check, storable
from collector.receivers.trouble import Trouble
from collector.receivers.unpacked import Unpacked

_PIECE_BYTES = 512 * 1024
_HEAD_BYTES = 64 * 1024
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
_LINE_OF_JSON = re.compile(rb"\n\0*[{\[]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Piece:
    """A part of a file as one request."""

    request: Checked


class SpanFile:
    """One file; `begin` opens it from its start, as often as it is asked to."""

    def __init__(self, begin: Callable[[], BinaryIO]) -> None:
        self._begin = begin
        self._content: Unpacked | None = None
        self._seen: zipkin_json.Seen | None = None

    @property
    def read_bytes(self) -> int:
        """How much of the file has been read, as it lies there."""
        return self._content.packed_bytes if self._content else 0

    def pieces(self) -> Iterator[Piece | Trouble]:
        """What can be loaded, in requests of some hundred kilobytes, and what can't."""
        window = None
        try:
            with self._begin() as file:
                self._content = Unpacked(file)
                window = Window(self._content.read)
                yield from _pieces(window, self._know)
        except OSError as error:
            byte = window.byte if window else 0
            yield Trouble(0, byte, f"can't read it: {error.strerror or error}")
        if window and self._content and self._content.trouble:
            yield Trouble(0, window.byte, self._content.trouble)

    def _know(self) -> zipkin_json.Seen:
        """What is to be known of all of Zipkin's spans in the file, from a first reading."""
        if self._seen is None:
            self._seen = zipkin_json.Seen()
            with self._begin() as file:
                for found in documents(Unpacked(file).read):
                    if isinstance(found, Document) and zipkin_json.is_span(found.value):
                        self._seen.add(found.value)
        return self._seen


def _pieces(window: Window, know: Callable[[], zipkin_json.Seen]) -> Iterator[Piece | Trouble]:
    head = window.see(_HEAD_BYTES)
    text = head.lstrip(_BLANK)
    is_json = text.startswith((b"{", b"["))
    if is_request(window) and not (is_json and not _decodes(window)):
        yield from _checked(parts(window))
    elif is_prefixed(window) and not (is_json and head[0]):
        yield from _checked(_inside(messages(window), know))
    elif is_json or _LINE_OF_JSON.search(head):
        yield from _checked(_translated(window.rest, know))
    elif not text and window.only_nul():
        if window.byte:
            yield Trouble(0, 0, f"nothing but {window.byte:,} NUL bytes")
    elif head.startswith(_UTF16):
        yield Trouble(1, 0, "this text is in UTF-16: save it in UTF-8")
    else:
        what = "this text" if _is_text(head) else "this"
        yield Trouble(0, 0, f"{what} can't be loaded; {FORMATS}")


def _translated(
    read: Callable[[], bytes], know: Callable[[], zipkin_json.Seen]
) -> Iterator[Part | Trouble]:
    for found in documents(read):
        if isinstance(found, Trouble):
            yield found
            continue
        body, problems = translate(found.value, know)
        if body:
            yield Part(body, found.byte)
        for problem in problems:
            yield Trouble(found.line, found.byte, problem)


def _inside(
    found: Iterator[Part | Trouble], know: Callable[[], zipkin_json.Seen]
) -> Iterator[Part | Trouble]:
    """What messages hold: requests in protobuf or in JSON."""
    for message in found:
        if isinstance(message, Trouble):
            yield message
            continue
        content = Window(io.BytesIO(message.body).read)
        is_json = content.see(1) == b"{"
        for part in _translated(content.rest, know) if is_json else parts(content):
            if isinstance(part, Trouble):
                yield Trouble(0, message.byte + part.byte, part.reason)
            else:
                yield part


def _checked(found: Iterator[Part | Trouble]) -> Iterator[Piece | Trouble]:
    """Small parts together, in requests that are no larger than need be."""
    waiting: list[Part] = []
    size = 0
    for part in found:
        if isinstance(part, Trouble):
            yield part
            continue
        if waiting and size + len(part.body) > _PIECE_BYTES:
            yield from _requests(waiting)
            waiting, size = [], 0
        waiting.append(part)
        size += len(part.body)
    if waiting:
        yield from _requests(waiting)


def _requests(waiting: list[Part]) -> Iterator[Piece | Trouble]:
    try:
        yield Piece(storable(check(b"".join(part.body for part in waiting))))
    except Undecodable as error:
        if len(waiting) == 1:
            yield Trouble(0, waiting[0].byte, str(error))
            return
        for part in waiting:
            yield from _requests([part])


def _decodes(window: Window) -> bool:
    """Whether the first field is what it seems to be, where text might begin like that, too."""
    size, start = varint(window.see(12), 1)
    try:
        ResourceSpans.FromString(window.see(start + size)[start:])
    except DecodeError:
        return False
    return True


def _is_text(head: bytes) -> bool:
    text: Any = head.decode("utf-8", "ignore")
    return len(text) > 0.9 * len(head) and all(c.isprintable() or c.isspace() for c in text)
