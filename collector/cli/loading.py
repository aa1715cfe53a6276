"""One run of `load`: what was read, sent and refused, and how far it is."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from collector.cli import look
from collector.cli.destinations import Destination, Rejected
from collector.cli.plain import clean, plain
from collector.cli.sources import Absent, Source

_REQUEST_BYTES = 2 * 1024 * 1024  # small pieces travel together: each request costs a commit
_IN_FLIGHT = 4
_PLACES = 3  # that are named of a file that is broken at many


@dataclass(eq=False)
class Read:
    """What became of a file."""

    name: str
    loaded: int = 0
    done: bool = False
    troubles: int = 0
    places: list[str] = field(default_factory=list)

    def trouble(self, sentence: str) -> None:
        """Note what is wrong with it."""
        self.troubles += 1
        if len(self.places) < _PLACES:
            self.places.append(sentence)

    def sentence(self) -> str:
        """What is wrong with it, and what was loaded all the same."""
        more = self.troubles - len(self.places)
        told = "; ".join(self.places) + (f"; and at {more:,} more places" if more else "")
        spans = "nothing of it is" if not self.loaded else f"{look.spans(self.loaded)} of it are"
        return f"{self.name}: {told} ({spans} loaded)"


class _Part(NamedTuple):
    """Some spans of a file, as a request."""

    read: Read
    spans: int
    body: bytes


class Loading:
    """Reads sources in their order and sends what they hold, several requests at a time."""

    def __init__(self) -> None:
        self.spans = 0
        self.read: list[Read] = []
        self.left_alone: list[str] = []
        self.refused: Counter[str] = Counter()
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            DownloadColumn(),
            TextColumn("{task.fields[spans]:,} spans"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
            expand=True,
        )
        self._pool = ThreadPoolExecutor(_IN_FLIGHT)
        self._waiting: list[_Part] = []
        self._waiting_bytes = 0
        self._sent: deque[Future[list[tuple[_Part, int, str]]]] = deque()
        self._behind = 0  # bytes of files that are done

    @property
    def broken(self) -> list[Read]:
        """The files with which something is wrong."""
        return [read for read in self.read if read.troubles]

    @contextmanager
    def shown(self, size: int, destination: Destination) -> Iterator[None]:
        """Show the progress, on a terminal; end the senders in any case."""
        self._task = self._progress.add_task("Loading", total=size or None, spans=0)
        try:
            with self._progress:
                yield
        finally:
            destination.stop()
            self._pool.shutdown(cancel_futures=True)

    def file(self, source: Source, destination: Destination) -> None:
        """Send what a source holds; the last of it may still wait for more to go with it."""
        # Only who loads waits for what it takes to read files.
        from collector.receivers.files import Piece, SpanFile  # noqa: PLC0415

        read = Read(source.name)
        file = SpanFile(source.begin)
        self.read.append(read)
        spans = 0
        for piece in file.pieces():
            self._progress.update(self._task, completed=self._behind + file.read_bytes)
            if not isinstance(piece, Piece):
                read.trouble(str(piece))
                continue
            request = piece.request
            if request.refused:
                self.refused[request.why.partition(" ")[2]] += request.refused
            spans += request.spans + request.refused
            if request.spans:
                self._add(_Part(read, request.spans, request.body), destination)
        if read.troubles and not spans and not source.sure:
            self.read.remove(read)
            self.left_alone.append(source.name)
        read.done = True
        self._behind += file.read_bytes

    def absent(self, source: Absent) -> None:
        """Note a file that isn't there."""
        self.read.append(Read(source.name, troubles=1, places=["there is no such file"]))

    def finish(self, destination: Destination) -> None:
        """Send what waits, and wait for what is on its way."""
        self._send(destination)
        while self._sent:
            self._taken()
        self._progress.update(self._task, description="Judging", total=None)

    def report_broken(self) -> None:
        """Say which files are broken, and where."""
        for read in self.broken:
            print(f"choreoscope: {clean(read.sentence())}", file=sys.stderr)

    def report(self, seconds: float, where: str) -> None:
        """Say what came of it."""
        out = look.console()
        files = sum(bool(read.loaded or not read.troubles) for read in self.read)
        out.print(
            plain(
                f"Loaded {look.spans(self.spans)} from {look.counted(files, 'file')} "
                f"into {where} in {look.duration(seconds)}."
            ),
            soft_wrap=True,
        )
        for why, spans in self.refused.most_common():
            told = why.removeprefix("spans")
            out.print(plain(f"Refused {look.spans(spans)}{told}", "red"), soft_wrap=True)
        if self.left_alone:
            some = ", ".join(self.left_alone[:_PLACES])
            more = f", … ({len(self.left_alone):,})" if len(self.left_alone) > _PLACES else ""
            whose = "it holds" if len(self.left_alone) == 1 else "they hold"
            out.print(
                plain(f"Left alone, for {whose} no spans: {some}{more}"),
                soft_wrap=True,
            )

    def interrupted(self) -> str:
        """How far it got, for whoever stopped it."""
        done = sum(read.done for read in self.read)
        part = next((f", and a part of {read.name}" for read in self.read if not read.done), "")
        return (
            f"stopped: {look.spans(self.spans)} are stored, of {look.counted(done, 'whole file')}"
            f"{part}. "
            "Load the same again to go on: a span that comes twice counts once"
        )

    def _add(self, part: _Part, destination: Destination) -> None:
        if self._waiting and self._waiting_bytes + len(part.body) > _REQUEST_BYTES:
            self._send(destination)
        self._waiting.append(part)
        self._waiting_bytes += len(part.body)

    def _send(self, destination: Destination) -> None:
        if self._waiting:
            self._sent.append(self._pool.submit(_delivered, destination, self._waiting))
        self._waiting, self._waiting_bytes = [], 0
        while len(self._sent) > _IN_FLIGHT:
            self._taken()

    def _taken(self) -> None:
        for part, refused, why in self._sent.popleft().result():
            part.read.loaded += part.spans - refused
            self.spans += part.spans - refused
            if refused == part.spans:
                self.refused[f"spans of {part.read.name}: {why}"] += refused
                part.read.trouble(f"refused: {why}")
            elif refused:
                self.refused[f"spans: {why}"] += refused
        self._progress.update(self._task, spans=self.spans)


def _delivered(destination: Destination, parts: list[_Part]) -> list[tuple[_Part, int, str]]:
    """Send parts as one request: how many spans of each were refused, and why."""
    try:
        refused, why = destination.send(b"".join(part.body for part in parts))
    except Rejected as error:
        if len(parts) == 1:
            return [(parts[0], parts[0].spans, str(error))]
        # Not for one bad part the others.
        return [told for part in parts for told in _delivered(destination, [part])]
    return [(part, 0, "") for part in parts[:-1]] + [(parts[-1], refused, why)]
