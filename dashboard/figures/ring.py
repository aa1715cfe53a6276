"""Grouped ring of a large call graph: services on a circle, one arc a domain, edges bundled inside.

Edges run by way of their domains' anchors and the middle, straightened a little (after Holten's
hierarchical edge bundling), so that the strong connections between domains show.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb

RADIUS = 330.0
TOPIC, ANCHOR = 0.84, 0.52
STRAIGHTEN = 0.82
SAMPLES = 14

Point = tuple[float, float]
Edge = tuple[str, str]


@dataclass(frozen=True)
class Arc:
    """A domain's part of the ring, in radians."""

    name: str
    start: float
    end: float


@dataclass
class Ring:
    """Places around (0, 0), the points of every edge, and the arcs."""

    places: dict[str, Point] = field(default_factory=dict)
    angles: dict[str, float] = field(default_factory=dict)
    ways: dict[Edge, list[Point]] = field(default_factory=dict)
    arcs: list[Arc] = field(default_factory=list)


def ring(domains: Mapping[str, str], topics: frozenset[str], edges: Sequence[Edge]) -> Ring:
    """Lay out nodes (id → domain), topics on an inner circle. Ordered by name, so places stay."""
    groups: dict[str, list[str]] = defaultdict(list)
    for node in sorted(domains):
        groups[domains[node]].append(node)
    gap = max(2.0, 0.006 * len(domains))
    slots = len(domains) + gap * len(groups)
    turn = 2 * math.pi / max(slots, 1)
    drawn, at = Ring(), 0.0
    for name in sorted(groups):
        start = at
        for node in groups[name]:
            angle = (at + 0.5) * turn - math.pi / 2
            radius = RADIUS * (TOPIC if node in topics else 1.0)
            drawn.angles[node] = angle
            drawn.places[node] = (radius * math.cos(angle), radius * math.sin(angle))
            at += 1
        drawn.arcs.append(Arc(name, start * turn - math.pi / 2, at * turn - math.pi / 2))
        at += gap
    anchors = {arc.name: _polar(RADIUS * ANCHOR, (arc.start + arc.end) / 2) for arc in drawn.arcs}
    for source, target in edges:
        if source in drawn.places and target in drawn.places and source != target:
            drawn.ways[source, target] = _way(drawn, domains, anchors, source, target)
    return drawn


def _polar(radius: float, angle: float) -> Point:
    return radius * math.cos(angle), radius * math.sin(angle)


def _way(
    drawn: Ring, domains: Mapping[str, str], anchors: Mapping[str, Point], source: str, target: str
) -> list[Point]:
    start, end = drawn.places[source], drawn.places[target]
    if domains[source] == domains[target]:
        apart = abs(drawn.angles[source] - drawn.angles[target]) / (2 * math.pi)
        dive = 1 - min(0.10 + 0.75 * apart, 0.42)
        middle = ((start[0] + end[0]) / 2 * dive, (start[1] + end[1]) / 2 * dive)
        return _bezier([start, middle, end])
    control = [start, anchors[domains[source]], (0.0, 0.0), anchors[domains[target]], end]
    last = len(control) - 1
    straightened = [
        (
            STRAIGHTEN * x + (1 - STRAIGHTEN) * (start[0] + (end[0] - start[0]) * at / last),
            STRAIGHTEN * y + (1 - STRAIGHTEN) * (start[1] + (end[1] - start[1]) * at / last),
        )
        for at, (x, y) in enumerate(control)
    ]
    return _bezier(straightened)


def _bezier(control: Sequence[Point]) -> list[Point]:
    return [
        (
            sum(weight * x for weight, (x, _) in zip(weights, control, strict=True)),
            sum(weight * y for weight, (_, y) in zip(weights, control, strict=True)),
        )
        for weights in _WEIGHTS[len(control) - 1]
    ]


_WEIGHTS = {
    degree: [
        [comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)]
        for t in (step / (SAMPLES - 1) for step in range(SAMPLES))
    ]
    for degree in (2, 4)
}
