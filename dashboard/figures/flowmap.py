"""The layered flow as a drawing: short labels, names over its parts, lines clear of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx

from dashboard.figures import formats
from dashboard.figures.curves import curve, middle
from dashboard.figures.domains import OUTSIDE
from dashboard.figures.drawing import DrawnMap
from dashboard.figures.flow import flow
from dashboard.records import MapEdge, MapNode

LETTER = 7.1
MARGIN = 40.0
NODE = 11.0
LONGEST = 26
CAPTION = 40.0
"""Height of the name over a part."""


def flow_drawing(
    drawn: DrawnMap,
    nodes: Sequence[MapNode],
    edges: Sequence[MapEdge],
    homes: Mapping[str, str],
    begins: frozenset[str],
) -> None:
    """Fill in places, labels, lines and captions."""
    captions = _captions(nodes, edges, homes)
    labels = {n["id"]: short_label(n["name"], captions.get(n["id"], "")) for n in nodes}
    widths = {
        node["id"]: (width, 0.0) if node["kind"] == "topic" else (0.0, width)
        for node in nodes
        for width in [len(labels[node["id"]]) * LETTER]
    }
    layout = flow(
        [node["id"] for node in nodes],
        [(e["source"], e["target"]) for e in edges],
        widths,
        begins,
        dict.fromkeys(captions, CAPTION),
    )
    lines: list[list[float]] = []
    badges: list[list[float]] = []
    for edge in edges:
        source, target = edge["source"], edge["target"]
        way = layout.ways.get((source, target))
        points = (
            curve(way, NODE + 4, widths[source], widths[target])
            if way
            else _loop(*layout.places[source])
        )
        lines.append([round(value, 1) for point in points for value in point])
        badges.append([round(value, 1) for value in middle(points)])
    drawn["nodes"]["label"] = [labels[n["id"]] for n in nodes]
    drawn["nodes"]["x"] = [round(layout.places[n["id"]][0], 1) for n in nodes]
    drawn["nodes"]["y"] = [round(layout.places[n["id"]][1], 1) for n in nodes]
    drawn["edges"]["points"] = lines
    drawn["edges"]["badge"] = badges
    drawn["captions"] = [
        {"text": captions[node], "x": round(x, 1), "y": round(y, 1)}
        for node, (x, y) in layout.corners.items()
        if node in captions
    ]
    drawn["box"] = [
        round(value, 1)
        for value in (
            -MARGIN / 2 - 8,
            -MARGIN,
            layout.width + MARGIN + 16,
            layout.height + 2 * MARGIN,
        )
    ]


def _loop(x: float, y: float) -> list[tuple[float, float]]:
    """A service that calls itself: a small loop above it."""
    return [(x - 5, y - NODE - 2), (x - 26, y - 44), (x + 26, y - 44), (x + 6, y - NODE - 4)]


def short_label(name: str, domain: str) -> str:
    """A name without the domain that stands above it, cut in the middle.

    >>> short_label("fulfilment-checkout", "fulfilment")
    'checkout'
    """
    if domain:
        for mark in "-._/":
            head, found, rest = name.partition(domain + mark)
            if found and rest and (not head or not head[-1].isalnum()):
                name = head + rest
                break
    return formats.squeezed(name, LONGEST)


def _captions(
    nodes: Sequence[MapNode], edges: Sequence[MapEdge], homes: Mapping[str, str]
) -> dict[str, str]:
    """For nodes in a connected part all of whose services are of one domain: that domain."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(node["id"] for node in nodes)
    graph.add_edges_from((edge["source"], edge["target"]) for edge in edges)
    services = {node["id"] for node in nodes if node["kind"] == "service"}
    found: dict[str, str] = {}
    for part in nx.connected_components(graph):
        domains = {homes[id_] for id_ in part if id_ in services} - {OUTSIDE}
        if len(domains) == 1 and len(part) > 1:
            found |= dict.fromkeys(part, domains.pop())
    return found
