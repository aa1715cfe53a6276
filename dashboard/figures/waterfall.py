"""The spans of an order as rows of a tree, long runs of equal siblings joined into one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dashboard.figures import formats
from dashboard.figures.timeline import Timeline
from dashboard.records import Span

JOIN_FROM = 9
"""So many siblings of the same name, service and status become one row."""


class SpanRow(NamedTuple):
    """A row: `size` is how many rows below belong to it; places are shares of the axis."""

    id: str
    depth: int
    size: int
    name: str
    service: str
    left: float
    width: float
    text: str
    look: str
    href: str | None


def span_key(span: Span) -> str:
    """What names a span in an address."""
    return f"{span['trace_id']}:{span['span_id']}"


def shades(axis: Timeline) -> list[tuple[float, float]]:
    """The idle parts of the axis: left and width."""
    return [(s.left, s.right - s.left) for s in axis.stretches if s.idle]


def span_rows(spans: Sequence[Span], axis: Timeline, href: Callable[[str], str]) -> list[SpanRow]:
    """Rows in the order in which they are shown; a span whose parent isn't there is a root."""
    known = {(span["trace_id"], span["span_id"]) for span in spans}
    children: dict[tuple[str, str] | None, list[Span]] = defaultdict(list)
    for span in spans:
        parent = (span["trace_id"], span["parent_span_id"] or "")
        own = (span["trace_id"], span["span_id"])
        children[parent if parent in known and parent != own else None].append(span)
    rows: list[SpanRow | None] = []
    seen: set[tuple[str, str]] = set()
    # (span or group, depth) to open, or (place of a row, -1) to close with its size
    stack: list[tuple[Sequence[Span] | int, int]] = [
        (group, 0) for group in reversed(_joined(children[None], children))
    ]
    opened: dict[int, SpanRow] = {}
    while stack:
        item, depth = stack.pop()
        if isinstance(item, int):
            rows[item] = opened.pop(item)._replace(size=len(rows) - item - 1)
            continue
        place = len(rows)
        opened[place] = _row(item, depth, axis, href)
        rows.append(None)
        stack.append((place, -1))
        if len(item) == 1:
            own = (item[0]["trace_id"], item[0]["span_id"])
            if own not in seen:
                seen.add(own)
                below = _joined(children.get(own, []), children)
                stack.extend((group, depth + 1) for group in reversed(below))
    return [row for row in rows if row is not None]


def _joined(
    siblings: Sequence[Span], children: Mapping[tuple[str, str] | None, Sequence[Span]]
) -> list[list[Span]]:
    """Siblings by start; many of the same, none a step and none with spans below, are one group."""
    alike: dict[tuple[str, str, str], list[Span]] = defaultdict(list)
    for span in siblings:
        alike[span["service"], span["name"], span["status"]].append(span)
    groups: list[list[Span]] = []
    for same in alike.values():
        if len(same) >= JOIN_FROM and all(
            span["step"] is None and (span["trace_id"], span["span_id"]) not in children
            for span in same
        ):
            groups.append(same)
        else:
            groups.extend([span] for span in same)
    return sorted(groups, key=lambda group: min(span["started_at"] for span in group))


def _row(group: Sequence[Span], depth: int, axis: Timeline, href: Callable[[str], str]) -> SpanRow:
    first = group[0]
    starts = [formats.nanoseconds(span["started_at"]) for span in group]
    ends = [at + int(span["duration_ms"] * 1e6) for at, span in zip(starts, group, strict=True)]
    left, right = axis.place(min(starts)), axis.place(max(ends))
    name, text = first["name"], formats.milliseconds(first["duration_ms"])
    if len(group) > 1:
        name = f"{formats.number(len(group))} × {name}"
        text = f"sum {formats.milliseconds(sum(span['duration_ms'] for span in group))}"
    look = "failed" if first["status"] == "Error" else "completed"
    return SpanRow(
        span_key(first),
        depth,
        0,
        f"{name} (shared)" if first["shared"] else name,
        first["service"],
        round(left, 5),
        round(max(right - left, 0.0), 5),
        ("✕ " if look == "failed" else "") + text,
        look,
        href(span_key(first)),
    )
