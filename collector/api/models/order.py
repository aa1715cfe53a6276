"""What happened to this order, and what didn't?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.orders import OrderRow
from collector.api.models.path import ClockOffset, PathPart
from collector.api.models.words import Diagnosis, StepState, Time


class OrderTrace(BaseModel):
    """A trace that an order touches."""

    trace_id: str
    started_at: Time
    ended_at: Time
    span_count: int
    services: list[str]


class Step(BaseModel):
    """A step of one order: what a service did, seen over all attempts."""

    step: str
    service: str
    operation: str
    role: str = Field(description="process, receive, serve, send or call")
    destination: str | None = Field(description="topic, for messaging steps")
    state: StepState
    attempts: int
    duplicates: int = Field(description="deliveries of messages that had already been taken")
    started_at: Time | None = Field(description="null for a step that is owed")
    ended_at: Time | None
    error: str | None = Field(description="error of the last attempt that failed")
    trace_id: str | None
    span_id: str | None = Field(description="span of the last attempt")
    causes: list[str] = Field(description="steps of this order that led here")


class Owed(BaseModel):
    """A step that should come next and hasn't."""

    step: str
    service: str = Field(description="the service that owes it")
    destination: str | None
    after: str = Field(description="the step that was seen last before it")
    since: Time = Field(description="when `after` ended")
    expected_by: Time
    late: bool
    diagnosis: Diagnosis | None = Field(description="null while it isn't late")
    sentence: str
    seen: int = Field(description="orders that took this step after `after`, of those learned from")
    of: int
    median_s: float
    p99_s: float
    waiting: int = Field(description="other orders that wait at the same place")


class Message(BaseModel):
    """One message through a broker, from publish to consumption."""

    destination: str
    message_id: str | None
    partition: str | None
    offset: str | None
    published_at: Time | None = Field(description="null when the publisher's span wasn't seen")
    consumed_at: Time | None = Field(description="null when nobody consumed it")
    lag_s: float | None = Field(description="time in the broker")
    producer: str | None
    consumer: str | None
    group: str | None = Field(default=None, description="consumer group; null where unknown")
    attempts: int = Field(description="deliveries to this consumer, redelivered ones included")
    duplicates: int = Field(description="those of them that succeeded after one that had")


class Order(OrderRow):
    """One order with everything that is known of it."""

    as_of: Time
    traces: list[OrderTrace]
    steps: list[Step]
    owed: list[Owed]
    messages: list[Message]
    critical_path: list[PathPart]
    clock_offsets: list[ClockOffset] = Field(
        default=[], description="of the services of this order whose clocks are off"
    )


class SpanEvent(BaseModel):
    """An event on a span."""

    at: Time
    name: str
    attributes: dict[str, str]


class SpanLink(BaseModel):
    """A span that a span names besides its parent, e.g. the one that sent its message."""

    trace_id: str
    span_id: str
    attributes: dict[str, str]


class Span(BaseModel):
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
    step: str | None = Field(description="the step this span is; null for detail")
    shared: bool = Field(description="belongs to several orders, e.g. a batch")
    attributes: dict[str, str]
    resource: dict[str, str]
    events: list[SpanEvent]
    links: list[SpanLink]


class Spans(BaseModel):
    """The spans of an order, by start."""

    spans: list[Span]
    total: int
    truncated: bool
