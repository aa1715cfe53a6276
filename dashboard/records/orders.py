"""Orders: in a list, and one with its steps, messages and critical path."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import Time


class OrderRow(TypedDict):
    """An order in a list."""

    workflow: str
    order_id: str
    state: str
    verdict: str
    started_at: Time
    last_seen_at: Time
    state_since: Time
    step: str
    service: str
    cause_id: str | None
    sentence: str
    span_count: int
    trace_count: int


class Orders(TypedDict):
    """A page of orders."""

    orders: list[OrderRow]
    total: int
    next: str | None


class OrderTrace(TypedDict):
    """A trace that an order touches."""

    trace_id: str
    started_at: Time
    ended_at: Time
    span_count: int
    services: list[str]


class Step(TypedDict):
    """What a service did for an order, over all attempts."""

    step: str
    service: str
    operation: str
    role: str
    destination: str | None
    state: str
    attempts: int
    duplicates: int
    started_at: Time | None
    ended_at: Time | None
    error: str | None
    trace_id: str | None
    span_id: str | None
    causes: list[str]


class Owed(TypedDict):
    """A step that should come next and hasn't."""

    step: str
    service: str
    destination: str | None
    after: str
    since: Time
    expected_by: Time
    late: bool
    diagnosis: str | None
    sentence: str
    seen: int
    of: int
    median_s: float
    p99_s: float
    waiting: int


class Message(TypedDict):
    """One message through a broker."""

    destination: str
    message_id: str | None
    partition: str | None
    offset: str | None
    published_at: Time | None
    consumed_at: Time | None
    lag_s: float | None
    producer: str | None
    consumer: str | None
    group: str | None
    attempts: int
    duplicates: int


class PathPart(TypedDict):
    """A stretch of the critical path: `work`, `call`, `broker`, `retry`, `untracked`, `waiting`."""

    kind: str
    step: str
    service: str
    after: str | None
    callee: str | None
    started_at: Time
    ended_at: Time
    duration_s: float
    span_ids: list[str]


class ClockOffset(TypedDict):
    """A clock that is off: how far it is ahead, and how sure that is."""

    service: str
    instance: str | None
    clock_offset_s: float
    clock_width_s: float | None


class Order(OrderRow):
    """One order with everything that is known of it."""

    as_of: Time
    traces: list[OrderTrace]
    steps: list[Step]
    owed: list[Owed]
    messages: list[Message]
    critical_path: list[PathPart]
    clock_offsets: list[ClockOffset]


class PathShare(TypedDict):
    """What orders spend on one hop of their critical path."""

    workflow: str
    kind: str
    step: str
    service: str
    after: str | None
    callee: str | None
    orders: int
    share: float
    p50_s: float
    p95_s: float
    p99_s: float


class PathWorkflow(TypedDict):
    """How long the orders of a workflow took that were looked at."""

    workflow: str
    orders: int
    p50_s: float
    p95_s: float
    p99_s: float


class CriticalPaths(TypedDict):
    """Where the latest completed orders spent their time."""

    as_of: Time
    orders: int
    workflows: list[PathWorkflow]
    hops: list[PathShare]
