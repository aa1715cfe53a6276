"""The service call graph as what the map component draws: places, lines, widths, marks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NotRequired, TypedDict

from dashboard.figures import formats
from dashboard.figures.curves import Point, curve, middle
from dashboard.figures.failing import KIND_WORDS, failing_edges
from dashboard.figures.flow import flow
from dashboard.figures.ring import RADIUS, ring
from dashboard.links import edge_id
from dashboard.records import Expectation, Map, MapEdge, MapNode

SCHEMA = 1
MOST_IN_FLOW = 60
"""Above this the map is a ring."""
ALL_LABELS = 130
"""Up to so many nodes of a ring have their names shown."""
LETTER = 7.1
MARGIN = 46.0
NODE = 11.0
WIDTHS = (1.4, 2.2, 3.4)


class DrawnNode(TypedDict):
    """A node: place, shape by kind, label, and what hovering says."""

    id: str
    label: str
    kind: str
    x: float
    y: float
    angle: NotRequired[float]
    stuck: int
    title: str
    href: str


class DrawnEdge(TypedDict):
    """An edge: `points` are cubic Bézier points, or a polyline when `smooth` is false."""

    id: str
    source: str
    target: str
    kind: str
    failing: bool
    stuck: int
    stuck_text: str
    width: float
    points: list[float]
    smooth: bool
    badge: list[float]
    title: str
    href: str


class DrawnArc(TypedDict):
    """A domain's arc of the ring."""

    name: str
    start: float
    end: float


class DrawnMap(TypedDict):
    """Everything the component needs."""

    schema: int
    shape: str
    box: list[float]
    labels: bool
    radius: float
    nodes: list[DrawnNode]
    edges: list[DrawnEdge]
    arcs: list[DrawnArc]


Address = Callable[[str], str]


def drawn_map(
    given: Map, node_href: Address, edge_href: Address, begins: frozenset[str] = frozenset()
) -> DrawnMap:
    """Lay out the graph: layered flow up to MOST_IN_FLOW nodes, a grouped ring above.

    `begins` are services where orders begin, for flows that run in circles.
    """
    nodes = {node["id"]: node for node in given["nodes"]}
    edges = [edge for edge in given["edges"] if {edge["source"], edge["target"]} <= set(nodes)]
    if len(nodes) <= MOST_IN_FLOW:
        return _as_flow(nodes, edges, node_href, edge_href, begins)
    return _as_ring(nodes, edges, node_href, edge_href)


def beginnings(expectations: Sequence[Expectation], services: Collection[str]) -> frozenset[str]:
    """Services with a step that is expected after no other: there orders begin."""
    expected = {rule["step"] for rule in expectations}
    first = {rule["after"] for rule in expectations} - expected
    return frozenset(
        service for service in services if any(step.startswith(f"{service} ") for step in first)
    )


def _as_flow(
    nodes: dict[str, MapNode],
    edges: Sequence[MapEdge],
    node_href: Address,
    edge_href: Address,
    begins: frozenset[str],
) -> DrawnMap:
    labels = {name: formats.squeezed(node["name"], 24) for name, node in nodes.items()}
    widths = {
        name: (len(label) * LETTER, 0.0)
        if nodes[name]["kind"] == "topic"
        else (0.0, len(label) * LETTER)
        for name, label in labels.items()
    }
    degrees = _degrees(edges)
    layout = flow(list(nodes), [(e["source"], e["target"]) for e in edges], widths, begins)
    ways = {
        (source, target): curve(way, NODE + 4, widths[target][1] / 2 + 8)
        for (source, target), way in layout.ways.items()
    }
    return {
        "schema": SCHEMA,
        "shape": "flow",
        "box": [-MARGIN / 2, -MARGIN, layout.width + MARGIN, layout.height + 2 * MARGIN],
        "labels": True,
        "radius": NODE,
        "nodes": [
            _node(node, labels[name], layout.places[name], degrees, node_href)
            for name, node in nodes.items()
        ],
        "edges": _edges(edges, ways, edge_href, smooth=True),
        "arcs": [],
    }


def _as_ring(
    nodes: dict[str, MapNode], edges: Sequence[MapEdge], node_href: Address, edge_href: Address
) -> DrawnMap:
    topics = frozenset(name for name, node in nodes.items() if node["kind"] == "topic")
    domains = {name: node["domain"] or _prefix(node["name"]) for name, node in nodes.items()}
    degrees = _degrees(edges)
    layout = ring(domains, topics, [(e["source"], e["target"]) for e in edges])
    size = 2 * RADIUS + 300
    drawn = [
        _node(node, formats.squeezed(node["name"], 24), layout.places[name], degrees, node_href)
        for name, node in nodes.items()
    ]
    for node in drawn:
        node["angle"] = round(layout.angles[node["id"]], 4)
    slot = 2 * math.pi * RADIUS / max(len(nodes), 1)
    return {
        "schema": SCHEMA,
        "shape": "ring",
        "box": [-size / 2, -size / 2, size, size],
        "labels": len(nodes) <= ALL_LABELS,
        "radius": round(max(1.6, min(6.0, slot * 0.36)), 2),
        "nodes": drawn,
        "edges": _edges(edges, layout.ways, edge_href, smooth=False),
        "arcs": [{"name": a.name, "start": a.start, "end": a.end} for a in layout.arcs],
    }


def _prefix(name: str) -> str:
    """The first word of a name, for services that don't tell their namespace."""
    return name.replace("_", "-").replace(".", "-").partition("-")[0]


def _degrees(edges: Sequence[MapEdge]) -> tuple[Counter[str], Counter[str]]:
    return Counter(edge["target"] for edge in edges), Counter(edge["source"] for edge in edges)


def _node(
    node: MapNode,
    label: str,
    place: Point,
    degrees: tuple[Counter[str], Counter[str]],
    href: Address,
) -> DrawnNode:
    into, out = degrees[0][node["id"]], degrees[1][node["id"]]
    said = f"{node['name']} · in {into} · out {out}"
    if node["stuck_orders"]:
        said += f" · ◆ {formats.number(node['stuck_orders'])} orders stuck here"
    return {
        "id": node["id"],
        "label": label,
        "kind": node["kind"],
        "x": round(place[0], 1),
        "y": round(place[1], 1),
        "stuck": node["stuck_orders"],
        "title": said,
        "href": href(node["id"]),
    }


def _edges(
    edges: Sequence[MapEdge],
    ways: dict[tuple[str, str], list[Point]],
    href: Address,
    smooth: bool,
) -> list[DrawnEdge]:
    failing = {edge_id(edge["source"], edge["target"]) for edge in failing_edges(edges)}
    ranked = sorted(edge["calls"] for edge in edges)
    drawn: list[DrawnEdge] = []
    for edge in edges:
        way = ways.get((edge["source"], edge["target"]))
        if way is None:
            continue
        named = edge_id(edge["source"], edge["target"])
        place = bisect_right(ranked, edge["calls"] - 1) / len(ranked)
        width = WIDTHS[2 if place >= 0.85 else 1 if place >= 0.5 else 0]
        badge = middle(way, smooth)
        drawn.append(
            {
                "id": named,
                "source": edge["source"],
                "target": edge["target"],
                "kind": edge["kind"],
                "failing": named in failing,
                "stuck": edge["stuck_orders"],
                "stuck_text": formats.number(edge["stuck_orders"]),
                "width": width if smooth else width * 0.55,
                "points": [round(value, 1) for point in way for value in point],
                "smooth": smooth,
                "badge": [round(value, 1) for value in badge],
                "title": _said(edge),
                "href": href(named),
            }
        )
    return drawn


def _said(edge: MapEdge) -> str:
    share = edge["errors"] / edge["calls"] if edge["calls"] else 0.0
    said = (
        f"{edge['source']} → {edge['target']} · {KIND_WORDS.get(edge['kind'], edge['kind'])} · "
        f"{formats.number(edge['calls'])} · errors {formats.percent(share)} · p95 "
        f"{formats.milliseconds(edge['p95_ms'])}"
    )
    if edge["stuck_orders"]:
        said += f" · ◆ {formats.number(edge['stuck_orders'])} orders stuck here"
    return said
