"""OTLP files → request bodies: protobuf, JSON, and JSON lines (the Collector's file exporter).

What a file is, is told by its content, never by its name; each may also be gzipped.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from collector.receivers.framing import frames
from collector.receivers.otlp_json import encode, parse
from collector.receivers.request import Checked, Undecodable, check

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
# Metrics, logs and profiles are OTLP without spans, not a broken file.
_SIGNALS = {
    name
    for signal in ("Spans", "Metrics", "Logs", "Profiles")
    for name in (f"resource{signal}", f"resource_{signal.lower()}")
}
_PIECE_BYTES = 4 * 1024 * 1024


class FileError(Exception):
    """A file that can't be read on; the message names file and line."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line


@dataclass(frozen=True)
class Piece:
    """A part of a file as one request, and the line where it starts (0 in a binary file)."""

    request: Checked
    line: int


def read_otlp(path: Path) -> Iterator[Piece]:
    """The requests in a file, of a few megabytes at most where the file can be split.

    Raises FileError at the first thing that can't be read; the pieces before it are whole.
    """
    line = 0
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            content = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
            head = _head(content)
            if head.startswith(b"\n"):
                # A request in protobuf starts with a line feed, its first tag; so may a text.
                whole = head + content.read()
                content = io.BytesIO(whole)
                head = b"" if _is_message(whole) else _head(content)
            if head.removeprefix(_BOM).lstrip().startswith((b"{", b"[")):
                for line, text in _documents(head.removeprefix(_BOM), content):
                    yield Piece(check(_from_json(text)), line)
            else:
                for body in _pieces(head + content.read()):
                    yield Piece(check(body), 0)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(path, line, f"can't read it: {reason}") from None
    except (Undecodable, ValueError) as error:
        raise FileError(path, line, str(error)) from None


def _head(content: BinaryIO) -> bytes:
    """Up to and with the first line that isn't empty."""
    head = content.readline()
    while head.isspace() and (line := content.readline()):
        head += line
    return head


def _documents(head: bytes, content: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each JSON document with its line: one on every line, or one in the whole file."""
    number = head.count(b"\n", 0, len(head) - 1) + 1
    try:
        json.loads(head)
    except ValueError:
        yield number, head + content.read()
        return
    except RecursionError:
        pass  # reported where it is read for good
    yield number, head
    for text in content:
        number += 1
        if not text.isspace():
            yield number, text


def _from_json(text: bytes) -> bytes:
    document = parse(text)
    if isinstance(document, dict) and (not document or _SIGNALS & document.keys()):
        return encode(document)
    raise Undecodable("this JSON is no OTLP: it has no resourceSpans")


def _pieces(body: bytes) -> Iterator[bytes]:
    """One request in protobuf as several, split between its top-level fields."""
    start = end = 0
    for _, after in frames(body):
        if after - start > _PIECE_BYTES and end > start:
            yield body[start:end]
            start = end
        end = after
    if end > start:
        yield body[start:end]


def _is_message(body: bytes) -> bool:
    try:
        return sum(1 for _ in frames(body)) > 0
    except ValueError:
        return False
