"""The service call graph as what the map component draws: what is shown, where, and its marks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dashboard.figures import formats
from dashboard.figures.collapse import PREFIX, collapsed, domain_id
from dashboard.figures.domains import RingOrder
from dashboard.figures.drawing import EDGE_KINDS, NODE_KINDS, SCHEMA, DrawnMap, Edges, Nodes
from dashboard.figures.ego import surroundings
from dashboard.figures.failing import failing_edges, fails
from dashboard.figures.flowmap import flow_drawing, short_label
from dashboard.figures.mapview import View
from dashboard.figures.ring import ring
from dashboard.figures.silent import silent_for
from dashboard.records import Expectation, Map, MapEdge, MapNode

MOST_IN_FLOW = 60
"""Above this the map is a ring."""
MOST_IN_SPARSE_FLOW, SPARSE = 100, 1.15
"""Chains stay readable longer: up to so many nodes with at most so many edges a node."""


@dataclass(frozen=True)
class Shown:
    """The part of the map that a view shows, before it has places; `elsewhere` is the rest."""

    shape: str
    nodes: list[MapNode]
    edges: list[MapEdge]
    elsewhere: list[MapNode]
    left_out: int

    def standing_for(self, id_: str | None, homes: Mapping[str, str]) -> str | None:
        """The node itself, or the closed domain that it is in; None if neither is shown."""
        there = {node["id"] for node in self.nodes}
        closed = domain_id(homes.get(id_ or "", ""))
        return id_ if id_ in there else closed if closed in there else None


def shown_of(given: Map, view: View, homes: Mapping[str, str]) -> Shown:
    """What a view shows: surroundings or all, domains closed or not, edges filtered."""
    nodes = list(given["nodes"])
    ids = {node["id"] for node in nodes}
    edges = [edge for edge in given["edges"] if edge["source"] in ids and edge["target"] in ids]
    natural = natural_shape(len(nodes), len(edges))
    shape = view.shape if view.shape and natural == "flow" else natural
    left_out = 0
    if view.depth and view.focus in ids:
        nodes, edges, left_out = surroundings(view.focus, nodes, edges, view.depth)
        shape = "flow"
    elif shape == "ring":
        names = set(homes.values())
        if view.open in names:
            nodes, edges = collapsed(nodes, edges, homes, {view.open})
        elif view.level == "domains":
            nodes, edges = collapsed(nodes, edges, homes, ())
    kept = passing(edges, view)
    there = {node["id"] for node in nodes}
    elsewhere = [node for node in given["nodes"] if node["id"] not in there]
    return Shown(shape, nodes, kept, elsewhere, left_out)


def natural_shape(nodes: int, edges: int) -> str:
    """Flow for small or sparse graphs, a ring above."""
    sparse = nodes <= MOST_IN_SPARSE_FLOW and edges <= SPARSE * nodes
    return "flow" if nodes <= MOST_IN_FLOW or sparse else "ring"


def passing(edges: Sequence[MapEdge], view: View) -> list[MapEdge]:
    """The edges that the view's filters let through; those that hold orders up also fail."""
    return [
        edge
        for edge in edges
        if edge["kind"] in view.kinds
        and (not view.failing or fails(edge) or edge["stuck_orders"] > 0)
        and (edge["calls"] >= view.least or edge["stuck_orders"] > 0)
    ]


def beginnings(expectations: Sequence[Expectation], services: Collection[str]) -> frozenset[str]:
    """Services with a step that is expected after no other: there orders begin."""
    expected = {rule["step"] for rule in expectations}
    first = {rule["after"] for rule in expectations} - expected
    return frozenset(
        service for service in services if any(step.startswith(f"{service} ") for step in first)
    )


def drawn_map(
    shown: Shown,
    order: RingOrder,
    *,
    begins: frozenset[str] = frozenset(),
    span_s: float | None = None,
    filtered: bool = False,
) -> DrawnMap:
    """Places and marks of what is shown. `order` has the domain of every node.

    `begins` are services where orders begin, for flows that run in circles; `span_s` is the time
    that calls were counted over, for edges gone silent.
    """
    nodes, edges = shown.nodes, shown.edges
    at = {node["id"]: place for place, node in enumerate(nodes)}
    failing = {id(edge) for edge in failing_edges(edges)}
    silent = silent_for(edges, span_s)
    members: Counter[str] = Counter()
    for id_, home in order.homes.items():
        if not id_.startswith(("topic:", "db:")):
            members[home] += 1
    homes = {n["id"]: order.homes.get(n["id"], n["domain"] or n["name"]) for n in nodes}
    domains = [d for d in order.domains if d in set(homes.values())]
    domains += sorted(set(homes.values()) - set(domains))
    place = {domain: index for index, domain in enumerate(domains)}
    drawn: DrawnMap = {
        "schema": SCHEMA,
        "shape": shown.shape,
        "domains": domains,
        "nodes": _nodes(nodes, homes, place, members),
        "edges": _edges(edges, at),
        "stuck_nodes": [[at[n["id"]], n["stuck_orders"]] for n in nodes if n["stuck_orders"]],
        "stuck_edges": [[i, e["stuck_orders"]] for i, e in enumerate(edges) if e["stuck_orders"]],
        "failing": [i for i, edge in enumerate(edges) if id(edge) in failing],
        "silent": [
            (i, f"silent for {formats.duration(float(s))}") for i, s in enumerate(silent) if s > 0
        ],
        "filtered": filtered,
        "arcs": [],
        "slot": 0.0,
        "captions": [],
        "box": [0.0, 0.0, 0.0, 0.0],
        "left_out": shown.left_out,
        "elsewhere": {
            "id": [n["id"] for n in shown.elsewhere],
            "name": ["" if n["name"] == n["id"] else n["name"] for n in shown.elsewhere],
            "domain": [order.homes.get(n["id"], "") for n in shown.elsewhere],
        },
    }
    if shown.shape == "flow":
        flow_drawing(drawn, nodes, edges, homes, begins)
    else:
        _as_ring(drawn, shown, homes, order)
    return drawn


def _nodes(
    nodes: Sequence[MapNode],
    homes: Mapping[str, str],
    place: Mapping[str, int],
    members: Mapping[str, int],
) -> Nodes:
    return {
        "id": [n["id"] for n in nodes],
        "name": ["" if n["name"] == n["id"] else n["name"] for n in nodes],
        "label": [],
        "kind": [NODE_KINDS.index(n["kind"]) if n["kind"] in NODE_KINDS else 0 for n in nodes],
        "domain": [place[homes[n["id"]]] for n in nodes],
        "count": [members[n["name"]] if n["kind"] == "domain" else 1 for n in nodes],
    }


def _edges(edges: Sequence[MapEdge], at: Mapping[str, int]) -> Edges:
    ranked = sorted(edge["calls"] for edge in edges)
    half, most = (ranked[int(len(ranked) * share)] if ranked else 0 for share in (0.5, 0.85))
    classes = [half, max(most, half + 1)]
    return {
        "source": [at[e["source"]] for e in edges],
        "target": [at[e["target"]] for e in edges],
        "kind": [EDGE_KINDS.index(e["kind"]) if e["kind"] in EDGE_KINDS else 0 for e in edges],
        "width": [bisect_right(classes, e["calls"]) for e in edges],
        "calls": [e["calls"] for e in edges],
        "errors": [e["errors"] for e in edges],
        "p95_ms": [round(e["p95_ms"], 3 if e["p95_ms"] < 1 else 1) for e in edges],
    }


def _as_ring(drawn: DrawnMap, shown: Shown, homes: Mapping[str, str], order: RingOrder) -> None:
    kinds = {node["id"]: node["kind"] for node in shown.nodes}
    members: dict[str, list[str]] = {}
    for domain in drawn["domains"]:
        closed = PREFIX + domain
        members[domain] = [closed] if closed in kinds else list(order.members.get(domain, ()))
    placed = set(order.homes)
    for node in shown.nodes:
        if node["id"] not in placed and node["kind"] != "domain":
            members[homes[node["id"]]].append(node["id"])
    ends = [(edge["source"], edge["target"]) for edge in shown.edges]
    made = ring(drawn["domains"], members, kinds, ends)
    counts = Counter(homes[n["id"]] for n in shown.nodes if n["kind"] in {"service", "external"})
    counts.update({n["name"]: c for n, c in zip(shown.nodes, drawn["nodes"]["count"], strict=True)
                   if n["kind"] == "domain"})  # fmt: skip
    drawn["nodes"]["angle"] = [round(made.places[n["id"]][0], 4) for n in shown.nodes]
    drawn["nodes"]["radius"] = [round(made.places[n["id"]][1], 3) for n in shown.nodes]
    drawn["nodes"]["label"] = [short_label(n["name"], homes[n["id"]]) for n in shown.nodes]
    drawn["slot"] = round(made.slot, 6)
    index = {domain: i for i, domain in enumerate(drawn["domains"])}
    drawn["arcs"] = [
        {
            "domain": index[arc.name],
            "start": round(arc.start, 4),
            "end": round(arc.end, 4),
            "closed": arc.closed,
            "count": counts[arc.name],
        }
        for arc in made.arcs
    ]
