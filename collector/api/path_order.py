"""From tables to critical paths: the spans of orders by corrected clocks, and paths as answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.api.models import ClockOffset, PathPart
from collector.api.path import PathSpan, Segment, Waiting, critical_path
from collector.api.reader import Reader, Row
from collector.api.skew import Clocks, read_clocks
from collector.api.times import nanoseconds, rfc3339

_MOST_SPANS = 20_000
_MOST_READ = 200_000  # of traces that many orders share most spans may be others'
# Of several owed steps the path leads to the most serious one, and of those to the oldest.
_SERIOUS = ("odd_order", "edge_stopped", "compensation_stuck")
_OPEN = ("stuck", "in_progress", "compensating")


@dataclass(frozen=True)
class OrderPath:
    """The path of one order, and the clocks that were corrected for it."""

    parts: list[PathPart]
    clock_offsets: list[ClockOffset]


def order_path(
    reader: Reader, row: Row, traces: Sequence[Row], owed: Sequence[Row], now_ns: int
) -> OrderPath:
    """The critical path of the order of `row` (order_id, state) with its `traces`, open while it
    owes.
    """
    clocks = read_clocks(reader)
    id_ = row["order_id"]
    known = {trace["trace_id"]: [_trace_of(id_, trace)] for trace in traces}
    spans = _placed(reader, clocks, known, _MOST_SPANS)[id_]
    segments = critical_path(spans.spans, _waiting(row, owed, now_ns)).segments
    return OrderPath([_part(segment) for segment in segments], clocks.shown(spans.clocks))


@dataclass(frozen=True)
class OrderSpans:
    """The spans of an order by corrected clocks, and whose clocks those were."""

    spans: list[PathSpan]
    clocks: set[tuple[str, str]]


def path_spans(
    reader: Reader, clocks: Clocks, workflow: str, ids: Sequence[str], *, most: int
) -> defaultdict[str, OrderSpans]:
    """By order id; of each order the first `most` spans."""
    traces: defaultdict[str, list[_Trace]] = defaultdict(list)
    for row in reader.rows("path_traces", {"workflow": workflow, "ids": list(ids)}):
        traces[row["trace_id"]].append(_trace(row))
    return _placed(reader, clocks, traces, most)


def _placed(
    reader: Reader, clocks: Clocks, traces: Mapping[str, Sequence[_Trace]], most: int
) -> defaultdict[str, OrderSpans]:
    """The spans of the traces, each with the orders that have part in its trace."""
    found: defaultdict[str, OrderSpans] = defaultdict(lambda: OrderSpans([], set()))
    for r in reader.rows("path_spans", {"traces": list(traces), "limit": _MOST_READ}):
        for trace in traces[r["trace_id"]]:
            order = found[trace.order_id]
            if len(order.spans) < most and (trace.own is None or r["span_id"] in trace.own):
                clock = (r["service"], r["instance"])
                order.clocks.add(clock)
                order.spans.append(_span(r, trace, clocks.ahead_ns(clock)))
    return found


@dataclass(frozen=True)
class _Trace:
    order_id: str
    own: frozenset[str] | None
    """None: all spans are this order's."""
    steps: dict[str, tuple[str, str, str]]
    """Span id → role, and the trace and span that led to it."""


def _trace(row: Row) -> _Trace:
    steps = zip(row["roles"], row["cause_traces"], row["cause_spans"], strict=True)
    return _Trace(
        row["order_id"],
        None if row["whole"] else frozenset(row["own"]),
        dict(zip(row["span_ids"], steps, strict=True)),
    )


def _trace_of(order_id: str, row: Row) -> _Trace:
    """The same from a row of `order_traces`."""
    belongs = zip(row["detail_ids"], row["detail_belongs"], strict=True)
    led = zip(row["steps.role"], row["steps.cause_trace"], row["steps.cause_span"], strict=True)
    return _Trace(
        order_id,
        frozenset(id_ for id_, place in belongs if place in (0, row["place"]))
        if row["detail_ids"]
        else None,
        dict(zip(row["steps.SpanId"], led, strict=True)),
    )


def _span(r: Row, trace: _Trace, ahead: int) -> PathSpan:
    role, cause_trace, cause_span = trace.steps.get(r["span_id"], ("", "", ""))
    return PathSpan(
        start=r["started_ns"] - ahead,
        end=r["ended_ns"] - ahead,
        id=f"{r['trace_id']}/{r['span_id']}",
        parent=f"{r['trace_id']}/{r['parent_span_id']}" if r["parent_span_id"] else "",
        cause=f"{cause_trace}/{cause_span}" if cause_span else "",
        service=r["service"],
        role=role or r["role"],
        operation=r["operation"],
        destination=r["destination"],
        message_id=r["message_id"],
        callee=r["peer"],
        failed=bool(r["failed"]),
    )


def _waiting(row: Row, owed: Sequence[Row], now_ns: int) -> Waiting | None:
    if not owed or row["state"] not in _OPEN:
        return None
    worst = min(
        owed,
        key=lambda o: (
            o["verdict"] not in _SERIOUS,
            o["verdict"] == "on_time",
            nanoseconds(o["since"]),
            o["step"],
        ),
    )
    return Waiting(worst["step"], worst["owing"], worst["after"], now_ns)


def _part(segment: Segment) -> PathPart:
    took = segment.end - segment.start
    return PathPart(
        kind=segment.kind,
        step=segment.step,
        service=segment.service,
        after=segment.after or None,
        callee=segment.callee or None,
        started_at=rfc3339(segment.start),
        ended_at=rfc3339(segment.end),
        duration_s=took / 1e9,
        duration_ns=took,
        span_ids=[id_.partition("/")[2] for id_ in segment.spans],
    )
