"""What a file is that isn't OTLP, in words for the one who named it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.receivers.files import FileError

_HEAD_BYTES = 64 * 1024


def explained(path: Path, error: FileError) -> str:
    """Why a file can't be read: by its format if that is known, else as the reader said it."""
    loadable = "OTLP as protobuf, JSON or JSON lines can"
    head = _head(path)
    if name := _foreign(head):
        return f"{path}: {name} can't be loaded yet; {loadable}"
    if not error.line and head and not head.lstrip().startswith((b"{", b"[")) and _is_text(head):
        return f"{path}: this text can't be loaded; {loadable}"
    return str(error)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            content = gzip.GzipFile(fileobj=file) if packed else file
            return content.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _foreign(head: bytes) -> str:
    if b'"resourceSpans"' in head or b'"resource_spans"' in head:
        return ""
    if b'"traceID"' in head and b'"spanID"' in head:
        return "Jaeger's JSON"
    if b'"traceId"' in head and (b'Endpoint"' in head or b'"timestamp"' in head):
        return "Zipkin's JSON"
    return ""


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")
    return len(text) > 0.9 * len(head) and all(c.isprintable() or c.isspace() for c in text)
