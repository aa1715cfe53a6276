"""Heights of nodes in a layered layout: near their neighbours, straight where that is possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

ROW = 68.0
"""Distance of nodes in a layer."""
BEND_ROW = 30.0
"""Distance of the bends of long edges."""
HANGING_WEIGHT = 0.001
SWEEPS = 8

Edge = tuple[str, str]
Node = str | tuple[str, str, int]
"""A node's id, or a bend: source, target and layer."""


def neighbours(
    chains: Mapping[Edge, Sequence[Node]],
) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
    """What lies in the layer before and after each node, by the chains that edges run along."""
    before: dict[Node, list[Node]] = defaultdict(list)
    after: dict[Node, list[Node]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            after[one].append(other)
            before[other].append(one)
    return before, after


def rows(
    layers: Sequence[Sequence[Node]], chains: Mapping[Edge, Sequence[Node]]
) -> dict[Node, float]:
    """Heights: each node in the middle of its neighbours, the order and distances kept.

    What hangs on one other node alone (a database) follows it and doesn't pull it off its line.
    """
    before, after = neighbours(chains)
    nodes = [node for level in layers for node in level]
    hanging = {node for node in nodes if len(before[node]) + len(after[node]) < 2}
    weights = {node: HANGING_WEIGHT if node in hanging else 1.0 for node in nodes}
    ys: dict[Node, float] = {}
    for level in layers:
        ys.update(_spread(level, dict.fromkeys(level, 0.0), weights))
    for sweep in range(3 * SWEEPS):
        ahead, last = sweep % 2 == 0, sweep >= 2 * SWEEPS
        for level in layers if ahead else layers[::-1]:
            wish = {}
            for node in level:
                near = before[node] if ahead else after[node]
                if last or not near:
                    near = [*before[node], *after[node]]
                firm = [other for other in near if other not in hanging] or near
                wish[node] = sum(ys[n] for n in firm) / len(firm) if firm else ys[node]
            ys.update(_spread(level, wish, weights))
    return ys


def _spread(
    level: Sequence[Node], wish: Mapping[Node, float], weights: Mapping[Node, float]
) -> dict[Node, float]:
    """Heights in the given order, apart enough, nearest to the wishes (least squares).

    Neighbours whose wishes collide are pooled and move as one block.
    """
    offsets: list[float] = []
    for at, node in enumerate(level):
        offsets.append(offsets[-1] + _apart(level[at - 1], node) if at else 0.0)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many nodes
    for node, offset in zip(level, offsets, strict=True):
        mean, weight, count = wish[node] - offset, weights[node], 1
        while blocks and blocks[-1][0] > mean:
            other, heavy, more = blocks.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + more
        blocks.append((mean, weight, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return {node: mean + off for node, mean, off in zip(level, means, offsets, strict=True)}


def _apart(one: Node, other: Node) -> float:
    bends = isinstance(one, tuple) + isinstance(other, tuple)
    return (ROW, (ROW + BEND_ROW) / 2, BEND_ROW)[bends]
