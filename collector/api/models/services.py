"""Which services are there, and how is each?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.map import MapEdge
from collector.api.models.words import Diagnosis, State, Time


class Service(BaseModel):
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
    clock_offset_s: float | None = Field(
        default=None,
        description="how far its clock is ahead (of several the one furthest off); null if unknown",
    )
    clock_width_s: float | None = Field(
        default=None, description="width of what is possible; null when bounded at one side only"
    )


class Services(BaseModel):
    """All services."""

    services: list[Service]


class ServiceWork(BaseModel):
    """How often a service took a step of its own, and how long that took; nothing it waited for."""

    step: str
    role: str
    operation: str
    runs: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    last_at: Time = Field(description="end of the last run")


class ServicePoint(BaseModel):
    """One interval; quantiles are null when nothing ran."""

    t: Time
    runs: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class ServiceBucket(BaseModel):
    """Runs by how long they took; buckets adjoin, none is left out."""

    from_ms: float
    to_ms: float
    runs: int


class ServiceBroker(BaseModel):
    """How long messages to a service stay in the broker."""

    messages: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    last_at: Time = Field(description="when the last message was taken")


class ServiceInstance(BaseModel):
    """A process or host of a service."""

    instance: str = Field(description="pod, host or instance; empty if the spans don't tell")
    version: str
    spans: int
    first_seen_at: Time
    last_seen_at: Time = Field(description="end of its last span, by its own clock")


class ServiceOwed(BaseModel):
    """A step that an order waits for this service to take."""

    workflow: str
    order_id: str
    state: State
    step: str
    after: str
    since: Time
    late: bool
    diagnosis: Diagnosis | None = Field(description="null while it isn't late")


class ServiceDetail(Service):
    """One service: what it does, who is around it, and what waits for it."""

    as_of: Time
    steps: list[str]
    callers: list[str]
    callees: list[str]
    edges: list[MapEdge] = Field(description="of the map, at either side")
    work: list[ServiceWork] = Field(description="the one that ran most often first")
    interval_s: int
    series: list[ServicePoint]
    durations: list[ServiceBucket]
    runs: int = Field(description="in all the time asked for")
    run_errors: int
    p50_ms: float | None = Field(description="of all runs; null when nothing ran")
    p95_ms: float | None
    p99_ms: float | None
    broker: ServiceBroker | None = Field(description="null when it took no message")
    waiting: int = Field(description="orders that wait for it now, also those that aren't late")
    late: int = Field(description="those of them that are stuck")
    oldest_since: Time | None
    owed: list[ServiceOwed] = Field(description="the longest waiting, at most 12")
    instances: list[ServiceInstance] = Field(description="at most 50")
