"""Lines of edges: cubic Bézier points through the bends of a layered layout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Label = tuple[float, float]
"""Widths of what stands above and below a node."""

BACK = 46.0
"""How far below its ends an edge against the flow runs when nothing lies between."""
TURN = 22.0
"""Room for the turn beside a node."""
TIP = 3.0
STRAIGHT = 0.62
"""An edge runs level past a label for at most so much of the way to the next layer."""


def curve(way: Sequence[Point], clear: float, leaving: Label, entering: Label) -> list[Point]:
    """A smooth line through the points, `clear` of the nodes at its ends and of their labels.

    One that runs against the flow enters from the left, beside the target's label.
    """
    if way[-1][0] <= way[0][0]:
        return _curve_back(way, clear, max(entering) / 2 + 8)
    (x0, y0), (x1, y1) = way[0], way[-1]
    start, end = (x0 + clear, y0), (x1 - clear - TIP, y1)
    rise, fall = way[1][1] - y0, y1 - way[-2][1]
    out = _past(leaving, rise, clear, way[1][0] - x0)
    into = _past(entering, -fall, clear + TIP, x1 - way[-2][0])
    if len(way) == 2 and out + into > (x1 - x0) * 0.8:
        shrink = (x1 - x0) * 0.8 / (out + into)
        out, into = max(out * shrink, clear), max(into * shrink, clear + TIP)
    points = [(x0 + out, y0), *way[1:-1], (x1 - into, y1)]
    found = [start]
    if points[0] != start:
        found += _straight(start, points[0])
    for (xa, ya), (xb, yb) in pairwise(points):
        half = (xa + xb) / 2
        found += [(half, ya), (half, yb), (xb, yb)]
    if points[-1] != end:
        found += _straight(points[-1], end)
    return found


def _past(label: Label, down: float, clear: float, room: float) -> float:
    """How far from a node the line bends towards the side that `down` says."""
    wide = label[1] if down > 0 else label[0] if down < 0 else 0.0
    return max(clear, min(wide / 2 + 4, room * STRAIGHT)) if wide else clear


def _straight(one: Point, other: Point) -> list[Point]:
    (x0, y0), (x1, y1) = one, other
    third, two_thirds = x0 + (x1 - x0) / 3, x0 + (x1 - x0) * 2 / 3
    return [(third, y0), (two_thirds, y1), other]


def _curve_back(way: Sequence[Point], clear: float, beside: float) -> list[Point]:
    """Out to the right, down (or up), back along, and in from the left."""
    bends = way[1:-1]
    (x0, y0), (x1, y1) = way[0], way[-1]
    level = bends[len(bends) // 2][1] if bends else max(y0, y1) + BACK
    start, end = (x0 + clear, y0), (x1 - clear - TIP, y1)
    right, left = x0 + clear + TURN, x1 - max(beside, clear + TURN)
    return [
        *(start, (right, y0), (right, level), (x0, level)),
        *((x0, level), (x1, level), (x1, level)),
        *((left, level), (left, y1), end),
    ]


def middle(points: Sequence[Point]) -> Point:
    """The point half-way along the curve, where a badge sits."""
    pieces = [points[at : at + 4] for at in range(0, len(points) - 1, 3)]
    lengths = [abs(p[3][0] - p[0][0]) + abs(p[3][1] - p[0][1]) for p in pieces]
    half = sum(lengths) / 2
    for piece, length in zip(pieces, lengths, strict=True):
        if half <= length:
            t = half / length if length else 0.5
            return _on(piece, t)
        half -= length
    return points[-1]


def _on(piece: Sequence[Point], t: float) -> Point:
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    return (
        sum(w * x for w, (x, _) in zip(weights, piece, strict=True)),
        sum(w * y for w, (_, y) in zip(weights, piece, strict=True)),
    )
