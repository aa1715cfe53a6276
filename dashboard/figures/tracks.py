"""Rows of a swimlane: one a service, more where its steps overlap in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figures import formats
from dashboard.figures.journey import Stop


@dataclass(frozen=True)
class Tracks:
    """Heights: the first row of each service is `top`, its steps lie in rows below each other."""

    top: dict[str, float]
    rows: dict[str, int]
    heights: dict[str, float]
    spells: dict[str, list[tuple[int, int, float]]]

    @property
    def total(self) -> int:
        """Rows of all services."""
        return sum(self.rows.values())

    def height_at(self, service: str, instant: int) -> float:
        """The row of the step that runs in that service at that instant, else its first row."""
        for start, end, height in self.spells.get(service, ()):
            if start <= instant <= end:
                return height
        return self.top[service]


def tracks(stops: Sequence[Stop], now: int) -> Tracks:
    """Rows for stops in the order of their services' first step; owed ones last until `now`."""
    when = {stop.step: _spell(stop, now) for stop in stops}
    ordered = sorted(stops, key=lambda stop: (stop.owed is not None, when[stop.step]))
    ends: dict[str, list[int]] = {}
    row: dict[str, int] = {}
    for stop in ordered:
        start, end = when[stop.step]
        taken = ends.setdefault(stop.service, [])
        free = next((at for at, last in enumerate(taken) if last <= start), len(taken))
        taken[free : free + 1] = [end]
        row[stop.step] = free
    top: dict[str, float] = {}
    at = 0
    for service, taken in ends.items():
        top[service] = float(-at)
        at += len(taken)
    heights = {stop.step: top[stop.service] - row[stop.step] for stop in stops}
    spells: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for stop in ordered:
        spells[stop.service].append((*when[stop.step], heights[stop.step]))
    return Tracks(top, {name: len(taken) for name, taken in ends.items()}, heights, spells)


def _spell(stop: Stop, now: int) -> tuple[int, int]:
    if stop.owed is not None:
        return formats.nanoseconds(stop.owed["since"]), now
    start = stop.start if stop.start is not None else now
    return start, stop.end if stop.end is not None else start
