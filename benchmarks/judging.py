"""How long the jobs take over many orders: `make bench-judging`.

Facts of orders are put into the tables as correlating would have put them there: most are finished
and learned from, the others wait, as orders that need hours do. Then each job is run as the tick
runs it. Processor time is what the job costs all threads; it hardly depends on what else runs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import describe
from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.jobs.judging import Judging
from collector.jobs.learning import Learner
from collector.jobs.statements import Statements
from collector.schema.migrate import migrate

_NOW = 1_790_000_000_000_000_000
_SECOND = 1_000_000_000
_HOUR = 3600 * _SECOND
_LIFE_S = 7200 * 1.12  # of an order on average: the long wait is lognormal
_SERVICES = "checkout payment stock packing carrier invoice crm archive"
_NAMED = (
    "INSERT INTO services (service, first_seen, last_seen, first_live, last_live) SELECT "
    "arrayJoin(splitByChar(' ', {names:String})), toDateTime64(0, 9), toDateTime64(0, 9), "
    "toDateTime64(0, 9), toDateTime64(0, 9)"
)
_STATES = (
    "SELECT state, verdict, count() AS orders FROM orders FINAL GROUP BY ALL ORDER BY orders DESC"
)


class Facts:
    """The tables, with orders in them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.version = 1
        self._orders = 0
        self._sql = Path(__file__).with_name("judging_facts.sql").read_text("utf-8")
        migrate(engine, _NOW)
        engine.query(_NAMED, {"names": _SERVICES}, lane="job")

    def add(self, orders: int, since: int, every_ns: int, now: int = _NOW) -> None:
        """Orders that begin one after the other, as far as they have come by `now`."""
        self.version += 1
        self.engine.query(
            self._sql.strip().removesuffix(";"),
            {
                "orders": orders,
                "first": self._orders,
                "since": since,
                "every_ns": every_ns,
                "now": now,
                "lost": 10_000,
                "version": self.version,
            },
            lane="job",
        )
        self._orders += orders

    def next_version(self) -> int:
        """As the runner gives them."""
        self.version += 1
        return self.version


def _timed(name: str, act: Callable[[], object], times: int = 1) -> None:
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.monotonic(), time.process_time()
        act()
        walls.append(time.monotonic() - wall)
        cpus.append(time.process_time() - cpu)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"{name:<46}{wall:>8.2f} s{cpu:>10.2f} s", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="make bench-judging",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--open", type=int, default=300_000, help="unfinished orders [300000]")
    parser.add_argument("--learned", type=int, default=100_000, help="finished ones [100000]")
    parser.add_argument("--touched", type=int, default=2_000, help="in one tick [2000]")
    given = parser.parse_args()
    print(describe())
    with tempfile.TemporaryDirectory(prefix="choreoscope-judging-") as folder:
        engine = open_engine(f"chdb://{folder}/data")
        try:
            _measure(Facts(engine), given.open, given.learned, given.touched)
        finally:
            engine.close()


def _measure(facts: Facts, unfinished: int, learned: int, touched: int) -> None:
    every_ns = int(_LIFE_S * _SECOND / unfinished)
    facts.add(learned, _NOW - 36 * _HOUR, every_ns)
    finished = facts.version
    facts.add(int(unfinished * 1.5), _NOW - int(1.5 * _LIFE_S * _SECOND), every_ns)
    statements = Statements(facts.engine)
    judging = Judging(statements, facts.next_version, min_orders=20)
    print(f"\n{'':<46}{'wall':>10}{'processor':>12}")
    learner = Learner(facts.engine)
    _timed(f"learn from {learned:,} orders", lambda: learner.learn(_NOW, 0))
    _timed(
        "new rules: all orders seen anew",
        lambda: judging.reform(_NOW, finished - 1),
    )
    _timed("first verdicts", lambda: judging.judge(_NOW, 0, (0, 0)))
    left = int(statements.rows("open")[0]["orders"])
    now, since = _NOW, facts.next_version()

    def look() -> None:
        nonlocal now, since
        now += _SECOND
        judging.judge(now, since, (0, 0))
        since = facts.next_version()

    _timed(f"judge {left:,} unfinished orders", look, 7)

    def take() -> None:
        nonlocal now
        first = facts.version + 1
        facts.add(touched, now - 5 * _SECOND, 4 * _SECOND // touched, now)
        wall, cpu = time.monotonic(), time.process_time()
        judging.touch(now, first)
        walls.append((time.monotonic() - wall, time.process_time() - cpu))
        look()

    walls: list[tuple[float, float]] = []
    for _ in range(3):
        take()
    wall, cpu = (statistics.median(column) for column in zip(*walls, strict=True))
    print(f"{f'take in {touched:,} touched orders':<46}{wall:>8.2f} s{cpu:>10.2f} s")
    _timed("new rules, while so many wait", lambda: judging.reform(now, facts.version))
    rows = facts.engine.query(_STATES).to_pylist()
    print("\n" + ", ".join(f"{r['orders']:,} {r['state']} {r['verdict']}".strip() for r in rows))


if __name__ == "__main__":
    main()
