"""One node's surroundings: what leads to it and what it leads to, some steps far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx

from dashboard.records import MapEdge, MapNode

DEPTHS = (1, 2, 3)
MOST = 10
"""Nodes that are shown at most at each distance on each side, the busiest first."""


def surroundings(
    focus: str, nodes: Sequence[MapNode], edges: Sequence[MapEdge], depth: int
) -> tuple[list[MapNode], list[MapEdge], int]:
    """Nodes and edges on the shortest ways to and from `focus`, and how many nodes were left out.

    From a service through a topic to a service is one step, as a call is.
    """
    kinds = {node["id"]: node["kind"] for node in nodes}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(kinds)
    for edge in edges:
        if edge["source"] != edge["target"]:
            graph.add_edge(edge["source"], edge["target"])
    calls: dict[str, int] = {}
    for edge in edges:
        for end in (edge["source"], edge["target"]):
            calls[end] = calls.get(end, 0) + edge["calls"]
    after = _steps(graph, focus, kinds, depth)
    before = _steps(graph.reverse(copy=False), focus, kinds, depth)
    near = {*after, *before}
    kept = {focus}
    for side in (after, before):
        layers: dict[float, list[str]] = {}
        for node, away in side.items():
            layers.setdefault(away, []).append(node)
        for layer in layers.values():
            kept.update(sorted(layer, key=lambda n: (-calls.get(n, 0), n))[:MOST])
    shown = [
        edge
        for edge in edges
        if {edge["source"], edge["target"]} <= kept
        and (
            _leads(after, edge["source"], edge["target"])
            or _leads(before, edge["target"], edge["source"])
        )
    ]
    return [n for n in nodes if n["id"] in kept], shown, len(near) - len(kept)


def _steps(
    graph: nx.DiGraph[str], focus: str, kinds: Mapping[str, str], depth: int
) -> dict[str, float]:
    """How many steps each node is away; a topic lies half a step behind its sender."""

    def cost(one: str, other: str, _: object) -> float:
        return 0.5 if "topic" in (kinds[one], kinds[other]) else 1.0

    found: dict[str, float] = nx.single_source_dijkstra_path_length(
        graph, focus, cutoff=float(depth), weight=cost
    )
    return found


def _leads(steps: Mapping[str, float], near: str, far: str) -> bool:
    return near in steps and far in steps and steps[near] < steps[far]
