"""The collector's answers, field by field. Times are RFC 3339 in UTC; durations name their unit."""

from __future__ import annotations

from typing import TypedDict

Time = str
OrderCounts = dict[str, int]
"""Orders by state."""


class WorkflowSummary(TypedDict):
    """A workflow and its orders; `trivial` when every run touches one service alone."""

    workflow: str
    orders: OrderCounts
    trivial: bool


class Ingest(TypedDict):
    """What comes in."""

    spans_per_s: float
    refused: int


class Judged(TypedDict):
    """How far the engine has got."""

    through: Time | None
    lag_s: float
    model_at: Time | None
    settled: bool
    rebuilt: float | None


class Summary(TypedDict):
    """The state of everything."""

    as_of: Time
    spans: int
    traces: int
    services: int
    orders: OrderCounts
    workflows: list[WorkflowSummary]
    ingest: Ingest
    judged: Judged


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


class Deploy(TypedDict):
    """A version that was first seen when the trouble began."""

    service: str
    version: str
    first_seen_at: Time


class Cause(TypedDict):
    """Stuck or failed orders that share where and why."""

    cause_id: str
    sentence: str
    workflow: str
    service: str
    step: str
    diagnosis: str
    state: str
    orders: int
    oldest_since: Time
    trend_per_min: float
    downstream: list[str]
    contrast: list[str]
    deploy: Deploy | None


class Causes(TypedDict):
    """Causes, the biggest first."""

    causes: list[Cause]


class Alternative(TypedDict):
    """One of the steps that keep a rule."""

    step: str
    service: str
    role: str
    operation: str
    destination: str | None
    share: float | None


class Expectation(TypedDict):
    """A rule: when these steps have come, one of those is owed."""

    workflow: str
    rule: str
    requires: list[str]
    any_of: list[Alternative]
    handover: list[str]
    after: str
    step: str
    service: str
    destination: str | None
    source: str
    share: float
    seen: int
    of: int
    median_s: float
    p99_s: float
    limit_s: float
    within_s: float | None
    critical: bool
    compensates: list[str]
    valid_from: Time | None
    last_kept_at: Time | None
    text: str


class Undoing(TypedDict):
    """A step that seems to undo another."""

    workflow: str
    step: str
    compensates: str
    why: str
    seen: int
    of: int


class Drift(TypedDict):
    """A place where all orders go on otherwise than a rule says."""

    workflow: str
    rule: str
    after: str
    step: str
    since: Time


class Expectations(TypedDict):
    """What is expected next."""

    model_at: Time | None
    mature_orders: int
    expectations: list[Expectation]
    proposals: list[Undoing]
    drifts: list[Drift]


class FlowFault(TypedDict):
    """What is wrong with a declared flow, and where."""

    line: int
    wrong: str
    expected: str


class FlowFile(TypedDict):
    """A file of a declared flow."""

    workflow: str | None
    file: str
    rules: int
    faults: list[FlowFault]


class FlowFiles(TypedDict):
    """Declared flows; without a folder none can be kept."""

    folder: str | None
    flows: list[FlowFile]


class FlowTaken(TypedDict):
    """A flow that has been declared; `unseen` are steps that no order is known to have taken."""

    workflow: str
    rules: int
    unseen: list[str]


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


class SeriesPoint(TypedDict):
    """One interval of the series."""

    t: Time
    started: int
    finished: int
    stuck: int
    failed: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


class Finished(TypedDict):
    """How long the orders took that finished in all the time asked for."""

    orders: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


class Series(TypedDict):
    """Orders over time."""

    interval_s: int
    finished: Finished
    series: list[SeriesPoint]


class DoctorFinding(TypedDict):
    """Something that a service's telemetry lacks, and the lines that add it."""

    service: str
    problem: str
    severity: str
    sentence: str
    share: float | None
    examples: list[str]
    fix: str


class DoctorCandidate(TypedDict):
    """An attribute that looks like an order's id and isn't known as a key."""

    key: str
    services: int
    traces: int
    values: int
    sentence: str
    fix: str


class Doctor(TypedDict):
    """What the telemetry lacks."""

    as_of: Time
    spans: int
    services: list[str]
    findings: list[DoctorFinding]
    candidates: list[DoctorCandidate]


class CollectorState(TypedDict):
    """How the collector itself does; `troubles` say why it can't store or judge now."""

    as_of: Time
    version: str
    troubles: list[str]
    accepted: int
    refused: dict[str, int]
    spans_per_s: float
    queue_bytes: int
    queue_limit_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    retention_days: float
    oldest_at: Time | None


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
