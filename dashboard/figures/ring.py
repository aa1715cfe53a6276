"""Grouped ring of a large call graph: services on a circle, one arc a domain, topics inside.

Places are in units of the ring's radius. How edges bundle on their way through the middle follows
from the places of their ends and their arcs' middles, so the browser does that part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TOPIC, DATABASE = 0.80, 0.915
STACK = 0.03
"""Databases of one caller lie behind each other, so far apart."""
MOST_OF_RING = 0.55
"""What an opened domain takes of the ring, the closed ones share the rest."""

Edge = tuple[str, str]


@dataclass(frozen=True)
class Arc:
    """A domain's part of the ring, in radians from the top, clockwise."""

    name: str
    start: float
    end: float
    closed: bool


@dataclass
class Ring:
    """Angle and radius of every node, arcs, and how wide a slot for one service is, in radians."""

    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    arcs: list[Arc] = field(default_factory=list)
    slot: float = 0.0


def ring(
    domains: Sequence[str],
    members: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    edges: Sequence[Edge],
) -> Ring:
    """Lay out what is in `kinds` (id → kind), in the order of `domains` and their `members`.

    A domain whose only member is of kind `domain` is closed: one mark for all that is in it.
    """
    present = {d: [n for n in members.get(d, ()) if n in kinds] for d in domains}
    present = {d: own for d, own in present.items() if own}
    outer = {
        d: [n for n in own if kinds[n] not in {"topic", "database"}] for d, own in present.items()
    }
    closed = {d for d, own in present.items() if kinds[own[0]] == "domain"}
    single = sum(max(len(own), 1) for d, own in outer.items() if d not in closed)
    wide = 1.0
    if closed:
        share = single * (1 - MOST_OF_RING) / MOST_OF_RING / len(closed)
        wide = max(1.0, share)
    gap = max(2.0, 0.006 * single) if len(present) > 1 else 0.0
    gaps = {d: min(gap, 0.6 * wide) if d in closed else gap for d in present}
    total = single + wide * len(closed) + sum(gaps.values())
    turn = 2 * math.pi / max(total, 1.0)
    made, at = Ring(slot=turn), 0.0
    for domain, own in present.items():
        width = wide if domain in closed else float(max(len(outer[domain]), 1))
        each = width / max(len(outer[domain]), 1)
        for place, node in enumerate(outer[domain]):
            made.places[node] = ((at + (place + 0.5) * each) * turn, 1.0)
        made.arcs.append(Arc(domain, at * turn, (at + width) * turn, domain in closed))
        inner = [n for n in own if kinds[n] == "topic"]
        for place, node in enumerate(inner):
            made.places[node] = ((at + width * (place + 0.5) / len(inner)) * turn, TOPIC)
        at += width + gaps[domain]
    _hang_databases(made, present, kinds, edges)
    return made


def _hang_databases(
    made: Ring,
    present: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    edges: Sequence[Edge],
) -> None:
    """Each database inwards of a service that uses it, several behind each other."""
    users: dict[str, list[str]] = {}
    for edge in edges:
        for own, other in (edge, edge[::-1]):
            if kinds.get(own) == "database" and kinds.get(other) not in {None, "database"}:
                users.setdefault(own, []).append(other)
    middles = {arc.name: (arc.start + arc.end) / 2 for arc in made.arcs}
    behind: dict[float, int] = {}
    for domain, members in present.items():
        for node in members:
            if kinds[node] != "database":
                continue
            near = sorted(u for u in users.get(node, ()) if u in made.places)
            angle = made.places[near[0]][0] if near else middles[domain]
            depth = behind.get(angle, 0)
            behind[angle] = depth + 1
            made.places[node] = (angle, DATABASE - STACK * (depth % 4))
