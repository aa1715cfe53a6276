"""Time squeezed so that seconds of work and hours of waiting fit on one axis.

Busy stretches grow with the 0.6th power of their length; a gap in which nothing happens is a fixed
width, however long; the wait of a stuck order takes the rest of the axis up to now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

IDLE_NS = 350_000_000
"""Gaps longer than this are idle."""
IDLE_SHARE = 0.05
IDLE_MOST = 0.4
"""All idle gaps together, at most."""
OPEN_SHARE = 0.42
POWER = 0.6

Interval = tuple[int, int]


@dataclass(frozen=True)
class Stretch:
    """A stretch of the axis: nanoseconds from `start` to `end` lie between `left` and `right`."""

    start: int
    end: int
    left: float
    right: float
    idle: bool = False

    @property
    def seconds(self) -> float:
        """Its real length."""
        return (self.end - self.start) / 1e9


class Timeline:
    """An axis from 0 to 1 over real time."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.stretches = list(stretches)
        self._starts = [stretch.start for stretch in stretches]

    @property
    def start(self) -> int:
        """The first instant."""
        return self.stretches[0].start

    @property
    def end(self) -> int:
        """The last instant."""
        return self.stretches[-1].end

    def place(self, instant: int) -> float:
        """Where an instant lies; what is outside lies at the ends."""
        if instant <= self.start:
            return 0.0
        if instant >= self.end:
            return 1.0
        stretch = self.stretches[bisect_right(self._starts, instant) - 1]
        share = (instant - stretch.start) / (stretch.end - stretch.start)
        return stretch.left + share * (stretch.right - stretch.left)

    def ticks(self, apart: float = 0.07) -> list[tuple[float, int]]:
        """Places and instants worth a label, at least `apart`; first and last are kept."""
        chosen = [(0.0, self.start)]
        for stretch in self.stretches[1:]:
            if stretch.left - chosen[-1][0] >= apart and 1 - stretch.left >= apart:
                chosen.append((stretch.left, stretch.start))
        return [*chosen, (1.0, self.end)]


def linear(start: int, end: int) -> Timeline:
    """Real time, not squeezed."""
    return Timeline([Stretch(start, max(end, start + 1), 0.0, 1.0)])


def compressed(intervals: Iterable[Interval], open_until: int | None = None) -> Timeline:
    """The axis for work in these intervals; `open_until` is now, for an order that still waits."""
    work = sorted((start, max(start, end)) for start, end in intervals)
    if not work:
        end = open_until or 1
        return linear(end - 1, end)
    last = max(end for _, end in work)
    pieces = _pieces(work)
    opened = open_until is not None and open_until > last
    idle = [piece for piece in pieces if piece[2]]
    idle_each = min(IDLE_SHARE, IDLE_MOST / len(idle)) if idle else 0.0
    open_share = OPEN_SHARE if opened else 0.0
    weights = [0.0 if is_idle else ((b - a) / 1e9) ** POWER for a, b, is_idle in pieces]
    busy = 1 - open_share - idle_each * len(idle)
    total = sum(weights) or 1.0
    stretches, left = [], 0.0
    for (start, end, is_idle), weight in zip(pieces, weights, strict=True):
        right = left + (idle_each if is_idle else busy * weight / total)
        stretches.append(Stretch(start, end, left, right, is_idle))
        left = right
    if opened and open_until is not None:
        stretches.append(Stretch(last, open_until, left, 1.0, idle=True))
    if not stretches:
        return linear(work[0][0], last)
    final = stretches[-1]
    stretches[-1] = Stretch(final.start, final.end, final.left, 1.0, final.idle)
    return Timeline(stretches)


def _pieces(work: Sequence[Interval]) -> list[tuple[int, int, bool]]:
    """Stretches between all starts and ends: from, to, and whether nothing happens in them."""
    instants = sorted({instant for interval in work for instant in interval})
    changes: dict[int, int] = {}
    for start, end in work:
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    running, found = 0, []
    for start, end in pairwise(instants):
        running += changes.get(start, 0)
        found.append((start, end, running == 0 and end - start > IDLE_NS))
    return found
