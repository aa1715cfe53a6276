"""The step graph of an order: boxes in columns, left to right in causal order."""

from __future__ import annotations

from typing import TypedDict

import networkx as nx

from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey, Stop


class Box(TypedDict):
    """A step: its column and row, and what it says."""

    id: str
    column: int
    row: int
    service: str
    title: str
    look: str
    icon: str
    word: str
    note: str
    late: bool
    pending: bool
    tooltip: str


class Arrow(TypedDict):
    """An arrow between two boxes."""

    source: str
    target: str
    kind: str
    pending: bool


class Graph(TypedDict):
    """What the component draws."""

    boxes: list[Box]
    arrows: list[Arrow]
    columns: int
    rows: int


def step_graph(journey: Journey) -> Graph:
    """Columns by the longest way from a beginning, rows so that arrows stay short."""
    order = {stop.step: at for at, stop in enumerate(journey.stops)}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(order)
    for leg in journey.legs:
        if not (graph.has_node(leg.target) and nx.has_path(graph, leg.target, leg.source)):
            graph.add_edge(leg.source, leg.target)
    column = {
        step: at for at, level in enumerate(nx.topological_generations(graph)) for step in level
    }
    levels: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for step in sorted(order, key=order.__getitem__):
        levels[column[step]].append(step)
    row: dict[str, int] = {}
    for level in levels:
        level.sort(key=lambda step: (_wish(graph, row, step), order[step]))
        row.update({step: at for at, step in enumerate(level)})
    return {
        "boxes": [_box(stop, column[stop.step], row[stop.step]) for stop in journey.stops],
        "arrows": [
            {"source": leg.source, "target": leg.target, "kind": leg.kind, "pending": leg.pending}
            for leg in journey.legs
        ],
        "columns": len(levels),
        "rows": max(map(len, levels), default=0),
    }


def _wish(graph: nx.DiGraph[str], row: dict[str, int], step: str) -> float:
    rows = [row[earlier] for earlier in graph.predecessors(step) if earlier in row]
    return sum(rows) / len(rows) if rows else 0.0


def _box(stop: Stop, column: int, row: int) -> Box:
    if stop.owed is not None:
        note = "should have come" if stop.late else "expected"
    elif stop.start is not None and stop.end is not None:
        note = formats.duration((stop.end - stop.start) / 1e9)
    else:
        note = ""
    if stop.attempts > 1:
        note = f"{note}, {stop.attempts} attempts".removeprefix(", ")
    return {
        "id": stop.step,
        "column": column,
        "row": row,
        "service": stop.service,
        "title": stop.title.removeprefix("process ").removeprefix("serve "),
        "look": palette.token(stop.look),
        "icon": stop.look.icon,
        "word": stop.look.word,
        "note": note,
        "late": stop.late,
        "pending": stop.owed is not None,
        "tooltip": "\n".join(filter(None, [stop.step, stop.error])),
    }
