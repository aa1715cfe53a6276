"""Clocks that are off: bounds on how far they are apart → how far each is ahead, corrected least.

`offsets` is pure. A bound says that one clock is at most so much further ahead than another: a
system of difference constraints. Of all offsets that keep it, those are taken that move the clocks
least (the sum of what each is moved by): a minimal-cost circulation, found by cancelling negative
cycles (Bellman-Ford); its potentials are the offsets. Nothing but drawing uses them.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from collector.engine import Engine

Clock = tuple[str, str]
"""Service and instance."""
OURS: Clock = ("", "")

_EVERY_NS = 60_000_000_000
_TRACES = 1_000  # latest traces that are looked at
_LEAST_PAIRS = 5
_TOLERATED_NS = 1_000_000  # clocks that are off by less are right
_MOST_CLOCKS = 300
_WEIGHT = 10  # what moving a clock costs; ties are broken by a little less for one direction
_HELD = 100  # the same, for a clock that is most probably right
_MOST_ROUNDS = 1_000


@dataclass(frozen=True)
class Bound:
    """The clock of `target` is at most `most_ns` further ahead than that of `source`."""

    source: Clock
    target: Clock
    most_ns: int
    pairs: int = 1


@dataclass(frozen=True)
class Offset:
    """How far a clock is ahead of ours and of those that agree with each other."""

    offset_ns: int
    width_ns: float
    """Between the bounds that its neighbours set; inf when they bound it at one side only."""
    pairs: int


class SkewJob:
    """Estimates the offsets once a minute; far too seldom to matter to a tick."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._at = -_EVERY_NS
        self._through = 0

    def run_if_due(self, now: int, through: int) -> None:
        """Write `clock_offsets` when the last time is a minute ago and spans came since.

        `now`, and `through` which spans there are, in nanoseconds.
        """
        if now - self._at >= _EVERY_NS and through > self._through:
            self._at, self._through = now, through
            estimate(self._engine, now)


def estimate(engine: Engine, now: int) -> dict[Clock, Offset]:
    """Look at the latest traces, and keep what they say of the clocks."""
    rows = engine.query(_sql(), {"traces": _TRACES, "least": _LEAST_PAIRS}, lane="job").to_pylist()
    found = offsets(
        Bound(
            (row["source"], row["source_instance"]),
            (row["target"], row["target_instance"]),
            row["most_ns"],
            row["pairs"],
        )
        for row in rows
    )
    at = f"{now // 1_000_000_000}.{now % 1_000_000_000:09d}"
    lines = [
        json.dumps(
            {
                "service": service,
                "instance": instance,
                "at": at,
                "offset_s": offset.offset_ns / 1e9,
                "width_s": offset.width_ns / 1e9 if math.isfinite(offset.width_ns) else "inf",
                "pairs": offset.pairs,
            }
        )
        for (service, instance), offset in found.items()
    ]
    if lines:
        engine.insert("INSERT INTO clock_offsets", "JSONEachRow", "\n".join(lines).encode())
    return found


def offsets(bounds: Iterable[Bound]) -> dict[Clock, Offset]:
    """The least correction that keeps all bounds; bounds that contradict each other give way.

    Every clock of a bound but ours is in the answer, also those that are right (offset 0). At most
    300 clocks, those with the most pairs.
    """
    given = _tightest(bounds)
    least = {pair: most + _TOLERATED_NS for pair, (most, _) in given.items()}
    clocks = sorted({clock for pair in given for clock in pair} | {OURS})
    _give_way(clocks, least)
    leaning = _leanings(given)
    moved = _least_moved(clocks, least, leaning, {})
    # Once more, with those that were hardly moved held fast: few clocks are wrong, and what could
    # be split between a wrong one and its neighbours is the wrong one's alone.
    most = max(map(abs, moved.values()))
    held = {clock: _HELD for clock, offset in moved.items() if abs(offset) < most // 4}
    moved = _least_moved(clocks, least, leaning, held)
    pairs: defaultdict[Clock, int] = defaultdict(int)
    for pair, (_, n) in given.items():
        for clock in pair:
            pairs[clock] += n
    found: dict[Clock, Offset] = {}
    for clock in clocks:
        if clock != OURS:
            above = [moved[u] + w for (u, v), w in least.items() if v == clock]
            below = [moved[v] - w for (u, v), w in least.items() if u == clock]
            width = min(above) - max(below) if above and below else math.inf
            found[clock] = Offset(moved[clock], width, pairs[clock])
    return found


Pair = tuple[Clock, Clock]
_Arcs = list[tuple[Clock, Clock, int]]


def _tightest(bounds: Iterable[Bound]) -> dict[Pair, tuple[int, int]]:
    """The tightest bound of each pair of clocks with its number of pairs, of the busiest clocks."""
    found: dict[Pair, tuple[int, int]] = {}
    busy: defaultdict[Clock, int] = defaultdict(int)
    for b in bounds:
        if b.source != b.target:
            most, n = found.get((b.source, b.target), (b.most_ns, 0))
            found[b.source, b.target] = (min(most, b.most_ns), n + b.pairs)
            busy[b.source] += b.pairs
            busy[b.target] += b.pairs
    kept = set(sorted(busy, key=lambda c: (-busy[c], c))[:_MOST_CLOCKS]) | {OURS}
    return {pair: found[pair] for pair in sorted(found) if kept.issuperset(pair)}


def _leanings(given: dict[Pair, tuple[int, int]]) -> dict[Clock, int]:
    """Which way a clock is rather moved when either would do: ahead (+) or back (-).

    Rather the clock of the consumer that seems to be early for all its messages than those of all
    its producers; and rather such that spans don't seem to reach us much later than others do.
    """
    lag = sorted(most for (_, v), (most, _) in given.items() if v == OURS)
    usual = lag[len(lag) // 2] if lag else 0
    lean: defaultdict[Clock, int] = defaultdict(int)
    for (u, v), (most, _) in given.items():
        if v == OURS:
            lean[u] += 3 * ((most < usual - 500_000_000) - (most > usual + 500_000_000))
        elif (v, u) not in given:
            lean[u] -= 1
            lean[v] += 1
    return {clock: max(-4, min(4, n)) for clock, n in lean.items()}


def _give_way(clocks: list[Clock], least: dict[Pair, int]) -> None:
    """Widen bounds that no offsets can keep (their clocks drifted meanwhile), evenly."""
    for _ in range(_MOST_ROUNDS):
        cycle = _negative_cycle(clocks, [(u, v, w) for (u, v), w in least.items()])[1]
        if not cycle:
            return
        lacking = -sum(least[pair] for pair in cycle)
        for pair in cycle:
            least[pair] += lacking // len(cycle) + 1
    for pair, bound in least.items():  # never seen; then nothing is corrected
        least[pair] = max(0, bound)


def _least_moved(
    clocks: list[Clock], least: dict[Pair, int], lean: dict[Clock, int], held: dict[Clock, int]
) -> dict[Clock, int]:
    """The offsets: potentials of the cheapest circulation that runs against the bounds."""
    room: dict[Pair, int] = {}  # what can still flow from ours to a clock, and back
    for clock in clocks:
        if clock != OURS:
            cost = held.get(clock, _WEIGHT)
            room[OURS, clock] = cost - lean.get(clock, 0)  # moving it ahead costs this
            room[clock, OURS] = cost + lean.get(clock, 0)
    flow: defaultdict[Pair, int] = defaultdict(int)
    potentials = dict.fromkeys(clocks, 0)
    for _ in range(_MOST_ROUNDS):
        # Kinds of arcs: along a bound (any amount), back along its flow, and to or from ours.
        kinds: dict[Pair, list[tuple[int, str]]] = defaultdict(list)
        for (u, v), w in least.items():
            kinds[u, v].append((w, "bound"))
            if flow[u, v]:
                kinds[v, u].append((-w, "back"))
        for pair, left in room.items():
            if left:
                kinds[pair].append((0, "room"))
        cheapest = {pair: min(options) for pair, options in kinds.items()}
        potentials, cycle = _negative_cycle(clocks, [(*p, w) for p, (w, _) in cheapest.items()])
        if not cycle:
            break
        amounts = [
            {"bound": 1 << 30, "back": flow[v, u], "room": room.get((u, v), 0)}[cheapest[u, v][1]]
            for u, v in cycle
        ]
        for u, v in cycle:
            kind = cheapest[u, v][1]
            if kind == "bound":
                flow[u, v] += min(amounts)
            elif kind == "back":
                flow[v, u] -= min(amounts)
            else:
                room[u, v] -= min(amounts)
                room[v, u] += min(amounts)
    return {clock: potentials[clock] - potentials[OURS] for clock in clocks}


def _negative_cycle(clocks: list[Clock], arcs: _Arcs) -> tuple[dict[Clock, int], list[Pair]]:
    """Bellman-Ford from everywhere at once: shortest distances, or the arcs of a negative cycle."""
    distance = dict.fromkeys(clocks, 0)
    before: dict[Clock, Clock] = {}
    for _ in range(len(clocks) + 1):
        changed = False
        for u, v, w in arcs:
            if distance[u] + w < distance[v]:
                distance[v] = distance[u] + w
                before[v] = u
                changed = True
        if not changed:
            break
        if cycle := _cycle(before):
            return distance, cycle
    return distance, []


def _cycle(before: dict[Clock, Clock]) -> list[Pair]:
    """A cycle in who was reached from where, which then is a negative one."""
    visited: dict[Clock, Clock] = {}
    for start in before:
        at = start
        while at in before and at not in visited:
            visited[at] = start
            at = before[at]
        if visited.get(at) == start and at in before:
            cycle = [(before[at], at)]
            while cycle[-1][0] != at:
                cycle.append((before[cycle[-1][0]], cycle[-1][0]))
            return cycle[::-1]
    return []


@cache
def _sql() -> str:
    return resources.files(__package__).joinpath("skew.sql").read_text("utf-8")
