"""The step graph of an order: boxes in columns, left to right in causal order.

What one service calls one after the other stands below it in the order of time; what undoes such a
call stands below that call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TypedDict

import networkx as nx

from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey, Stop

MOST_SEQUENCED = 100
"""With more calls than this they aren't put into the order of time."""


class Box(TypedDict):
    """A step: its column and row (rows may lie between others), and what it says."""

    id: str
    column: int
    row: float
    service: str
    short: str
    title: str
    look: str
    icon: str
    word: str
    note: str
    late: bool
    pending: bool
    tooltip: str


class Arrow(TypedDict):
    """An arrow between two boxes; one that drops leads along the caller's row and then down."""

    source: str
    target: str
    kind: str
    pending: bool
    drop: bool


class Graph(TypedDict):
    """What the component draws."""

    boxes: list[Box]
    arrows: list[Arrow]
    columns: int
    rows: float


def step_graph(journey: Journey) -> Graph:
    """Columns by the longest way from a beginning, rows so that arrows stay short."""
    stops = {stop.step: stop for stop in journey.stops}
    called = _called(journey, stops)
    below = {
        name: stops[name].undoes[0]
        for name in called
        if any(other in stops for other in stops[name].undoes[:1])
    }
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(name for name in stops if name not in below)
    ways = [(leg.source, leg.target) for leg in journey.legs if leg.kind != "compensation"]
    for source, target in [*ways, *_sequence(called, stops)]:
        known = graph.has_node(source) and graph.has_node(target)
        if known and not nx.has_path(graph, target, source):
            graph.add_edge(source, target)
    column = {
        step: at for at, level in enumerate(nx.topological_generations(graph)) for step in level
    }
    row = _rows(column, ways, called, {step: at for at, step in enumerate(stops)})
    for name, undone in below.items():
        column[name] = column.get(undone, 0)
        taken = [row[other] for other in row if column[other] == column[name]]
        row[name] = row.get(undone, 0.0) + 1
        while any(abs(row[name] - other) < 1 for other in taken):
            row[name] += 1
    top = min(row.values(), default=0.0)
    names = _short_names(journey.stops)
    return {
        "boxes": [
            _box(stop, column[stop.step], row[stop.step] - top, names[stop.service])
            for stop in journey.stops
        ],
        "arrows": [
            {
                "source": leg.source,
                "target": leg.target,
                "kind": leg.kind,
                "pending": leg.pending,
                "drop": called.get(leg.target) == leg.source,
            }
            for leg in journey.legs
            if below.get(leg.source, leg.target) == leg.target and leg.target not in below
        ],
        "columns": max(column.values(), default=-1) + 1,
        "rows": max(row.values(), default=-1.0) - top + 1,
    }


def _called(journey: Journey, stops: Mapping[str, Stop]) -> dict[str, str]:
    """Steps that one step called, one after the other (at least two), with that step."""
    targets: dict[str, list[Stop]] = defaultdict(list)
    for leg in journey.legs:
        if leg.kind in {"rpc", "within"} and stops[leg.target].start is not None:
            targets[leg.source].append(stops[leg.target])
    return {
        stop.step: source
        for source, called in targets.items()
        if _one_after_another(called)
        for stop in called
    }


def _one_after_another(called: Sequence[Stop]) -> bool:
    ends = [stop.end if stop.end is not None else stop.start or 0 for stop in called]
    return len(called) <= MOST_SEQUENCED and any(
        (stop.start or 0) >= end for stop in called for end in ends
    )


def _sequence(called: Mapping[str, str], stops: Mapping[str, Stop]) -> list[tuple[str, str]]:
    """Which of the calls of one step were over before which others began."""
    by_source: dict[str, list[Stop]] = defaultdict(list)
    for step, source in called.items():
        by_source[source].append(stops[step])
    return [
        (one.step, other.step)
        for group in by_source.values()
        for one in group
        for other in group
        if one is not other and (one.end or one.start or 0) <= (other.start or 0)
    ]


def _rows(
    column: Mapping[str, int],
    ways: Sequence[tuple[str, str]],
    called: Mapping[str, str],
    order: Mapping[str, int],
) -> dict[str, float]:
    """Heights, column by column: near what led there, a row apart."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in ways:
        before[target].append(source)
    levels: dict[int, list[str]] = defaultdict(list)
    for step, at in column.items():
        levels[at].append(step)
    row: dict[str, float] = {}
    for at in sorted(levels):
        wish = {}
        for step in levels[at]:
            near = [
                row[cause] + (called.get(step) == cause) for cause in before[step] if cause in row
            ]
            wish[step] = sum(near) / len(near) if near else 0.0
        level = sorted(levels[at], key=lambda step: (wish[step], order[step]))
        place = -1e9
        places = []
        for step in level:
            place = max(wish[step], place + 1)
            places.append(place)
        shift = sum(wish[step] - place for step, place in zip(level, places, strict=True))
        row.update(
            {step: place + shift / len(level) for step, place in zip(level, places, strict=True)}
        )
    return row


def _short_names(stops: Sequence[Stop]) -> dict[str, str]:
    """Names of services without what all of them begin with."""
    names = list(dict.fromkeys(stop.service for stop in stops))
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    shared = "".join(letters[0] for letters in alike) if len(names) > 1 else ""
    length = max(shared.rfind(mark) for mark in "-._/") + 1 if shared else 0
    return {name: name[length:] or name for name in names}


def _box(stop: Stop, column: int, row: float, short: str) -> Box:
    if stop.owed is not None:
        note = "missing" if stop.late else "overdue" if stop.owed["late"] else "expected"
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
        "short": short,
        "title": stop.title.removeprefix("process ").removeprefix("serve "),
        "look": palette.token(stop.look),
        "icon": stop.look.icon,
        "word": stop.look.word,
        "note": note,
        "late": stop.late,
        "pending": stop.owed is not None,
        "tooltip": "\n".join(filter(None, [stop.step, stop.error])),
    }
