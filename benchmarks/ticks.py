"""What a tick costs, job by job: `make bench-ticks`.

In one process, inserts and ticks take turns, so that processor time can be told apart: some spans,
a tick, and again. Few spans show what planning costs, many what data costs, and a folder that
holds much already (`--folder`; `make bench-query` can leave one) what grows with it.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.orders import Orders
from collector.app import Parts, parts
from collector.engine.chdb import ChdbEngine
from collector.schema import otlp
from collector.settings import load

_HEAD = 120  # characters by which a statement is known again
_INSERTS = 4  # between two ticks
_SHOWN_MS = 4.0


@dataclass
class Cost:
    """What the runs of a statement took, in seconds."""

    runs: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0


Costs = defaultdict[str, Cost]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench-ticks", description=__doc__)
    add = parser.add_argument
    add("--spans", type=int, default=20_000, help="spans between two ticks [20000]")
    add("--ticks", type=int, default=12, help="how many ticks are measured [12]")
    add("--folder", type=Path, help="a data folder to go on with; it is changed [a new one]")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with parts(replace(load(environ={}), data=folder)) as held, _watched() as costs:
            opened_at = time.time_ns()
            while held.runner.progress().through < opened_at:  # what a folder still had to do
                held.runner.tick()
            rows = held.engine.query("SELECT count() AS spans FROM otel_traces").to_pylist()
            costs.clear()
            spans, cpu_s, wall_s = _turns(held, given.spans, given.ticks)
    print(
        f"{given.ticks} ticks, {spans / given.ticks:,.0f} spans before each, "
        f"{rows[0]['spans']:,} stored already\n{describe()}\n\n"
        f"a tick: {cpu_s / given.ticks:.2f} s of processor time, {wall_s / given.ticks:.2f} s\n"
    )
    print(f"{'':<22}{'runs':>6}{'CPU ms a run':>14}{'ms a run':>10}{'CPU s a million spans':>23}")
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].cpu_s):
        each = cost.cpu_s / cost.runs * 1e3
        if each >= _SHOWN_MS:
            print(
                f"{name:<22}{cost.runs:>6}{each:>14.0f}{cost.wall_s / cost.runs * 1e3:>10.0f}"
                f"{cost.cpu_s / spans * 1e6:>23.1f}"
            )


def _turns(held: Parts, spans: int, ticks: int) -> tuple[int, float, float]:
    """Insert and tick in turn: spans stored, seconds of the ticks by processor and by clock."""
    orders = Orders(max(1, min(167, spans // 18)), 0)
    stored, cpu_s, wall_s = 0, 0.0, 0.0
    requests: list[bytes] = []
    for _ in range(ticks):
        for _ in range(_INSERTS):
            taken: list[bytes] = []
            while len(taken) * orders.spans_a_request < spans / _INSERTS:
                requests = requests or orders.group(time.time_ns())
                taken.append(requests.pop(0))
            data = b"".join([*taken, otlp.received_at(time.time_ns())])
            held.engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
            stored += len(taken) * orders.spans_a_request
        cpu, wall = time.process_time(), time.monotonic()
        held.runner.tick()
        cpu_s += time.process_time() - cpu
        wall_s += time.monotonic() - wall
    return stored, cpu_s, wall_s


@contextlib.contextmanager
def _watched() -> Iterator[Costs]:
    """What each statement of the embedded engine costs, all threads of the process together."""
    names = {
        file.read_text("utf-8").strip()[:_HEAD]: file.name.removesuffix(".sql")
        for file in resources.files("collector.jobs").iterdir()
        if file.name.endswith(".sql")
    }
    names[otlp.insert_statement()[:_HEAD]] = "storing"
    costs: Costs = defaultdict(Cost)
    query, insert = ChdbEngine.query, ChdbEngine.insert

    @contextlib.contextmanager
    def watching(sql: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.monotonic()
        yield
        cost = costs[names.get(sql[:_HEAD], "the rest")]
        cost.runs += 1
        cost.cpu_s += time.process_time() - cpu
        cost.wall_s += time.monotonic() - wall

    def watched_query(self: ChdbEngine, sql: str, *args: Any, **kwargs: Any) -> Any:
        with watching(sql):
            return query(self, sql, *args, **kwargs)

    def watched_insert(self: ChdbEngine, sql: str, format: str, data: bytes) -> None:
        with watching(sql):
            insert(self, sql, format, data)

    ChdbEngine.query, ChdbEngine.insert = watched_query, watched_insert  # type: ignore[method-assign]
    try:
        yield costs
    finally:
        ChdbEngine.query, ChdbEngine.insert = query, insert  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
