"""The spans of an order as rows of a tree, long runs of equal siblings joined into one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from dashboard.figures import formats
from dashboard.figures.timeline import Interval, Timeline, compressed
from dashboard.records import Span

JOIN_FROM = 9
"""So many siblings of the same name, service and status become one row."""
FAILED, JOINED, SHARED = 1, 2, 4
"""Bits of a row's `marks`."""

_Key = tuple[str, str]


class SpanRow(NamedTuple):
    """A row: `size` is how many rows below belong to it; places are shares of the axis.

    A joined row stands for its siblings, which are the rows below it; its id is the first one's.
    """

    trace_id: str
    span_id: str
    depth: int
    size: int
    name: str
    service: str
    left: float
    width: float
    text: str
    marks: int


class Tree(TypedDict):
    """The rows, packed: names, services and traces by their place in lists."""

    traces: list[str]
    names: list[str]
    services: list[str]
    rows: list[tuple[int, str, int, int, int, int, float, float, str, int]]
    shades: list[tuple[float, float, str]]
    ticks: list[tuple[float, str]]
    spans: int


def span_key(span: Span) -> str:
    """What names a span in an address."""
    return f"{span['trace_id']}:{span['span_id']}"


def span_tree(spans: Sequence[Span]) -> Tree:
    """Everything that the waterfall draws: rows, and the axis over the times of the roots."""
    axis = compressed(_busy(spans))
    rows = span_rows(spans, axis)
    traces, names, services = (dict[str, int](), dict[str, int](), dict[str, int]())
    packed = [
        (
            traces.setdefault(row.trace_id, len(traces)),
            row.span_id,
            row.depth,
            row.size,
            names.setdefault(row.name, len(names)),
            services.setdefault(row.service, len(services)),
            *row[6:],
        )
        for row in rows
    ]
    return {
        "traces": list(traces),
        "names": list(names),
        "services": list(services),
        "rows": packed,
        "shades": [
            (round(s.left, 5), round(s.right - s.left, 5), formats.duration(s.seconds))
            for s in axis.stretches
            if s.idle
        ],
        "ticks": [
            (round(at, 5), formats.duration((instant - axis.start) / 1e9) if at else "0")
            for at, instant in axis.ticks(0.11)
        ],
        "spans": len(spans),
    }


def _busy(spans: Sequence[Span]) -> list[Interval]:
    """When something ran; spans that overlap are one stretch."""
    found: list[Interval] = []
    for span in sorted(spans, key=lambda span: span["started_at"]):
        start = formats.nanoseconds(span["started_at"])
        end = start + int(span["duration_ms"] * 1e6)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def span_rows(spans: Sequence[Span], axis: Timeline) -> list[SpanRow]:
    """Rows in the order in which they are shown; a span whose parent isn't there is a root."""
    known = {(span["trace_id"], span["span_id"]) for span in spans}
    children: dict[_Key | None, list[Span]] = defaultdict(list)
    for span in spans:
        parent, own = (span["trace_id"], span["parent_span_id"] or ""), _own(span)
        children[parent if parent in known and parent != own else None].append(span)
    rows: list[SpanRow] = []
    seen: set[_Key] = set()
    # (siblings that are one row or a span alone, depth) to open, or (a row's place, -1) to close
    stack: list[tuple[Sequence[Span] | int, int]] = [
        (group, 0) for group in reversed(_joined(children[None]))
    ]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, int):
            rows[item] = rows[item]._replace(size=len(rows) - item - 1)
            continue
        stack.append((len(rows), -1))
        rows.append(_row(item, depth, axis))
        if len(item) > 1:
            stack.extend(([span], depth + 1) for span in reversed(item))
        elif (own := _own(item[0])) not in seen:
            seen.add(own)
            stack.extend((below, depth + 1) for below in reversed(_joined(children.get(own, ()))))
    return rows


def _own(span: Span) -> _Key:
    return span["trace_id"], span["span_id"]


def _joined(siblings: Sequence[Span]) -> list[list[Span]]:
    """Siblings by start; many of the same are one group."""
    if len(siblings) < JOIN_FROM:
        return [[span] for span in sorted(siblings, key=lambda span: span["started_at"])]
    alike: dict[tuple[str, str, str], list[Span]] = defaultdict(list)
    for span in sorted(siblings, key=lambda span: span["started_at"]):
        alike[span["service"], span["name"], span["status"]].append(span)
    groups: list[list[Span]] = []
    for same in alike.values():
        groups += [same] if len(same) >= JOIN_FROM else [[span] for span in same]
    return sorted(groups, key=lambda group: group[0]["started_at"])


def _row(group: Sequence[Span], depth: int, axis: Timeline) -> SpanRow:
    first = group[0]
    starts = [formats.nanoseconds(span["started_at"]) for span in group]
    ends = [at + int(span["duration_ms"] * 1e6) for at, span in zip(starts, group, strict=True)]
    left, right = axis.place(starts[0]), axis.place(max(ends))
    name, text = first["name"], formats.milliseconds(first["duration_ms"])
    marks = FAILED * (first["status"] == "Error") + SHARED * first["shared"]
    if len(group) > 1:
        name = f"{formats.number(len(group))} × {name}"
        text = f"sum {formats.milliseconds(sum(span['duration_ms'] for span in group))}"
        marks |= JOINED
    return SpanRow(
        first["trace_id"],
        first["span_id"],
        depth,
        0,
        name,
        first["service"],
        round(left, 5),
        round(max(right - left, 0.0), 5),
        text,
        marks,
    )
