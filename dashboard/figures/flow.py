"""Layered layout of a small call graph, left to right, after Sugiyama.

Cycles are broken (Eades, Lin and Smyth), layers are the longest way from a beginning, long edges
get a bend in every layer they cross, and the order in the layers is swept until crossings stop
falling. The same graph always gets the same places, whatever its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx

from dashboard.figures.rows import Edge, Node, neighbours, rows

COLUMN, SLOPE, FLAT, WIDEST = 80.0, 0.3, 110.0, 150.0
"""Least distance of layers; more, up to WIDEST, where edges drop by more than FLAT."""
AIRY, STRETCH = 920.0, 1.7
"""A narrow graph is stretched to so much width, at most so many times."""
SWEEPS = 8
SHELVES = (940.0, 1100.0, 1260.0, 1420.0)
"""Widths that parts without a connection may share side by side: the one that shows most is taken.
"""
SEEN = (920.0, 780.0)
"""Width and height of a usual window."""
GAP = 56.0
LABEL_ABOVE, LABEL_BELOW = 20.0, 28.0
"""How far from a node's place its label is."""
LABEL_HEIGHT, LABEL_GAP = 18.0, 12.0

Point = tuple[float, float]


@dataclass
class Layout:
    """Places of nodes and of the points that each edge goes through, ends included."""

    places: dict[str, Point] = field(default_factory=dict)
    ways: dict[Edge, list[Point]] = field(default_factory=dict)
    corners: dict[str, Point] = field(default_factory=dict)
    """The left upper corner of each part that has headroom, by a node in it."""
    width: float = 0.0
    height: float = 0.0


def flow(
    nodes: Sequence[str],
    edges: Sequence[Edge],
    widths: Mapping[str, tuple[float, float]],
    begins: frozenset[str] = frozenset(),
    headroom: Mapping[str, float] | None = None,
) -> Layout:
    """Lay out a graph; `widths` are what a node's label takes above and below its line.

    Where everything lies on a cycle, `begins` come first. `headroom` is what the part with that
    node needs above it.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    graph.add_edges_from(sorted(edge for edge in edges if edge[0] != edge[1]))
    parts = [sorted(part) for part in nx.weakly_connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), part[0]))
    pieces = [(part[0], _part(graph.subgraph(part), widths, begins)) for part in parts]
    tries = [_packed(pieces, shelf, headroom or {}) for shelf in SHELVES]
    whole = max(tries, key=lambda t: min(SEEN[0] / max(t.width, 1), SEEN[1] / max(t.height, 1), 1))
    return _stretched(whole, min(max(AIRY / max(whole.width, 1.0), 1.0), STRETCH))


def _packed(
    pieces: Sequence[tuple[str, Layout]], shelf: float, headroom: Mapping[str, float]
) -> Layout:
    """Parts side by side up to a width, then below."""
    whole = Layout()
    left = top = tall = 0.0
    for first, piece in pieces:
        if left and left + piece.width > shelf:
            top, left, tall = top + tall + GAP, 0.0, 0.0
        above = headroom.get(first, 0.0)
        if above:
            whole.corners[first] = (left, top)
        for node, (x, y) in piece.places.items():
            whole.places[node] = (x + left, y + top + above)
        for edge, way in piece.ways.items():
            whole.ways[edge] = [(x + left, y + top + above) for x, y in way]
        left, tall = left + piece.width + GAP, max(tall, piece.height + above)
        whole.width = max(whole.width, left - GAP)
        whole.height = max(whole.height, top + tall)
    return whole


def _stretched(given: Layout, times: float) -> Layout:
    return Layout(
        {node: (x * times, y) for node, (x, y) in given.places.items()},
        {edge: [(x * times, y) for x, y in way] for edge, way in given.ways.items()},
        {node: (x * times, y) for node, (x, y) in given.corners.items()},
        given.width * times,
        given.height,
    )


def _part(
    graph: nx.DiGraph[str],
    widths: Mapping[str, tuple[float, float]],
    begins: frozenset[str],
) -> Layout:
    order = {node: at for at, node in enumerate(_acyclic_order(graph, begins))}
    forward = [
        (source, target) if order[source] < order[target] else (target, source)
        for source, target in graph.edges
    ]
    layer = _layers(graph, forward)
    layers, chains = _with_bends(graph, sorted(set(forward)), layer, order)
    layers = _swept(layers, chains)
    ys = rows(layers, chains)
    xs = _columns(layers, chains, ys, widths)
    least = min(ys.values(), default=0.0)
    layout = Layout(width=xs[-1][1] if xs else 0.0)
    for at, level in enumerate(layers):
        for node in level:
            if isinstance(node, str):
                layout.places[node] = (xs[at][0], ys[node] - least)
    for source, target in graph.edges:
        ahead = order[source] < order[target]
        chain = chains[(source, target) if ahead else (target, source)]
        way = [(xs[_level(n, layer)][0], ys[n] - least) for n in chain]
        layout.ways[source, target] = way if ahead else way[::-1]
    layout.height = max(ys.values(), default=0.0) - least
    return layout


def _acyclic_order(graph: nx.DiGraph[str], begins: frozenset[str]) -> list[str]:
    """An order of the nodes in which few edges point back."""
    rest = graph.copy()
    first: list[str] = []
    last: list[str] = []
    while rest:
        if ends := sorted(n for n in rest if rest.out_degree(n) == 0):
            last.extend(ends)
            rest.remove_nodes_from(ends)
        elif roots := sorted(n for n in rest if rest.in_degree(n) == 0):
            first.extend(roots)
            rest.remove_nodes_from(roots)
        else:
            node = max(
                sorted(rest),
                key=lambda n: (n in begins, rest.out_degree(n) - rest.in_degree(n)),
            )
            first.append(node)
            rest.remove_node(node)
    return first + last[::-1]


def _layers(graph: nx.DiGraph[str], forward: Sequence[Edge]) -> dict[str, int]:
    """Layers by the longest way; beginnings move right next to what they lead to."""
    acyclic: nx.DiGraph[str] = nx.DiGraph()
    acyclic.add_nodes_from(graph)
    acyclic.add_edges_from(forward)
    layer = {
        node: at for at, level in enumerate(nx.topological_generations(acyclic)) for node in level
    }
    for node in acyclic:
        if acyclic.in_degree(node) == 0 and acyclic.out_degree(node):
            layer[node] = min(layer[below] for below in acyclic.successors(node)) - 1
    return layer


def _level(node: Node, layer: Mapping[str, int]) -> int:
    return layer[node] if isinstance(node, str) else node[2]


def _with_bends(
    graph: nx.DiGraph[str],
    forward: Sequence[Edge],
    layer: Mapping[str, int],
    order: Mapping[str, int],
) -> tuple[list[list[Node]], dict[Edge, list[Node]]]:
    layers: list[list[Node]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for node in sorted(graph, key=lambda n: order[n]):
        layers[layer[node]].append(node)
    chains: dict[Edge, list[Node]] = {}
    for source, target in forward:
        chain: list[Node] = [source]
        for at in range(layer[source] + 1, layer[target]):
            bend = (source, target, at)
            layers[at].append(bend)
            chain.append(bend)
        chains[source, target] = [*chain, target]
    return layers, chains


def _swept(layers: list[list[Node]], chains: Mapping[Edge, Sequence[Node]]) -> list[list[Node]]:
    """Layers reordered by the mean place of their neighbours while that saves crossings."""
    before, after = neighbours(chains)
    best, least = [list(level) for level in layers], _crossings(layers, after)
    for sweep in range(SWEEPS):
        around = before if sweep % 2 == 0 else after
        sequence = layers if sweep % 2 == 0 else layers[::-1]
        for fixed, level in pairwise(sequence):
            place = {node: at for at, node in enumerate(fixed)}
            wish = {}
            for at, node in enumerate(level):
                seen = [place[near] for near in around[node] if near in place]
                wish[node] = sum(seen) / len(seen) if seen else float(at)
            level.sort(key=wish.__getitem__)
        count = _crossings(layers, after)
        if count < least:
            best, least = [list(level) for level in layers], count
    return best


def _crossings(layers: Sequence[Sequence[Node]], after: Mapping[Node, Sequence[Node]]) -> int:
    total = 0
    for level, following in pairwise(layers):
        place = {node: at for at, node in enumerate(following)}
        ends = [
            (at, place[below])
            for at, node in enumerate(level)
            for below in after.get(node, ())
            if below in place
        ]
        total += sum(
            (a[0] - b[0]) * (a[1] - b[1]) < 0 for at, a in enumerate(ends) for b in ends[:at]
        )
    return total


def _columns(
    layers: Sequence[Sequence[Node]],
    chains: Mapping[Edge, Sequence[Node]],
    ys: Mapping[Node, float],
    widths: Mapping[str, tuple[float, float]],
) -> list[tuple[float, float]]:
    """Per layer its middle and the right end of what is so far, so that labels don't touch."""
    level = {node: at for at, nodes in enumerate(layers) for node in nodes}
    drops = [0.0] * len(layers)
    for chain in chains.values():
        for one, other in pairwise(chain):
            drops[level[other]] = max(drops[level[other]], abs(ys[one] - ys[other]))
    labels = [[label for node in level for label in _labels(node, ys, widths)] for level in layers]
    found: list[tuple[float, float]] = []
    for at, own in enumerate(labels):
        widest = max((width for _, width in own), default=0.0)
        steep = min(max(drops[at] - FLAT, 0.0) * SLOPE, WIDEST)
        x = found[-1][0] + COLUMN + steep if found else widest / 2
        for earlier, (place, _) in zip(labels, found, strict=False):
            for height, width in own:
                for beside, wide in earlier:
                    if abs(height - beside) < LABEL_HEIGHT:
                        x = max(x, place + (width + wide) / 2 + LABEL_GAP)
        found.append((x, max(x + widest / 2, found[-1][1] if at else 0.0)))
    return found


def _labels(
    node: Node, ys: Mapping[Node, float], widths: Mapping[str, tuple[float, float]]
) -> list[tuple[float, float]]:
    """Height and width of a node's label: above its place or below."""
    if not isinstance(node, str):
        return []
    above, below = widths.get(node, (0.0, 0.0))
    found = [(ys[node] - LABEL_ABOVE, above), (ys[node] + LABEL_BELOW, below)]
    return [(height, width) for height, width in found if width]
