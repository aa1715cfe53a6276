"""Lines of edges: cubic Bézier points through the bends of a layered layout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

BACK = 46.0
"""How far below its ends an edge against the flow runs when nothing lies between."""


def curve(way: Sequence[Point], clear: float) -> list[Point]:
    """A smooth line through the points, kept clear of the nodes at its ends."""
    if way[-1][0] <= way[0][0]:
        return _curve_back(way, clear)
    points = [(way[0][0] + clear, way[0][1]), *way[1:-1]]
    points.append((way[-1][0] - clear - 3, way[-1][1]))
    found = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (x0 + x1) / 2
        found += [(half, y0), (half, y1), (x1, y1)]
    return found


def _curve_back(way: Sequence[Point], clear: float) -> list[Point]:
    """Against the flow: out of the node downwards (or upwards), along, and in from there."""
    bends = way[1:-1]
    level = bends[len(bends) // 2][1] if bends else max(way[0][1], way[-1][1]) + BACK
    side = 1.0 if level >= (way[0][1] + way[-1][1]) / 2 else -1.0
    (x0, y0), (x1, y1) = way[0], way[-1]
    start, end = (x0, y0 + side * clear), (x1, y1 + side * (clear + 3))
    reach = min(40.0, (x0 - x1) / 2)
    corner, other = (x0 - reach, level), (x1 + reach, level)
    return [
        *(start, (x0, level), (x0, level), corner),
        *(corner, other, other),
        *((x1, level), (x1, level), end),
    ]


def middle(way: Sequence[Point], smooth: bool) -> Point:
    """The point half-way, where a badge sits."""
    if not smooth:
        return way[len(way) // 2]
    at = (len(way) - 1) // 6 * 3
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = way[at : at + 4]
    return (x0 + 3 * x1 + 3 * x2 + x3) / 8, (y0 + 3 * y1 + 3 * y2 + y3) / 8
