"""A run of some seeds, watched by one collector: simulate, let the product see it, compare.

The seeds' systems are strangers to each other (other services, other keys, other workflows) that
send to the same collector, as teams do. It takes hardly longer than one alone.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.detection_baselines import Seen, all_of
from benchmarks.detection_runs import RUNS, Run, Size
from benchmarks.detection_score import Marks, alarms, marks
from benchmarks.simulator import events, play
from benchmarks.simulator.events import Recording
from benchmarks.simulator.otlp import Exporter, Exports, exports

PRODUCT = "Choreoscope"


@dataclass(frozen=True)
class Task:
    """A run of some seeds, in a process of its own."""

    name: str
    seeds: tuple[int, ...]
    size: Size
    faults: tuple[str, ...]
    limit_s: float = math.inf
    words: Path | None = None
    """A folder for every word that the product said."""


@dataclass
class Outcome:
    """What came of one seed. Times are its share of those of the task."""

    name: str
    seed: int
    marks: dict[str, Marks]
    orders: int
    spans: int
    ticks: int
    took_s: float
    cpu_s: float
    differing: int
    pairs: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Pairs of spans put into one order: rightly, by us, in truth."""
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Played:
    """A seed's run, as it happened and as it arrives."""

    seed: int
    run: Run
    recording: Recording
    arrived: Exports

    @property
    def tag(self) -> str:
        return f".s{self.seed}"

    def own(self, said: Sequence[play.Said]) -> list[play.Said]:
        """What was said of its orders, in its own words."""
        return [
            word._replace(
                workflow=word.workflow.removesuffix(self.tag),
                step=word.step.replace(f"{self.tag} ", " ", 1),
            )
            for word in said
            if word.workflow.endswith(self.tag)
        ]


def run(task: Task) -> list[Outcome]:
    """Simulate, watch, compare: an outcome a seed."""
    gc.disable()  # nothing here makes cycles, and there are millions of spans
    played = [_play(task, seed) for seed in task.seeds]
    gc.enable()
    first = played[0].run
    requests = sorted(
        (request for one in played for request in one.arrived.requests), key=lambda r: r[0]
    )
    seconds = first.plan.seconds
    told = time.monotonic()

    def progress(at: float) -> None:
        nonlocal told
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(f"  {task.name}: {at / seconds:.0%}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="choreoscope-detection-") as folder:
        workflows = [
            workflow
            for one in played
            for workflow in play.workflows([f.choreography for f in one.run.plan.flows], one.tag)
        ]
        flows = Path(folder) / "flows"
        flows.mkdir()
        for one in played:
            if one.run.declared:
                text = one.run.declared.replace("{tag}", one.tag)
                (flows / f"{one.seed}.yaml").write_text(text, "utf-8")
        watched = play.watch(
            Exports(requests),
            dataclasses.replace(play.settings(Path(folder) / "data", workflows), flows=flows),
            seconds,
            first.pace,
            asked=[order_id for one in played for order_id in _asked(one)],
            limit_s=task.limit_s,
            progress=progress,
        )
    return [_outcome(task, one, watched) for one in played]


def _play(task: Task, seed: int) -> _Played:
    planned = RUNS[task.name](seed, task.size)
    if task.faults:
        kept = tuple(f for f in planned.plan.faults if f.kind in task.faults)
        planned = dataclasses.replace(planned, plan=dataclasses.replace(planned.plan, faults=kept))
    recording = events.play(planned.plan)
    arrived = exports(recording, Exporter(every_s=planned.exporter_s), f".s{seed}")
    return _Played(seed, planned, recording, arrived)


def _outcome(task: Task, one: _Played, watched: play.Watched) -> Outcome:
    recording, seen_at = one.recording, one.arrived.seen
    warm, until, seeds = one.run.pace.warm_s, watched.until, len(task.seeds)
    said = one.own(watched.said)
    if task.words is not None:
        path = task.words / f"{task.name}-{one.seed}.jsonl"
        path.write_text("".join(json.dumps(word) + "\n" for word in said), "utf-8")
    raised = alarms(said, recording.orders)
    found = {PRODUCT: marks(recording, raised, said, warm, until)}
    seen = Seen(recording, seen_at, warm)
    for name, raised in all_of(seen).items():
        found[name] = marks(recording, sorted(raised, key=lambda a: a.at), (), warm, until)
    return Outcome(
        task.name,
        one.seed,
        found,
        len(recording.orders),
        len(recording.spans),
        watched.ticks,
        watched.took_s / seeds,
        watched.cpu_s / seeds,
        watched.differing if one.seed == task.seeds[0] else 0,
        _pairs(recording, [at if at <= until else math.nan for at in seen_at], watched.spans),
        _sentences(recording, watched.sentences),
    )


def _asked(one: _Played) -> list[str]:
    done = [o.order_id for o in one.recording.orders if o.outcome == "completed"]
    wanted = one.run.correlation
    return done[:: max(1, len(done) // wanted)] if wanted else []


def _pairs(
    recording: Recording, seen: list[float], told: dict[str, set[str]]
) -> tuple[float, float, float]:
    """Pairs of spans of one order: right ones, those said, those true. Spans not seen are nan."""
    truth: dict[str, set[str]] = {o.order_id: set() for o in recording.orders if o.order_id in told}
    for span, at in zip(recording.spans, seen, strict=True):
        if not math.isnan(at):
            for number in (span.order,) if isinstance(span.order, int) else span.order:
                if number >= 0 and (order_id := recording.orders[number].order_id) in truth:
                    truth[order_id].add(f"{span.span:016x}")
    right = said = true = 0.0
    for order_id, spans in truth.items():
        right += math.comb(len(told[order_id] & spans), 2)
        said += math.comb(len(told[order_id]), 2)
        true += math.comb(len(spans), 2)
    return right, said, true


def _sentences(recording: Recording, sentences: dict[str, str]) -> list[str]:
    told = []
    known = [order for order in recording.orders if order.order_id in sentences]
    for order in known[:400:40]:
        kinds = [stop.kind for stop in order.stops] + [block.kind for block in order.blocks]
        told.append(
            f"{order.order_id}: {sentences[order.order_id]} [{', '.join(kinds) or 'healthy'}]"
        )
    return told
