"""The service map, and services."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import Time


class MapNode(TypedDict):
    """A service, topic, database or outside party."""

    id: str
    name: str
    kind: str
    domain: str
    stuck_orders: int


class MapEdge(TypedDict):
    """Who calls whom."""

    source: str
    target: str
    kind: str
    calls: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    stuck_orders: int
    last_seen_at: Time


class Map(TypedDict):
    """The service call graph."""

    nodes: list[MapNode]
    edges: list[MapEdge]


class Service(TypedDict):
    """A service that has sent spans."""

    service: str
    domain: str
    first_seen_at: Time
    last_seen_at: Time
    spans: int
    calls_in: int
    calls_out: int
    errors: int
    stuck_orders: int
    versions: list[str]
    clock_offset_s: float | None
    clock_width_s: float | None


class Services(TypedDict):
    """All services."""

    services: list[Service]


class ServiceWork(TypedDict):
    """A step of a service: how often it ran, and how long the service itself took."""

    step: str
    role: str
    operation: str
    runs: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    last_at: Time


class ServicePoint(TypedDict):
    """What a service did in one interval."""

    t: Time
    runs: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class ServiceBucket(TypedDict):
    """Runs that took so long."""

    from_ms: float
    to_ms: float
    runs: int


class ServiceBroker(TypedDict):
    """How long messages to a service stay in the broker."""

    messages: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    last_at: Time


class ServiceInstance(TypedDict):
    """A process or host of a service."""

    instance: str
    version: str
    spans: int
    first_seen_at: Time
    last_seen_at: Time


class ServiceOwed(TypedDict):
    """A step that an order waits for a service to take."""

    workflow: str
    order_id: str
    state: str
    step: str
    after: str
    since: Time
    late: bool
    diagnosis: str | None


class ServiceDetail(Service):
    """One service."""

    as_of: Time
    steps: list[str]
    callers: list[str]
    callees: list[str]
    edges: list[MapEdge]
    work: list[ServiceWork]
    interval_s: int
    series: list[ServicePoint]
    durations: list[ServiceBucket]
    runs: int
    run_errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    broker: ServiceBroker | None
    waiting: int
    late: int
    oldest_since: Time | None
    owed: list[ServiceOwed]
    instances: list[ServiceInstance]
