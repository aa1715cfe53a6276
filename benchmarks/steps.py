"""What each step of a span's way costs, in one process: decoding, storing, then each job."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.orders import Orders
from collector.app import Parts, parts
from collector.jobs.statements import Statements
from collector.schema import otlp
from collector.settings import load

BATCH_BYTES = 8 * 1024 * 1024
BATCHES = 20
_JOBS = ("services", "spans", "correlate", "assemble", "edges", "calls_by_minute", "frontier")
_LAST = ("oblige", "judge")


@dataclass(frozen=True)
class Step:
    """Seconds that a million spans take in this step, by the processor and by the clock."""

    name: str
    cpu_s_per_million: float
    wall_s_per_million: float


def steps(folder: Path, *, whole: bool = True) -> list[Step]:
    """Decoding, storing and, where wanted, the jobs, for about 300,000 spans."""
    found: list[Step] = []
    with parts(replace(load(environ={}), data=folder)) as held:
        _insert(held, 1)  # the first ones are slower
        view = _view(held)
        held.engine.query("DROP TABLE otlp_to_otel_traces SYNC", lane="job")
        decode = _insert(held, BATCHES // 2)
        found.append(decode)
        held.engine.query(view, lane="job")
        store = _insert(held, BATCHES)
        found.append(
            Step(
                "otel_traces, durable",
                store.cpu_s_per_million - decode.cpu_s_per_million,
                store.wall_s_per_million,
            )
        )
        if whole:
            found += _ticks(held)
    return found


def _view(held: Parts) -> str:
    name = "otlp_to_otel_traces"
    rows = held.engine.query(
        "SELECT create_table_query AS sql FROM system.tables "
        f"WHERE database = currentDatabase() AND name = '{name}'"
    ).to_pylist()
    return str(rows[0]["sql"])


def _insert(held: Parts, batches: int) -> Step:
    orders = Orders(167, batches)
    spans, cpu_s, wall_s = 0, 0.0, 0.0
    for _ in range(batches):
        requests: list[bytes] = []
        while sum(map(len, requests)) < BATCH_BYTES:
            requests += orders.group(time.time_ns())
        data = b"".join([*requests, otlp.received_at(time.time_ns())])
        cpu, wall = time.process_time(), time.monotonic()
        held.engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
        cpu_s += time.process_time() - cpu
        wall_s += time.monotonic() - wall
        spans += len(requests) * orders.spans_a_request
    return Step("decode", cpu_s / spans * 1e6, wall_s / spans * 1e6)


def _ticks(held: Parts) -> list[Step]:
    """Tick until all is judged, and take the time of each job."""
    cpu_s: Counter[str] = Counter()
    wall_s: Counter[str] = Counter()
    run = Statements.run

    def timed(self: Statements, name: str, **params: object) -> None:
        cpu, wall = time.process_time(), time.monotonic()
        run(self, name, **params)  # type: ignore[arg-type]
        cpu_s[name] += time.process_time() - cpu
        wall_s[name] += time.monotonic() - wall

    cpu, wall = time.process_time(), time.monotonic()
    Statements.run = timed  # type: ignore[method-assign, assignment]
    try:
        stored_by = time.time_ns()
        while held.runner.progress().through < stored_by or not held.runner.progress().learned:
            held.runner.tick()
    finally:
        Statements.run = run  # type: ignore[method-assign]
    all_cpu_s, all_wall_s = time.process_time() - cpu, time.monotonic() - wall
    rows = held.engine.query("SELECT count() AS n FROM spans FINAL").to_pylist()
    millions = rows[0]["n"] / 1e6
    named = [*_JOBS, *_LAST]
    found = [Step(name, cpu_s[name] / millions, wall_s[name] / millions) for name in named]
    rest = all_cpu_s - sum(cpu_s[name] for name in named)
    more = "learning, merges, the rest"
    return [*found, Step(more, rest / millions, (all_wall_s - sum(wall_s.values())) / millions)]
