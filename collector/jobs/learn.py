"""From counts to expectations: one pure function, no SQL and no clock.

A rule says: after step `after` comes step `step`. It holds when nearly every order that took
the first also took the second. A plain average would let an outage erase the very rule that it
breaks, so the share is the median over blocks of orders: misses that burst are a fault, misses
spread evenly are a variant of the workflow (see ARCHITECTURE.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

SHARE = 0.97  # of orders that must take a step for it to be expected
SURE = 0.98  # of a step's orders that took another step for the one to imply the other
SELDOM = 0.05  # of the orders with both steps: below it the one leading to the other is an oddity
LARGE_BLOCK = 30  # orders a block must hold for its own share to say something


@dataclass(frozen=True)
class PairCount:
    """How often `step` came in orders that took `after`, block by block in order of time."""

    workflow: str
    after: str
    step: str
    service: str
    role: str
    operation: str
    destination: str
    step_orders: int
    """Mature orders that took `step`."""
    causeless: int
    """Those in which nothing is known to have led to it."""
    direct: int
    """Orders in which `after` is known to have led to `step`."""
    before: int
    """Orders in which `after` started first."""
    block_of: Sequence[int]
    """Orders that took `after`, per block."""
    block_seen: Sequence[int]
    """Those that took `step` too, per block."""
    block_median_s: Sequence[float]
    """Median wait from one to the other, per block, in seconds; NaN where none is known."""
    block_p99_s: Sequence[float]

    @property
    def of(self) -> int:
        """Orders that took `after`."""
        return sum(self.block_of)

    @property
    def seen(self) -> int:
        """Orders that took both."""
        return sum(self.block_seen)


@dataclass(frozen=True)
class Expectation:
    """A rule of the model; see the table `expectations`."""

    workflow: str
    after: str
    step: str
    service: str
    role: str
    operation: str
    destination: str
    source: str
    share: float
    seen: int
    of: int
    median_s: float
    p99_s: float
    limit_s: float
    implied_by: tuple[str, ...]


def expectations(counts: Iterable[PairCount], *, min_orders: int = 20) -> list[Expectation]:
    """The rules that the counts support, by workflow, `after` and `step`.

    A rule needs `min_orders` mature orders that took its first step.
    """
    by_workflow: defaultdict[str, list[PairCount]] = defaultdict(list)
    for count in counts:
        by_workflow[count.workflow].append(count)
    rules: list[Expectation] = []
    for pairs in by_workflow.values():
        followers = _sure_followers(pairs)
        for pair in _candidates(pairs):
            if pair.of < min_orders:
                continue
            share = block_share(pair.block_of, pair.block_seen)
            if share >= SHARE:
                rules.append(_rule(pair, share, followers))
    return sorted(rules, key=lambda rule: (rule.workflow, rule.after, rule.step))


def block_share(block_of: Sequence[int], block_seen: Sequence[int]) -> float:
    """The share of orders that take a step, not counting outages.

    With large blocks it is the median of the blocks' shares. Small blocks have coarse shares, whose
    median would round 0.9 up to 1; there the blocks that lost most of their orders (an outage) are
    left out, if they are few, and the rest is taken together, forgiving one miss.
    """
    blocks = [(of, seen) for of, seen in zip(block_of, block_seen, strict=True) if of > 0]
    if not blocks:
        return 0.0
    total = sum(of for of, _ in blocks)
    if total >= LARGE_BLOCK * len(blocks):
        return median(seen / of for of, seen in blocks)
    healthy = [(of, seen) for of, seen in blocks if seen >= 0.5 * of]
    if len(healthy) < 0.6 * len(blocks):
        return sum(seen for _, seen in blocks) / total
    of, seen = (sum(column) for column in zip(*healthy, strict=True))
    return float(min(1.0, (seen + 1) / of))


def _candidates(pairs: list[PairCount]) -> list[PairCount]:
    """Pairs that may be cause and effect: cause seen, else the nearest sure forerunner."""
    chosen = [pair for pair in pairs if pair.direct > SELDOM * pair.seen]
    forerunners: defaultdict[str, list[PairCount]] = defaultdict(list)
    for pair in pairs:
        always_before = pair.before >= SURE * pair.seen and pair.seen >= SURE * pair.step_orders
        if pair.direct == 0 and pair.causeless > 0.5 * pair.step_orders and always_before:
            forerunners[pair.step].append(pair)
    chosen += [
        min(options, key=lambda pair: (_median(pair.block_median_s), pair.after))
        for options in forerunners.values()
    ]
    return chosen


def _sure_followers(pairs: list[PairCount]) -> dict[str, set[str]]:
    """For each step the later steps that never come without it."""
    next_sure: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.direct > 0 and pair.seen + 1 >= SURE * pair.step_orders:
            next_sure[pair.after].add(pair.step)
    followers: dict[str, set[str]] = {}
    for start in list(next_sure):
        reached: set[str] = set()
        frontier = [start]
        while frontier:
            for step in next_sure.get(frontier.pop(), ()):
                if step not in reached and step != start:
                    reached.add(step)
                    frontier.append(step)
        followers[start] = reached
    return followers


def _rule(pair: PairCount, share: float, followers: dict[str, set[str]]) -> Expectation:
    median_s, p99_s = _median(pair.block_median_s), _median(pair.block_p99_s)
    return Expectation(
        workflow=pair.workflow,
        after=pair.after,
        step=pair.step,
        service=pair.service,
        role=pair.role,
        operation=pair.operation,
        destination=pair.destination,
        source="learned",
        share=share,
        seen=pair.seen,
        of=pair.of,
        median_s=median_s,
        p99_s=p99_s,
        limit_s=late_after(p99_s, pair.of),
        implied_by=tuple(sorted(followers.get(pair.step, set()) - {pair.after})),
    )


def late_after(p99_s: float, orders: int) -> float:
    """Seconds after which a step that takes at most `p99_s` in nearly all orders is late.

    Three times that, more while few orders are known, and never under five seconds: a span needs up
    to about a second for each hop from its service's exporter to us.
    """
    return max(5.0, 2.0 + 3.0 * p99_s * (1.0 + 30.0 / max(orders, 1)))


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(median(known)) if known else 0.0
