"""Lines of edges: cubic Bézier points through the bends of a layered layout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

BACK = 46.0
"""How far below its ends an edge against the flow runs when nothing lies between."""
TURN = 22.0
"""Room for the turn beside a node."""


def curve(way: Sequence[Point], clear: float, beside: float) -> list[Point]:
    """A smooth line through the points, `clear` of the nodes at its ends.

    One that runs against the flow enters from the left, `beside` the target's label.
    """
    if way[-1][0] <= way[0][0]:
        return _curve_back(way, clear, beside)
    points = [(way[0][0] + clear, way[0][1]), *way[1:-1]]
    points.append((way[-1][0] - clear - 3, way[-1][1]))
    found = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (x0 + x1) / 2
        found += [(half, y0), (half, y1), (x1, y1)]
    return found


def _curve_back(way: Sequence[Point], clear: float, beside: float) -> list[Point]:
    """Out to the right, down (or up), back along, and in from the left."""
    bends = way[1:-1]
    (x0, y0), (x1, y1) = way[0], way[-1]
    level = bends[len(bends) // 2][1] if bends else max(y0, y1) + BACK
    start, end = (x0 + clear, y0), (x1 - clear - 3, y1)
    right, left = x0 + clear + TURN, x1 - max(beside, clear + TURN)
    return [
        *(start, (right, y0), (right, level), (x0, level)),
        *((x0, level), (x1, level), (x1, level)),
        *((left, level), (left, y1), end),
    ]


def middle(way: Sequence[Point], smooth: bool) -> Point:
    """The point half-way, where a badge sits."""
    if not smooth:
        return way[len(way) // 2]
    at = (len(way) - 1) // 6 * 3
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = way[at : at + 4]
    return (x0 + 3 * x1 + 3 * x2 + x3) / 8, (y0 + 3 * y1 + 3 * y2 + y3) / 8
