"""How well stuck orders are found: `make bench-detection`.

Runs of simulated orders (benchmarks/simulator) with every fault of a choreography's life pass
through the whole product on a virtual clock: OTLP requests in, the jobs' tick every few virtual
seconds, and what the lists of orders show, compared with the exact truth. Three baselines see the
same spans. Seeds 1–5 may be looked at while the engine is built; what counts are seeds 101–110.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.detection_baselines import Seen, all_of
from benchmarks.detection_runs import EVALUATION_SEEDS, RUNS, TUNING_SEEDS, Run, Size
from benchmarks.detection_score import Alarm, Mark, Marks, alarms, is_harmless, marks, quantile
from benchmarks.machine import describe
from benchmarks.simulator import events, play
from benchmarks.simulator.events import Recording
from benchmarks.simulator.otlp import Exporter, exports

PRODUCT = "Choreoscope"
_QUICK = ("losses", "outages")


@dataclass(frozen=True)
class Task:
    """A run of a seed, in a process of its own."""

    name: str
    seed: int
    size: Size
    faults: tuple[str, ...]
    limit_s: float = math.inf
    words: Path | None = None
    """A folder for every word that the product said."""


@dataclass
class Outcome:
    """What came of it."""

    task: Task
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


def run(task: Task) -> Outcome:
    """Simulate, watch, compare."""
    planned = RUNS[task.name](task.seed, task.size)
    if task.faults:
        kept = tuple(f for f in planned.plan.faults if f.kind in task.faults)
        planned = dataclasses.replace(planned, plan=dataclasses.replace(planned.plan, faults=kept))
    gc.disable()  # nothing here makes cycles, and there are millions of spans
    recording = events.play(planned.plan)
    arrived = exports(recording, Exporter(every_s=planned.exporter_s))
    gc.enable()
    seconds, warm = planned.plan.seconds, planned.pace.warm_s
    asked = _asked(recording, planned)
    told = time.monotonic()

    def progress(at: float) -> None:
        nonlocal told
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(f"  {task.name} {task.seed}: {at / seconds:.0%}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="choreoscope-detection-") as folder:
        how = play.settings(Path(folder) / "data", [f.choreography for f in planned.plan.flows])
        watched = play.watch(
            arrived,
            how,
            seconds,
            planned.pace,
            asked=asked,
            limit_s=task.limit_s,
            progress=progress,
        )
    if task.words is not None:
        path = task.words / f"{task.name}-{task.seed}.jsonl"
        path.write_text("".join(json.dumps(word) + "\n" for word in watched.said), "utf-8")
    until = watched.until
    ours = alarms(watched.said, recording.orders)
    found = {PRODUCT: marks(recording, ours, watched.said, warm, until)}
    seen = Seen(recording, arrived.seen, warm)
    for name, raised in all_of(seen).items():
        late = sorted((a for a in raised if a.at >= warm), key=lambda a: a.at)
        found[name] = marks(recording, late, (), warm, until)
    return Outcome(
        task,
        found,
        len(recording.orders),
        len(recording.spans),
        watched.ticks,
        watched.took_s,
        watched.cpu_s,
        watched.differing,
        _pairs(recording, [at if at <= until else math.nan for at in arrived.seen], watched.spans),
        _sentences(recording, watched.sentences),
    )


def _asked(recording: Recording, planned: Run) -> list[str]:
    done = [o.order_id for o in recording.orders if o.outcome == "completed"]
    return done[:: max(1, len(done) // planned.correlation)] if planned.correlation else []


def _pairs(
    recording: Recording, seen: list[float], told: dict[str, set[str]]
) -> tuple[float, float, float]:
    """Pairs of spans of one order: right ones, those said, those true. Spans not seen are nan."""
    truth: dict[str, set[str]] = {order_id: set() for order_id in told}
    for span, at in zip(recording.spans, seen, strict=True):
        if not math.isnan(at):
            for number in (span.order,) if isinstance(span.order, int) else span.order:
                if number >= 0 and (order_id := recording.orders[number].order_id) in truth:
                    truth[order_id].add(f"{span.span:016x}")
    right = said = true = 0.0
    for order_id, spans in told.items():
        right += math.comb(len(spans & truth[order_id]), 2)
        said += math.comb(len(spans), 2)
        true += math.comb(len(truth[order_id]), 2)
    return right, said, true


def _sentences(recording: Recording, sentences: dict[str, str]) -> list[str]:
    truth = {order.order_id: order for order in recording.orders}
    told = []
    for order_id, sentence in list(sentences.items())[:400:40]:
        order = truth.get(order_id)
        if order is not None:
            kinds = [stop.kind for stop in order.stops] + [block.kind for block in order.blocks]
            told.append(f"{order_id}: {sentence} [{', '.join(kinds) or 'healthy'}]")
    return told


def table(total: Marks) -> list[str]:
    """A row a fault."""
    head = (
        f"{'fault':<18}{'orders':>7}{'recall':>8}{'right edge':>11}{'state':>7}"
        f"{'TTD p50':>9}{'p90':>7}{'incidents':>11}{'TTD':>6}"
        f"{'met by':>9}{'false':>7}{'/10k':>8}{'incidents':>11}"
    )
    rows = [head, "-" * len(head)]
    for kind in sorted(total.kinds, key=lambda k: (is_harmless(k), k)):
        mark = total.kinds[kind]
        rows.append(_row(kind, mark))
    return rows


def _row(kind: str, mark: Mark) -> str:
    changed = [at for at in mark.changes if math.isfinite(at)]
    incidents = f"{mark.incidents_found}/{mark.incidents}" if mark.incidents else ""
    if mark.changes:
        incidents = f"{len(changed)}/{len(mark.changes)}"
    first = [*mark.incident_times, *changed]
    return (
        f"{kind:<18}{mark.orders or '':>7}{_share(mark.found, mark.orders):>8}"
        f"{_share(mark.right_edge, mark.found):>11}{_share(mark.right_state, mark.found):>7}"
        f"{_seconds(mark.times, 0.5):>9}{_seconds(mark.times, 0.9):>7}"
        f"{incidents:>11}{_seconds(first, 0.5):>6}"
        f"{mark.met:>9,}{mark.false:>7}{_per_10k(mark.false, mark.met):>8}"
        f"{mark.false_incidents:>11}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def _seconds(values: list[float], q: float) -> str:
    return f"{quantile(values, q):.0f} s" if values else ""


def _per_10k(false: int, healthy: int) -> str:
    return f"{false / healthy * 1e4:.1f}" if healthy else ""


def summary(by_name: dict[str, Marks]) -> list[str]:
    """A row a detector: everything together."""
    head = (
        f"{'detector':<20}{'recall':>8}{'precision':>11}{'false/10k':>11}{'right edge':>12}"
        f"{'TTD p50':>9}{'p90':>8}{'false incidents':>17}{'leaf spans':>12}"
    )
    rows = [head, "-" * len(head)]
    for name, total in by_name.items():
        both = Mark()
        for mark in total.kinds.values():
            both.add(mark)
        alarmed = total.right + total.false
        rows.append(
            f"{name:<20}{_share(both.found, both.orders):>8}{_share(total.right, alarmed):>11}"
            f"{_per_10k(total.false, total.healthy):>11}{_share(both.right_edge, both.found):>12}"
            f"{_seconds(both.times, 0.5):>9}{_seconds(both.times, 0.9):>8}"
            f"{both.false_incidents if name == PRODUCT else '':>17}{total.leaves:>12}"
        )
    return rows


def report(outcomes: Iterable[Outcome], took_s: float) -> list[str]:
    """All that is printed at the end."""
    done = list(outcomes)
    by_name: dict[str, Marks] = {}
    for outcome in done:
        for name, found in outcome.marks.items():
            by_name.setdefault(name, Marks()).add(found)
    ours = by_name[PRODUCT]
    right, said, true = (sum(o.pairs[n] for o in done) for n in range(3))
    lines = [
        describe(),
        f"{len(done)} runs, {sum(o.orders for o in done):,} orders, "
        f"{sum(o.spans for o in done):,} spans, {sum(o.ticks for o in done):,} ticks; "
        f"{took_s:,.0f} s, {sum(o.cpu_s for o in done):,.0f} s of processor time",
        "",
        *table(ours),
        "",
        *summary(by_name),
        "",
        "Healthy orders that were over, by the state shown at the end: "
        + (", ".join(f"{n:,} {state}" for state, n in ours.finals.most_common()) or "none"),
    ]
    if true:
        precision, recall = right / max(1, said), right / true
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        lines.append(
            f"Correlation, pairs of spans: F1 {f1:.4f} (precision {precision:.4f}, "
            f"recall {recall:.4f})"
        )
    if differing := sum(o.differing for o in done):
        lines.append(f"The list and the table differ for {differing:,} orders.")
    return lines


def by_run(outcomes: Iterable[Outcome]) -> list[str]:
    """A line a run, and examples of what went wrong."""
    lines = []
    for outcome in sorted(outcomes, key=lambda o: (o.task.name, o.task.seed)):
        total = outcome.marks[PRODUCT]
        orders = sum(m.orders for m in total.kinds.values())
        found = sum(m.found for m in total.kinds.values())
        right, said, true = outcome.pairs
        more = f", pairs {right:.0f} right of {said:.0f} said, {true:.0f} true" if true else ""
        lines.append(
            f"{outcome.task.name} {outcome.task.seed}: {found} of {orders} found, "
            f"{total.false} false of {total.healthy:,} healthy, {total.leaves} leaf spans, "
            f"{outcome.took_s:.0f} s{more}"
        )
        for kind, mark in total.kinds.items():
            lines += [f"    {kind}: {example}" for example in mark.examples]
        lines += [f"    says {sentence}" for sentence in outcome.sentences]
    return lines


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if not isinstance(value, float) or math.isfinite(value) else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="make bench-detection",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", default="", help="comma-separated, or 101-110 [101-110]")
    parser.add_argument("--runs", default=",".join(RUNS), help=f"of {', '.join(RUNS)} [all]")
    parser.add_argument("--faults", default="", help="only these kinds, comma-separated [all]")
    parser.add_argument("--orders-per-s", type=float, default=8.0, help="[8]")
    parser.add_argument("--minutes", type=float, default=15.0, help="with faults, virtual [15]")
    parser.add_argument("--tick", type=float, default=5.0, help="virtual seconds [5]")
    parser.add_argument("--warm", type=float, default=4.0, help="minutes before the faults [4]")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once [2]")
    parser.add_argument("--quick", action="store_true", help="one seed, about three minutes")
    parser.add_argument("--each", action="store_true", help="every run, with examples")
    parser.add_argument(
        "--limit", type=float, default=0, help="end a run after so many real seconds [never]"
    )
    parser.add_argument("--words", type=Path, help="every change of a state, to this folder")
    parser.add_argument("--json", type=Path, help="all marks, to this file")
    given = parser.parse_args()
    seeds = _numbers(given.seeds) if given.seeds else list(EVALUATION_SEEDS)
    names = [name for name in given.runs.split(",") if name]
    if unknown := set(names) - set(RUNS):
        parser.error(f"--runs: {', '.join(sorted(unknown))} is none of {', '.join(RUNS)}")
    size = Size(given.orders_per_s, given.minutes, given.tick, given.warm)
    if given.quick:
        seeds, names, size = seeds[:1], list(_QUICK), Size(6.0, 8.0, 8.0, 4.0)
    faults = tuple(kind.strip() for kind in given.faults.split(",") if kind.strip())
    if given.words:
        given.words.mkdir(parents=True, exist_ok=True)
    tasks = [
        Task(name, seed, size, faults, given.limit or math.inf, given.words)
        for seed in seeds
        for name in names
    ]
    tuned = [seed for seed in seeds if seed in TUNING_SEEDS]
    print(
        f"Detection of stuck orders: seeds {', '.join(map(str, seeds))}"
        + (f"; {', '.join(map(str, tuned))} used for tuning" if tuned else ", not used for tuning"),
        flush=True,
    )
    began = time.monotonic()
    outcomes: list[Outcome] = []
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.jobs, mp_context=spawned, max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(run, task) for task in tasks]):
            outcome = done.result()
            outcomes.append(outcome)
            print(
                f"  {len(outcomes)}/{len(tasks)}: {outcome.task.name} {outcome.task.seed}, "
                f"{outcome.took_s:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            if given.each:
                print("\n".join(by_run([outcome])), flush=True)
            if given.json:
                given.json.write_text(json.dumps([_plain(o) for o in outcomes], indent=1), "utf-8")
    print("\n".join(["", *report(outcomes, time.monotonic() - began)]))


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found


__all__ = ["Alarm", "Outcome", "Task", "main", "run"]

if __name__ == "__main__":
    main()
