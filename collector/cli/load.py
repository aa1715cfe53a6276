"""`choreoscope load`: files of spans into a running collector or into a folder, until judged."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.text import Text

from collector.api.models import Summary
from collector.cli import Failure, look
from collector.cli.ask import Collector
from collector.cli.destinations import Destination, Remote, local
from collector.cli.help import Commands, command
from collector.cli.loading import Loading
from collector.cli.plain import clean, plain
from collector.cli.sources import Absent, Input, Source, found
from collector.settings import load


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = command(
        commands,
        "load",
        "bring files of spans into a collector, or into a data folder",
        "Load spans from files: OTLP as protobuf, JSON, or JSON lines (what the OpenTelemetry "
        "Collector's file exporter writes), Jaeger's JSON, Zipkin's v2 JSON, each also packed with "
        "gzip or zstd; folders with all they hold. What a file is, is told by its content. Ends "
        "when everything is judged, with a summary. Of a broken file all that is whole is loaded; "
        "it is named, and the exit code is 1 then. Loading the same again counts nothing twice, so "
        "a load that was stopped is simply begun again.",
        [
            "choreoscope load spans.jsonl.gz",
            "choreoscope load exported/ --to http://127.0.0.1:4318",
            "choreoscope load spans.json --data ./orders && choreoscope serve --data ./orders",
            "zcat traces-*.gz | choreoscope load -",
        ],
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="files and folders; - is standard input"
    )
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
    loading = Loading()
    sources = list(found(given.files))
    size = sum(source.size for source in sources)
    began = time.monotonic()
    summary: Summary | None = None
    try:
        with _destination(given) as (destination, where), loading.shown(size, destination):
            for source in sources:
                if isinstance(source, Absent):
                    loading.absent(source)
                else:
                    loading.file(source, destination)
            loading.finish(destination)
            summary = destination.settled() if loading.spans else None
    except (KeyboardInterrupt, Failure) as error:
        if loading.spans or isinstance(error, KeyboardInterrupt):
            print(f"choreoscope: {clean(loading.interrupted())}", file=sys.stderr)
        raise
    finally:
        _forget(sources)
        loading.report_broken()
    loading.report(time.monotonic() - began, where)
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


def _forget(sources: list[Source | Absent]) -> None:
    for source in sources:
        if isinstance(source, Input):
            source.forget()


def _report_orders(summary: Summary) -> None:
    counts = {state: count for state, count in summary.orders.model_dump().items() if count}
    total = sum(counts.values())
    line = plain(
        f"There are now {total:,} {'order' if total == 1 else 'orders'}, in "
        f"{look.spans(summary.spans)} of {look.counted(summary.traces, 'trace')}: "
    )
    parts = [look.state(state).append(f" {count:,}") for state, count in counts.items()]
    look.console().print(line.append_text(Text(", ").join(parts)), soft_wrap=True)
