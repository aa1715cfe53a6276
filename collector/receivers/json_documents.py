"""A stream of JSON text → its documents, one after the other, however large the whole is.

Documents may stand on lines of their own, behind one another, or in lists: each member of a list is
a document, and a list of lists is one list. An object of many megabytes whose list of things is
known comes as several objects with a part of the list each. What can't be read is named with its
place, what is whole of it is given, and reading goes on at the next line that starts a document.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from collector.receivers.cut_json import whole_part
from collector.receivers.trouble import Trouble

_SPLIT_CHARS = 4 * 1024 * 1024  # larger objects are taken apart if they can be
_LARGEST_CHARS = 256 * 1024 * 1024
_DEEPEST_LIST = 4
_TAIL = 32  # an error so near to the end may be one of text that hasn't been read yet

_IGNORED = re.compile("[ \t\r\n\0\x1e\ufeff]*")
_SPLIT = re.compile(r'\{\s*"(resourceSpans|resource_spans|batches|data)"\s*:\s*(?=\[)')
_MEMBER = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*:\s*')
_RESUME = re.compile(r"\n\0*(?=[{\[])")
_LEFT_OVER = re.compile(r"[,\]}\s]*")
_CUT_WORD = re.compile(r"(t(r(u)?)?|f(a(l(s)?)?)?|n(u(l)?)?|-)?\s*\Z")

# NaN is no JSON, but some write it: whoever needs a number there refuses it.
_DECODE = json.JSONDecoder(parse_constant=float).raw_decode


@dataclass(frozen=True)
class Document:
    """A value, and the place where it starts."""

    value: Any
    line: int
    byte: int


class _Broken(Exception):  # noqa: N818
    """Where it breaks, why, whether it breaks off, and the name of the list it is a member of."""

    def __init__(self, at: int, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason
        self.cut = cut
        self.name: str | None = None


class _Text:
    """A window on the stream: `text`, read up to `at`; `ended`: nothing comes behind it."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        # Bytes that are no UTF-8 become halves of surrogates, which no span may have.
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self.text = ""
        self.at = 0
        self.ended = False
        self._placed = (0, 1, 0)  # a position in the window, its line and byte

    def more(self, enough: int = 0) -> None:
        """Read on, until `enough` characters are ahead; what lies behind is forgotten."""
        _, line, byte = self.place(self.at)
        parts, size = [self.text[self.at :]], len(self.text) - self.at
        while not self.ended and (len(parts) == 1 or size < enough):
            data = self._read()
            self.ended = not data
            parts.append(self._decode(data, self.ended))
            size += len(parts[-1])
        self.text, self.at = "".join(parts), 0
        self._placed = (0, line, byte)

    def place(self, at: int) -> tuple[int, int, int]:
        """The position, its line, from 1, and its byte, from 0."""
        known, line, byte = self._placed
        if at >= known:
            between = self.text[known:at]
            size = len(between.encode("utf-8", "surrogateescape"))
            self._placed = (at, line + between.count("\n"), byte + size)
            return self._placed
        between = self.text[at:known]
        size = len(between.encode("utf-8", "surrogateescape"))
        return at, line - between.count("\n"), byte - size

    def next(self) -> Iterator[Trouble]:
        """Go to what comes next that isn't empty; a block of NUL bytes on the way is told."""
        blank, first = 0, self.place(self.at)
        while True:
            found = _IGNORED.match(self.text, self.at)
            assert found is not None
            if nul := found[0].count("\0"):
                first = first if blank else self.place(self.at + found[0].index("\0"))
                blank += nul
            self.at = found.end()
            if self.at < len(self.text) or self.ended:
                break
            self.more()
        if blank:
            yield Trouble(first[1], first[2], f"{blank:,} NUL bytes instead of text")

    @property
    def first(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]


def documents(read: Callable[[], bytes]) -> Iterator[Document | Trouble]:
    """All documents of a stream; `read` gives its next bytes, none at the end."""
    text = _Text(read)
    rescued = False
    while True:
        yield from text.next()
        if rescued and (left_over := _LEFT_OVER.match(text.text, text.at)):
            text.at = left_over.end()  # of the list that broke
            yield from text.next()
        if not text.first:
            return
        try:
            yield from _value(text, 0)
        except _Broken as broken:
            rescued = True
            yield from _rescued(text, broken)


def _value(text: _Text, depth: int) -> Iterator[Document | Trouble]:
    if text.first == "{":
        yield from _object(text)
    elif text.first == "[" and depth < _DEEPEST_LIST:
        yield from _list(text, depth, None)
    else:
        raise _Broken(text.at, "no object starts here")


def _list(text: _Text, depth: int, name: str | None) -> Iterator[Document | Trouble]:
    """The members of a list, each as a document; with a name, as an object with a list of one."""
    text.at += 1
    while True:
        yield from text.next()
        if not text.first:
            raise _Broken(text.at, "the list isn't closed", cut=True)
        if text.first == "]":
            text.at += 1
            return
        if text.first == ",":
            text.at += 1
        elif name is None:
            yield from _value(text, depth + 1)
        else:
            _, line, byte = text.place(text.at)
            try:
                value = _decoded(text)
            except _Broken as broken:
                broken.name = name
                raise
            yield Document({name: [value]}, line, byte)


def _object(text: _Text) -> Iterator[Document | Trouble]:
    _, line, byte = text.place(text.at)
    value = _decoded(text, may_split=True)
    if value is not None:
        yield Document(value, line, byte)
        return
    # Too large for one: the members that are lists of known things are taken apart, others pass.
    text.at += 1
    while True:
        yield from text.next()
        if text.first == "}":
            text.at += 1
            return
        if text.first == ",":
            text.at += 1
        text.more(_SPLIT_CHARS)
        split = _SPLIT.match("{" + text.text[text.at : text.at + 1000])
        member = _MEMBER.match(text.text, text.at)
        if member is None:
            raise _Broken(text.at, "the object isn't closed", cut=not text.first)
        text.at = member.end()
        if split:
            yield from _list(text, 0, split[1])
        else:
            _decoded(text)


def _decoded(text: _Text, *, may_split: bool = False) -> Any:
    """The value that starts here; None if it is so large that it is better split."""
    while True:
        try:
            value, end = _DECODE(text.text, text.at)
        except json.JSONDecodeError as error:
            at, reason = error.pos, error.msg
            unfinished = reason.startswith("Unterminated") or at >= len(text.text) - _TAIL
            # A line that breaks off within a string goes on with the next.
            cut = reason.startswith("Invalid control") and text.text[at] in "\n\0"
        except RecursionError:
            raise _Broken(text.at, "the JSON is nested too deeply") from None
        except ValueError as error:  # a number of thousands of digits
            raise _Broken(text.at, str(error)) from None
        else:
            if end < len(text.text) or text.ended:
                text.at = end
                return value
            unfinished, cut, at, reason = True, False, end, ""
        ahead = len(text.text) - text.at
        if cut or not unfinished:
            raise _Broken(at, reason, cut=cut)
        if text.ended:
            cut = reason.startswith("Unterminated") or bool(_CUT_WORD.match(text.text, at))
            raise _Broken(at, reason, cut=cut)
        if may_split and ahead >= _SPLIT_CHARS and _SPLIT.match(text.text, text.at):
            return None
        if ahead > _LARGEST_CHARS:
            raise _Broken(text.at, f"one object is larger than {_LARGEST_CHARS:,} characters")
        text.more(2 * ahead if ahead >= _SPLIT_CHARS else min(2 * ahead, _SPLIT_CHARS))


def _rescued(text: _Text, broken: _Broken) -> Iterator[Document | Trouble]:
    """What is whole of a document that breaks off; the text then stands where to go on."""
    if not text.ended and len(text.text) - text.at < _SPLIT_CHARS:
        broken.at -= text.at
        text.more(_SPLIT_CHARS)
    start = text.at
    resume = _RESUME.search(text.text, start)
    end = resume.start() if resume else len(text.text)
    cut = broken.cut or broken.at >= end
    stop = min(end, broken.at)
    part = whole_part(text.text[start:stop])
    if part is not None:
        _, line, byte = text.place(start)
        with suppress(ValueError, RecursionError):
            value = _DECODE(part[0])[0]
            yield Document({broken.name: [value]} if broken.name else value, line, byte)
    if cut:
        stop = start + (part[1] if part else 0)
    _, line, byte = text.place(stop)
    reason = "from here on it is cut off" if cut else f"no JSON: {broken.reason}"
    yield Trouble(line, byte, reason)
    text.at = end
    while resume is None and not text.ended:
        text.at = max(text.at, len(text.text) - 2)
        text.more()
        if resume := _RESUME.search(text.text, text.at):
            text.at = resume.start()
    if resume is None:
        text.at = len(text.text)
