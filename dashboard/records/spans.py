"""The spans of an order."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import Time


class SpanEvent(TypedDict):
    """An event on a span."""

    at: Time
    name: str
    attributes: dict[str, str]


class SpanLink(TypedDict):
    """A span that a span names besides its parent."""

    trace_id: str
    span_id: str
    attributes: dict[str, str]


class Span(TypedDict):
    """A span of an order."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    service: str
    name: str
    kind: str
    started_at: Time
    duration_ms: float
    status: str
    status_message: str
    step: str | None
    shared: bool
    attributes: dict[str, str]
    resource: dict[str, str]
    events: list[SpanEvent]
    links: list[SpanLink]


class Spans(TypedDict):
    """The spans of an order, by start."""

    spans: list[Span]
    total: int
    truncated: bool
