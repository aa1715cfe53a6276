"""`choreoscope load`: OTLP files into a running collector or into a folder, until judged."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from collector.api.models import Summary
from collector.cli import look
from collector.cli.ask import Collector
from collector.cli.destinations import Destination, Rejected, Remote, local
from collector.cli.formats import explained
from collector.cli.help import Commands, command
from collector.cli.plain import clean, plain
from collector.settings import load

_REQUEST_BYTES = 2 * 1024 * 1024  # small pieces travel together: each request costs a commit
_IN_FLIGHT = 4


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "load",
        "bring OTLP files into a collector, or into a data folder",
        "Load spans from files: OTLP as protobuf, JSON, or JSON lines (what the OpenTelemetry "
        "Collector's file exporter writes), each also gzipped; folders with all they hold. Ends "
        "when everything is judged, with a summary. A file that can't be read is named and the "
        "others go on; the exit code is 1 then.",
        [
            "choreoscope load spans.jsonl.gz",
            "choreoscope load exported/ --to http://127.0.0.1:4318",
            "choreoscope load spans.json --data ./orders && choreoscope serve --data ./orders",
        ],
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="files and folders")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--to",
        metavar="URL",
        help="a running collector [CHOREOSCOPE_COLLECTOR or http://127.0.0.1:4318]; "
        "CHOREOSCOPE_TOKEN is its token, if it wants one",
    )
    where.add_argument("--data", metavar="DIR", help="a data folder that no collector has open")
    parser.set_defaults(run=_load)


def _load(given: argparse.Namespace) -> int:
    loading = _Loading()
    files = list(loading.found(given.files))
    began = time.monotonic()
    with _destination(given) as (destination, where), loading.shown(files, destination):
        for path in files:
            loading.file(path, destination)
        loading.finish()
        summary = destination.settled() if loading.spans else None
    loading.report(len(files), time.monotonic() - began, where)
    if summary is not None:
        _report_orders(summary)
    return 1 if loading.broken else 0


@contextmanager
def _destination(given: argparse.Namespace) -> Iterator[tuple[Destination, str]]:
    if given.data is not None:
        settings = load({"data": given.data})
        with local(settings) as folder:
            yield folder, str(settings.data)
    else:
        settings = load({"collector": given.to})
        url = settings.collector.removesuffix("/").removesuffix("/v1/traces")
        with Collector(url, settings.token) as collector:
            yield Remote(collector), url


class _Loading:
    """One run: what was read, sent and refused, and how far it is."""

    def __init__(self) -> None:
        self.spans = 0
        self.broken = False
        self._refused: Counter[str] = Counter()
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[spans]:,} spans"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._pool = ThreadPoolExecutor(_IN_FLIGHT)
        self._sent: deque[tuple[Path, int, Future[tuple[int, str]]]] = deque()

    def found(self, names: list[str]) -> Iterator[Path]:
        """The files that are named or in folders that are; what is hidden in a folder is not."""
        for path in map(Path, names):
            if path.is_dir():
                yield from sorted(
                    inside
                    for inside in path.rglob("*")
                    if inside.is_file()
                    and not any(part.startswith(".") for part in inside.relative_to(path).parts)
                )
            elif path.exists():
                yield path
            else:
                self._complain(f"{path}: there is no such file")

    @contextmanager
    def shown(self, files: list[Path], destination: Destination) -> Iterator[None]:
        """Show the progress, on a terminal; end the senders in any case."""
        total = sum(path.stat().st_size for path in files)
        self._task = self._progress.add_task("Loading", total=max(1, total), spans=0)
        try:
            with self._progress:
                yield
        finally:
            destination.stop()
            self._pool.shutdown(cancel_futures=True)

    def file(self, path: Path, destination: Destination) -> None:
        """Send what a file holds; the last requests may still be on their way."""
        # Only who loads waits for what it takes to read files.
        from collector.receivers.files import FileError, read_otlp  # noqa: PLC0415

        size = path.stat().st_size
        bodies: list[bytes] = []
        spans = waiting = advanced = 0

        def send() -> None:
            future = self._pool.submit(destination.send, b"".join(bodies))
            self._sent.append((path, spans, future))
            while len(self._sent) > _IN_FLIGHT:
                self._taken()

        try:
            for piece in read_otlp(path):
                if piece.request.refused:
                    self._refused[piece.request.why.partition(" ")[2]] += piece.request.refused
                if not piece.request.spans:
                    continue
                if bodies and waiting + len(piece.request.body) > _REQUEST_BYTES:
                    send()
                    bodies, spans, waiting = [], 0, 0
                bodies.append(piece.request.body)
                spans += piece.request.spans
                waiting += len(piece.request.body)
                # Spans in protobuf are smaller than in JSON and larger than packed: a guess.
                step = min(len(piece.request.body), size - advanced)
                advanced += step
                self._progress.advance(self._task, step)
        except FileError as error:
            self._complain(explained(path, error))
        if bodies:
            send()
        self._progress.advance(self._task, size - advanced)

    def finish(self) -> None:
        """Wait for what is on its way."""
        while self._sent:
            self._taken()
        self._progress.update(self._task, description="Judging", total=None)

    def report(self, files: int, seconds: float, where: str) -> None:
        """Say what came of it."""
        out = look.console()
        counted = f"{files:,} {'file' if files == 1 else 'files'}"
        out.print(
            plain(
                f"Loaded {self.spans:,} spans from {counted} into {where} "
                f"in {look.duration(seconds)}."
            ),
            soft_wrap=True,
        )
        for why, spans in self._refused.most_common():
            out.print(plain(f"Refused {spans:,} {why}", "red"), soft_wrap=True)

    def _taken(self) -> None:
        path, spans, future = self._sent.popleft()
        try:
            refused, why = future.result()
        except Rejected as error:
            self._refused[f"spans of {path}: {error}"] += spans
            self._complain(f"{path}: refused: {error}")
            return
        self.spans += spans - refused
        if refused:
            self._refused[f"spans: {why}"] += refused
        self._progress.update(self._task, spans=self.spans)

    def _complain(self, sentence: str) -> None:
        self.broken = True
        if self._progress.disable:
            print(f"choreoscope: {clean(sentence)}", file=sys.stderr)
        else:
            self._console.print(plain(f"choreoscope: {sentence}"), soft_wrap=True)


def _report_orders(summary: Summary) -> None:
    counts = {state: count for state, count in summary.orders.model_dump().items() if count}
    total = sum(counts.values())
    line = plain(f"There are now {total:,} {'order' if total == 1 else 'orders'}: ")
    parts = [look.state(state).append(f" {count:,}") for state, count in counts.items()]
    look.console().print(line.append_text(Text(", ").join(parts)), soft_wrap=True)
