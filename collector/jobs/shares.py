"""Shares and limits that an outage doesn't distort. Pure functions; used by the learner."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

LARGE_BLOCK = 30  # orders a block must hold for its own share to say something


def block_share(block_of: Sequence[int], block_seen: Sequence[int]) -> float:
    """The share of orders that did what was expected, not counting outages.

    With large blocks it is the median of the blocks' shares. Small blocks have coarse shares, whose
    median would round 0.9 up to 1; there the blocks that lost most of their orders (an outage) are
    left out, if they are few, and the rest is taken together, forgiving one miss.
    """
    blocks = [(of, seen) for of, seen in zip(block_of, block_seen, strict=True) if of > 0]
    if not blocks:
        return 0.0
    total = sum(of for of, _ in blocks)
    if total >= LARGE_BLOCK * len(blocks):
        return _weighted_median([(seen / of, of) for of, seen in blocks])
    healthy = [(of, seen) for of, seen in blocks if not _spoiled(of, seen)]
    if sum(of for of, _ in healthy) < 0.6 * total:
        return sum(seen for _, seen in blocks) / total
    of, seen = (sum(column) for column in zip(*healthy, strict=True))
    return float(min(1.0, (seen + 1) / of))


def _spoiled(of: int, seen: int) -> bool:
    """Whether so many orders of a small block went without that they can't be spread evenly."""
    missed = of - seen
    return missed > 0.5 * of or (missed >= 3 and missed >= 0.15 * of)


def late_after(p99_s: float, orders: int) -> float:
    """Seconds after which a step that takes at most `p99_s` in nearly all orders is late.

    Three times that, more while few orders are known, and never under five seconds: a span needs up
    to about a second for each hop from its service's exporter to us.
    """
    return max(5.0, 2.0 + 3.0 * p99_s * (1.0 + 30.0 / max(orders, 1)))


def usual(values: Iterable[float]) -> float:
    """The median of what is known; 0 when nothing is."""
    known = [value for value in values if math.isfinite(value)]
    return float(median(known)) if known else 0.0


def tail(late: Sequence[float]) -> float:
    """How heavy the tail of waits is, from the longest of them, longest first.

    The Hill estimate of the index of a Pareto tail, kept between 0.05 and 0.5: few waits say
    little, and none is heavier than that without being a fault.
    """
    known = [value for value in late if value > 0]
    top = known[: max(2, len(known) // 2)]
    if len(top) < 2:
        return 0.3
    least = top[-1]
    return min(0.5, max(0.05, sum(math.log(value / least) for value in top) / (len(top) - 1)))


def _weighted_median(shares: list[tuple[float, int]]) -> float:
    """The share that half of the orders are in blocks at or below of."""
    shares = sorted(shares)
    half = sum(weight for _, weight in shares) / 2
    reached = 0.0
    for place, (share, weight) in enumerate(shares):
        reached += weight
        if reached == half and place + 1 < len(shares):
            return (share + shares[place + 1][0]) / 2
        if reached >= half:
            return share
    return shares[-1][0]
