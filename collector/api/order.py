"""What happened to this order, and what didn't?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from collector.api import sentences
from collector.api.messages import attempts, messages
from collector.api.models import (
    Order,
    OrderTrace,
    Owed,
    Span,
    SpanEvent,
    SpanLink,
    Spans,
    Step,
)
from collector.api.orders import order_row
from collector.api.path_order import order_path
from collector.api.problems import ProblemError
from collector.api.reader import Reader, Row, tuples, zipped
from collector.api.times import nanoseconds, rfc3339, text

_MOST_SPANS = 20_000
_UNJUDGED: Row = {
    "state": "unknown",
    "owed": [],
    **dict.fromkeys(("verdict", "step", "service", "diagnosis", "error", "cause_id"), ""),
}
# Zipkin and Jaeger show ids of 64 bits without the zeros that make them OpenTelemetry's.
_SHORT_TRACE_ID = re.compile("[0-9a-f]{1,16}")


def order(reader: Reader, *, workflow: str, id: str) -> Order:
    """One order. Raises ProblemError 404, or 409 when the id alone names several."""
    row = _judged(reader, _find(reader, workflow, id))
    now = reader.now()
    steps = zipped(row, "steps")
    traces = _traces(reader, row)
    owed = row["owed"]
    undone = _undone(reader, row["workflow"], steps)
    path = order_path(reader, row, traces, owed, nanoseconds(now))
    listed = order_row({**row, "trace_count": len(row["trace_ids"])}, now)
    return Order(
        **listed.model_dump(),
        as_of=text(now),
        traces=[
            OrderTrace(
                trace_id=trace["trace_id"],
                started_at=text(trace["started"]),
                ended_at=text(trace["ended"]),
                span_count=trace["span_count"],
                services=trace["services"],
            )
            for trace in traces
        ],
        steps=[_step(step, row, undone) for step in steps] + [_owed_step(o) for o in owed],
        owed=_owed(reader, row, steps, owed, now),
        messages=messages(attempts(reader, traces)),
        critical_path=path.parts,
        clock_offsets=path.clock_offsets,
    )


def spans(
    reader: Reader,
    *,
    workflow: str,
    id: str,
    span: str = "",
    detail: bool = True,
    limit: int = _MOST_SPANS,
) -> Spans:
    """The order's spans by start, at most `limit` of them. Raises as `order` does.

    `span` is the id of the only one wanted; without `detail` attributes, resource, events and
    links are empty, which makes thousands of spans ten times as light.
    """
    row = _find(reader, workflow, id)
    traces = {trace["trace_id"]: trace for trace in _traces(reader, row)}
    belongs = {
        trace_id: dict(zip(trace["detail_ids"], trace["detail_belongs"], strict=True))
        for trace_id, trace in traces.items()
    }
    rows = reader.rows(
        "order_spans",
        {
            "traces": list(traces),
            "others": [
                trace_id + id_
                for trace_id, places in belongs.items()
                for id_, place in places.items()
                if place not in (0, traces[trace_id]["place"])
            ],
            "span": span,
            "detail": detail,
            "limit": min(limit, _MOST_SPANS),
        },
    )
    named = {
        (trace_id, step["SpanId"]): f"{step['service']} {step['role']} {step['operation']}"
        for trace_id, trace in traces.items()
        for step in zipped(trace, "steps")
        if step["role"] != "database"
    }
    total = rows[0]["total"] if rows else 0
    return Spans(
        spans=[
            _span(
                span,
                step=named.get((span["trace_id"], span["span_id"])),
                shared=_is_shared(belongs[span["trace_id"]], span["span_id"]),
            )
            for span in rows
        ],
        total=total,
        truncated=total > len(rows),
    )


def _is_shared(places: dict[str, int], span_id: str) -> bool:
    """Whether a span belongs to no single one of the orders that have part in its trace."""
    return bool(places) and not places.get(span_id)


def _find(reader: Reader, workflow: str, id_: str) -> Row:
    rows = reader.rows("order_facts", {"workflow": workflow, "id": id_})
    if not rows and _SHORT_TRACE_ID.fullmatch(id_):
        rows = reader.rows("order_facts", {"workflow": workflow, "id": id_.rjust(32, "0")})
    if not rows:
        where = f" in workflow {workflow!r}" if workflow else ""
        raise ProblemError(404, f"no order {id_!r} is known{where}")
    if len(rows) > 1:
        names = ", ".join(sorted(row["workflow"] for row in rows))
        raise ProblemError(409, f"several workflows have an order {id_!r}: name one of {names}")
    return rows[0]


def _judged(reader: Reader, row: Row) -> Row:
    """The facts of an order with the verdict on it."""
    asked = {"workflow": row["workflow"], "id": row["order_id"]}
    verdict = reader.rows("order_verdict", asked)
    # Facts may be so fresh that the judge hasn't seen them.
    return row | (verdict[0] if verdict else _UNJUDGED | {"state_since": row["started"]})


def _traces(reader: Reader, row: Row) -> list[Row]:
    return reader.rows(
        "order_traces",
        {"workflow": row["workflow"], "id": row["order_id"], "traces": row["trace_ids"]},
    )


def _undone(reader: Reader, workflow: str, steps: list[Row]) -> set[str]:
    """The steps that a declared compensation has undone."""
    done = {step["step"] for step in steps if not step["failed"]}
    return {
        name
        for rule in reader.rows("compensations", {"workflow": workflow})
        if not done.isdisjoint(rule["any_of"])
        for name in rule["compensates"]
        if name in done
    }


def _step(step: Row, row: Row, undone: set[str]) -> Step:
    state: Any = "compensated" if step["step"] in undone else "done"
    if step["failed"]:
        state = "retrying" if row["state"] == "in_progress" else "failed"
    return Step(
        step=step["step"],
        service=step["service"],
        operation=step["operation"],
        role=step["role"],
        destination=step["destination"] or None,
        state=state,
        attempts=step["attempts"],
        duplicates=step["duplicates"],
        started_at=text(step["started"]),
        ended_at=text(step["ended"]),
        error=step["error"] or None,
        trace_id=step["TraceId"],
        span_id=step["SpanId"],
        causes=[step["cause"]] if step["cause"] else [],
    )


def _owed_step(owed: Row) -> Step:
    return Step(
        step=owed["step"],
        service=owed["service"],
        operation=owed["operation"],
        role=owed["role"],
        destination=owed["destination"] or None,
        state="owed",
        attempts=0,
        duplicates=0,
        started_at=None,
        ended_at=None,
        error=None,
        trace_id=None,
        span_id=None,
        causes=[owed["after"]],
    )


def _owed(reader: Reader, row: Row, steps: list[Row], owed: list[Row], now: datetime) -> list[Owed]:
    if not owed:
        return []
    services = {row["service"]: row for row in reader.rows("domains")}
    waiting = {
        (w["after"], w["step"]): w["orders"]
        for w in reader.shared("waiting", {"workflow": row["workflow"]})
    }
    found: list[Owed] = []
    for o in owed:
        over = row["state"] == "failed"
        late = not over and o["verdict"] in ("odd_order", "edge_stopped")
        others = max(0, waiting.get((o["after"], o["step"]), 0) - int(late))
        sent = [s for s in steps if s["role"] == "send" and s["destination"] == o["destination"]]
        published = o["diagnosis"] == "not_consumed" and bool(sent)
        if late:
            sentence = sentences.owed_sentence(
                o,
                now=now,
                publisher=sent[-1]["service"] if published else None,
                published_at=sent[-1]["ended"] if published else None,
                waiting=others,
                last_span_at=services[o["owing"]]["last_seen"] if o["owing"] in services else None,
            )
        elif over:
            sentence = sentences.forgone_sentence(o, row)
        else:
            sentence = sentences.waiting_sentence(o, now=now)
        found.append(
            Owed(
                step=o["step"],
                service=o["owing"],
                destination=o["destination"] or None,
                after=o["after"],
                since=text(o["since"]),
                expected_by=text(o["expected_by"]),
                late=o["verdict"] != "on_time" and not over,
                diagnosis=o["diagnosis"] if o["verdict"] != "on_time" and not over else None,
                sentence=sentence,
                seen=o["seen"],
                of=o["of"],
                median_s=o["median_s"],
                p99_s=o["p99_s"],
                waiting=others,
            )
        )
    return found


def _span(row: Row, *, step: str | None, shared: bool) -> Span:
    return Span(
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        parent_span_id=row["parent_span_id"] or None,
        service=row["service"],
        name=row["name"],
        kind=row["kind"],
        started_at=rfc3339(row["started_ns"]),
        duration_ms=row["duration_ns"] / 1e6,
        status=row["status"],
        status_message=row["status_message"],
        step=step,
        shared=shared,
        attributes=dict(row["attributes"]),
        resource=dict(row["resource"]),
        events=[
            SpanEvent(at=text(at), name=name, attributes=dict(attributes))
            for at, name, attributes in tuples(row["events"])
        ],
        links=[
            SpanLink(trace_id=trace_id, span_id=span_id, attributes=dict(attributes))
            for trace_id, span_id, attributes in tuples(row["links"])
        ],
    )
