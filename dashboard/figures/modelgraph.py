"""The learned flow of a workflow as a layered graph: boxes in columns, edges with shares and times.

`send` and `call` steps that lead on are drawn as the edge they are, as on an order's page; a rule's
share and wait stand on the edge that it demands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import networkx as nx

from dashboard.figures import formats
from dashboard.figures.flow import flow
from dashboard.figures.rows import ROW
from dashboard.records import Expectation, Expectations

_ROLE = re.compile(r" (process|receive|serve|send|call) ")
_CARRIERS = {"send": "messaging", "call": "rpc"}
QUIET_S = 7 * 86_400
"""A step that no order has taken for so long is grey."""


class ModelBox(TypedDict):
    """A step: its column, its height in rows, and what it says."""

    id: str
    column: int
    row: float
    service: str
    title: str
    note: str
    look: str
    dashed: bool
    quiet: bool
    tooltip: str


class ModelEdge(TypedDict):
    """What leads to a step. `way`: column and row of its ends and of the bends between them."""

    id: str
    source: str
    target: str
    kind: str
    dashed: bool
    mark: str
    text: str
    tooltip: str
    way: list[tuple[int, float]]


class ModelGraph(TypedDict):
    """What the component draws."""

    boxes: list[ModelBox]
    edges: list[ModelEdge]
    columns: int
    rows: float


@dataclass
class _Edge:
    source: str
    target: str
    kind: str
    rules: list[Expectation]
    share: float | None = None
    detour: bool = False
    undo: bool = False


@dataclass
class _Known:
    """What the rules say of each step."""

    service: dict[str, str] = field(default_factory=dict)
    role: dict[str, str] = field(default_factory=dict)
    owing: dict[str, list[Expectation]] = field(default_factory=lambda: defaultdict(list))
    leading: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    detours: set[str] = field(default_factory=set)
    prefix: str = ""
    as_of: str | None = None


def parts(step: str) -> tuple[str, str, str]:
    """Service, role and operation of a step by its name; what can't be told is empty.

    >>> parts("stock process order.placed")
    ('stock', 'process', 'order.placed')
    """
    found = _ROLE.search(step)
    if found is None:
        return step, "", ""
    return step[: found.start()], found[1], step[found.end() :]


def model_graph(
    model: Expectations, stuck: Mapping[str, int], as_of: str | None = None
) -> ModelGraph:
    """The graph of one workflow's rules; `stuck` are the orders that wait, by owed step.

    With `as_of`, the collector's time, steps that nobody has taken for QUIET_S are marked.
    """
    known = _known(model["expectations"])
    known.as_of = as_of
    edges = _short(_edges(model["expectations"], known))
    drifting = {drift["rule"] for drift in model["drifts"]}
    steps = sorted(
        {end for edge in edges for end in (edge.source, edge.target)}
        | {step for step in known.owing if not _hidden(step, known)}
    )
    known.prefix = shared_prefix(known.service[step] for step in steps)
    drawn_ways, places, columns, rows = _placed(steps, edges)
    return {
        "boxes": [_box(step, places[step], known, drifting, stuck.get(step, 0)) for step in steps],
        "edges": [
            _drawn(edge, drawn_ways[edge.source, edge.target], drifting)
            for edge in edges
            if edge.source != edge.target
        ],
        "columns": columns,
        "rows": rows,
    }


def _known(rules: Iterable[Expectation]) -> _Known:
    known = _Known()
    for rule in rules:
        for way in rule["any_of"]:
            known.service[way["step"]], known.role[way["step"]] = way["service"], way["role"]
            known.owing[way["step"]].append(rule)
        known.leading.update(rule["requires"])
        known.undone.update(rule["compensates"])
        known.detours.update(rule["handover"])
    for step in known.leading | known.undone | known.detours:
        if step not in known.service:
            known.service[step], known.role[step], _ = parts(step)
    return known


def _hidden(step: str, known: _Known) -> bool:
    """Whether a step is drawn as an edge: it carries on from what is known to a step that is."""
    carries = known.role.get(step) in _CARRIERS and step in known.leading
    return carries and bool(known.owing.get(step)) and step not in known.undone | known.detours


def _sources(
    step: str, known: _Known, seen: frozenset[str] = frozenset()
) -> list[tuple[str, str, list[Expectation], float | None]]:
    """Where the way to `step` begins: box, kind, rules on the way, and share of a choice."""
    if step in seen or not _hidden(step, known):
        return [(step, "within", [], None)]
    found = []
    for rule in known.owing[step]:
        share = _choice_share(rule, step)
        for before in rule["requires"]:
            for source, _, rules, earlier in _sources(before, known, seen | {step}):
                kind = _CARRIERS[known.role[step]]
                found.append(
                    (source, kind, [*rules, rule], share if share is not None else earlier)
                )
    return found or [(step, "within", [], None)]


def _choice_share(rule: Expectation, step: str) -> float | None:
    if len(rule["any_of"]) < 2:
        return None
    return next((way["share"] for way in rule["any_of"] if way["step"] == step), None)


def _edges(rules: Sequence[Expectation], known: _Known) -> list[_Edge]:
    found: dict[tuple[str, str, bool], _Edge] = {}
    for rule in rules:
        for way in rule["any_of"]:
            target = way["step"]
            if _hidden(target, known):
                continue
            for before in rule["requires"]:
                for source, kind, carried, earlier in _sources(before, known):
                    share = _choice_share(rule, target)
                    edge = _Edge(
                        source,
                        target,
                        kind,
                        [*carried, rule],
                        share if share is not None else earlier,
                    )
                    found.setdefault((source, target, False), edge)
                    for stop in rule["handover"]:
                        for pair in ((source, stop), (stop, target)):
                            detour = _Edge(*pair, "within", [rule], detour=True)
                            found.setdefault((*pair, False), detour)
            for undone in rule["compensates"]:
                found.setdefault(
                    (target, undone, True), _Edge(target, undone, "undo", [rule], undo=True)
                )
    return list(found.values())


def _short(edges: list[_Edge]) -> list[_Edge]:
    """Without the edges that others already lead along: the rules tell them all.

    Those are edges of a join, and edges to a step that a later step leads to by the same choice.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    plain = [edge for edge in edges if not (edge.undo or edge.detour)]
    graph.add_edges_from((edge.source, edge.target) for edge in plain)
    into: dict[str, list[_Edge]] = defaultdict(list)
    for edge in plain:
        into[edge.target].append(edge)
    kept = []
    for edge in edges:
        pair = (edge.source, edge.target)
        if not (edge.undo or edge.detour):
            graph.remove_edge(*pair)
            joins = any(len(rule["requires"]) > 1 for rule in edge.rules)
            if (joins and nx.has_path(graph, *pair)) or any(
                later is not edge
                and graph.has_edge(later.source, later.target)
                and nx.has_path(graph, edge.source, later.source)
                and _ways(later) <= _ways(edge)
                for later in into[edge.target]
            ):
                continue
            graph.add_edge(*pair)
        kept.append(edge)
    return kept


def _ways(edge: _Edge) -> set[str]:
    """The steps of which an edge's rule wants one."""
    return {way["step"] for way in edge.rules[-1]["any_of"]}


Way = list[tuple[int, float]]


def _placed(
    steps: Sequence[str], edges: Sequence[_Edge]
) -> tuple[dict[tuple[str, str], Way], dict[str, tuple[int, float]], int, float]:
    """Ways, places, columns and rows; parts without a connection stand below each other."""
    ahead = [
        (edge.target, edge.source) if edge.undo else (edge.source, edge.target) for edge in edges
    ]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(steps)
    graph.add_edges_from(pair for pair in ahead if pair[0] != pair[1])
    pieces = sorted(map(sorted, nx.weakly_connected_components(graph)), key=lambda p: (-len(p), p))
    ways: dict[tuple[str, str], Way] = {}
    places: dict[str, tuple[int, float]] = {}
    columns, top = 0, 0.0
    for piece in pieces:
        inner = sorted(graph.subgraph(piece).edges)
        layout = flow(piece, inner, {})
        points = [
            *layout.places.values(),
            *(point for way in layout.ways.values() for point in way),
        ]
        column = {x: at for at, x in enumerate(sorted({round(x) for x, _ in points}))}
        for step, (x, y) in layout.places.items():
            places[step] = (column[round(x)], top + y / ROW)
        for pair, way in layout.ways.items():
            ways[pair] = [(column[round(x)], top + y / ROW) for x, y in way]
            ways.setdefault(pair[::-1], ways[pair][::-1])
        columns = max(columns, len(column))
        top += layout.height / ROW + 1
    return ways, places, columns, max(top, 1)


def _box(
    step: str, place: tuple[int, float], known: _Known, drifting: set[str], stuck: int
) -> ModelBox:
    service, rules = known.service[step], known.owing.get(step, [])
    title = formats.step_name(step, service)
    notes = []
    if stuck:
        notes.append(f"{formats.number(stuck)} stuck")
    if any(rule["rule"] in drifting for rule in rules):
        notes.append("the flow changed")
    if any(rule["valid_from"] for rule in rules):
        notes.append("new")
    joins = [len(rule["requires"]) for rule in rules if len(rule["requires"]) > 1]
    if joins:
        notes.append(f"needs all {max(joins)}")
    choices = [len(rule["any_of"]) for rule in rules if len(rule["any_of"]) > 1]
    if choices:
        notes.append(f"one of {max(choices)}")
    if any(rule["compensates"] for rule in rules):
        notes.append("undoes")
    optional = step in known.detours or (bool(rules) and not any(r["critical"] for r in rules))
    if optional:
        notes.append("optional")
    if any(rule["source"] == "declared" for rule in rules):
        notes.append("declared")
    quiet = _quiet(step, rules, known.as_of)
    notes += [quiet] if quiet else []
    if not rules and step not in known.detours | known.undone:
        notes.append("" if known.role[step] in _CARRIERS else "begins")
    return {
        "id": step,
        "column": place[0],
        "row": place[1],
        "service": service.removeprefix(known.prefix) or service,
        "title": title.removeprefix("process ").removeprefix("serve "),
        "note": " · ".join(filter(None, notes)),
        "look": "stuck" if stuck else "compensated" if "undoes" in notes else "",
        "dashed": optional,
        "quiet": bool(quiet) and not stuck,
        "tooltip": "\n".join([step, *(rule["text"] for rule in rules)]),
    }


def _quiet(step: str, rules: Sequence[Expectation], as_of: str | None) -> str:
    """In words that nobody takes a step any more, or has yet; empty when orders do."""
    if as_of is None or not rules:
        return ""
    if all(_choice_share(rule, step) == 0.0 for rule in rules):
        return "not taken lately"
    kept = [at for rule in rules if (at := rule["last_kept_at"])]
    if not kept:
        return "" if any(rule["seen"] for rule in rules) else "not seen yet"
    days = formats.seconds_between(max(kept), as_of)
    return f"last seen {formats.age(days)} ago" if days > QUIET_S else ""


def _drawn(edge: _Edge, way: Way, drifting: set[str]) -> ModelEdge:
    rule = edge.rules[-1]
    declared = any(r["source"] == "declared" for r in edge.rules)
    mark = "drift" if any(r["rule"] in drifting for r in edge.rules) else ""
    mark = mark or ("new" if any(r["valid_from"] for r in edge.rules) else "")
    text = ""
    if not (edge.undo or edge.detour):
        share = edge.share if edge.share is not None else rule["share"]
        wait = _wait(rule) if share else ""
        text = " · ".join(filter(None, [formats.percent(share) if share < 0.9995 else "", wait]))
    words = [r["text"] for r in edge.rules]
    return {
        "id": f"{edge.source}\n{edge.target}\n{edge.kind}",
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "dashed": edge.detour or edge.undo,
        "mark": mark or ("declared" if declared else ""),
        "text": text,
        "tooltip": "\n".join(words),
        "way": way,
    }


def _wait(rule: Expectation) -> str:
    """The usual wait; where exporters hide it, what 99 of 100 orders stay below."""
    if not rule["seen"]:
        return ""
    if rule["median_s"] >= 0.001:
        return formats.duration(rule["median_s"])
    return f"p99 {formats.duration(rule['p99_s'])}" if rule["p99_s"] >= 0.001 else ""


def shared_prefix(services: Iterable[str]) -> str:
    """What all names begin with, up to a separator; nothing for one name alone.

    >>> shared_prefix(["shop-order", "shop-payment"])
    'shop-'
    """
    names = sorted(set(services))
    if len(names) < 2:
        return ""
    first, last = names[0], names[-1]
    same = next((at for at, c in enumerate(first) if last[at : at + 1] != c), len(first))
    end = max(first.rfind(mark, 0, same) for mark in "-_./")
    return first[: end + 1]


def rules_of(model: Expectations, step: str) -> list[Expectation]:
    """The rules that speak of a step: those that demand it first."""
    rules = model["expectations"]
    demanding = [r for r in rules if any(way["step"] == step for way in r["any_of"])]
    others = [
        r
        for r in rules
        if r not in demanding and step in {*r["requires"], *r["handover"], *r["compensates"]}
    ]
    return demanding + others
