"""How well stuck orders are found: `make bench-detection`.

Runs of simulated orders (benchmarks/simulator) with every fault of a choreography's life pass
through the whole product on a virtual clock: OTLP requests in, the jobs' tick every few virtual
seconds, and what the lists of orders show, compared with the exact truth. Three baselines see the
same spans. Seeds 1–5 may be looked at while the engine is built; what counts are seeds 101–110.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks.detection_report import by_run, report
from benchmarks.detection_runs import EVALUATION_SEEDS, RUNS, TUNING_SEEDS, Size
from benchmarks.detection_watch import Outcome, Task, run

_QUICK = ("losses", "outages")


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
    parser.add_argument("--warm", type=float, default=8.0, help="minutes before the faults [8]")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once [2]")
    parser.add_argument("--quick", action="store_true", help="one seed, about three minutes")
    parser.add_argument("--together", type=int, default=10, help="seeds a collector [10]")
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
        seeds, names, size = seeds[:1], list(_QUICK), Size(6.0, 6.0, 6.0, 6.0)
    faults = tuple(kind.strip() for kind in given.faults.split(",") if kind.strip())
    limit_s = given.limit or math.inf
    if given.words:
        given.words.mkdir(parents=True, exist_ok=True)
    tasks = [
        Task(name, tuple(seeds[n : n + given.together]), size, faults, limit_s, given.words)
        for n in range(0, len(seeds), given.together)
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
            found = done.result()
            outcomes += found
            took_s = sum(outcome.took_s for outcome in found)
            print(f"  {found[0].name}: {took_s:.0f} s", file=sys.stderr, flush=True)
            if given.each:
                print("\n".join(by_run(found)), flush=True)
            if given.json:
                given.json.write_text(json.dumps([_plain(o) for o in outcomes], indent=1), "utf-8")
    print("\n".join(["", *report(outcomes, time.monotonic() - began)]))


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found


if __name__ == "__main__":
    main()
