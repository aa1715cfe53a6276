"""What the API answers, field by field. Times are RFC 3339 with nanoseconds in UTC.

Durations are named by their unit (`_s` seconds, `_ms` milliseconds). A field that can be null says
in its description when it is.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

State = Literal[
    "completed", "in_progress", "stuck", "failed", "compensating", "compensated", "unknown"
]
STATES: tuple[State, ...] = (
    "completed",
    "in_progress",
    "stuck",
    "failed",
    "compensating",
    "compensated",
    "unknown",
)
Diagnosis = Literal["never_sent", "not_consumed", "consumed_silent", "no_telemetry"]
EdgeKind = Literal["rpc", "messaging", "database"]
NodeKind = Literal["service", "topic", "database", "external"]
StepState = Literal["done", "running", "retrying", "failed", "owed", "compensated"]
PathKind = Literal["work", "call", "broker", "retry", "untracked", "waiting"]
Time = str


class Problem(BaseModel):
    """An error, by RFC 9457 (application/problem+json)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str | int]] | None = Field(
        default=None, description="all that is wrong with a flow: `line`, `wrong`, `expected`"
    )


class OrderCounts(BaseModel):
    """How many orders are in each state; always all seven."""

    completed: int = 0
    in_progress: int = 0
    stuck: int = 0
    failed: int = 0
    compensating: int = 0
    compensated: int = 0
    unknown: int = 0


class WorkflowSummary(BaseModel):
    """One workflow and its orders."""

    workflow: str
    orders: OrderCounts
    trivial: bool = Field(
        default=False, description="every run touches one service alone (health checks, polls)"
    )


class Ingest(BaseModel):
    """What comes in."""

    spans_per_s: float = Field(description="spans accepted a second, over the last ten seconds")
    refused: int = Field(description="spans refused since the collector started")


class Judged(BaseModel):
    """How far the engine has got."""

    through: Time | None = Field(
        description="spans received up to here are judged; null before the first"
    )
    lag_s: float = Field(description="age of the oldest span not judged yet, in seconds")
    model_at: Time | None = Field(
        description="when the expectations were last learned; null before the first time"
    )
    settled: bool = Field(
        description="every acknowledged span has been correlated, learned from and judged"
    )
    rebuilt: float | None = Field(
        description="of the spans stored before this start, the share that is put together so far "
        "(after an upgrade all are put together anew); null when all of them are"
    )


class Summary(BaseModel):
    """The state of everything on one page."""

    as_of: Time
    spans: int = Field(description="distinct spans stored")
    traces: int
    services: int
    orders: OrderCounts
    workflows: list[WorkflowSummary]
    ingest: Ingest
    judged: Judged


class Workflows(BaseModel):
    """All workflows that have orders or are declared."""

    workflows: list[WorkflowSummary]


class OrderRow(BaseModel):
    """An order in a list."""

    workflow: str
    order_id: str
    state: State
    verdict: str = Field(description="the finer word within the state, e.g. on_time, edge_stopped")
    started_at: Time
    last_seen_at: Time = Field(description="end of the order's last span, by the services' clocks")
    state_since: Time
    step: str = Field(
        description="owed or failed step, else the last seen; `service role operation`"
    )
    service: str
    cause_id: str | None = Field(description="null unless stuck or failed")
    sentence: str
    span_count: int
    trace_count: int


class Orders(BaseModel):
    """A page of orders, the most urgent first."""

    orders: list[OrderRow]
    total: int = Field(description="orders that match, over all pages")
    next: str | None = Field(description="pass as `next` for the following page; null at the end")


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


class PathPart(BaseModel):
    """A stretch of an order's critical path; the next one starts where it ends."""

    kind: PathKind
    step: str = Field(description="step at work, or the step that this time was waited for")
    service: str
    after: str | None = Field(description="the step before the wait; null for work and calls")
    callee: str | None = Field(description="who was called; null but for calls")
    started_at: Time = Field(description="by the corrected clock")
    ended_at: Time
    duration_s: float
    duration_ns: int = Field(description="exact: they add up to the time of the whole path")
    span_ids: list[str] = Field(description="the spans that the stretch lies in or between")


class PathShare(BaseModel):
    """What orders spend on one hop of their critical path; orders without it count as 0."""

    workflow: str
    kind: PathKind
    step: str
    service: str
    after: str | None
    callee: str | None
    orders: int = Field(description="orders on whose path it is")
    share: float = Field(description="of the time of all orders that were looked at")
    p50_s: float
    p95_s: float
    p99_s: float
    share_p50: float = Field(description="of the time of orders that take about as long as half do")
    share_p95: float = Field(description="of the time of orders around the slowest twentieth")
    share_p99: float


class PathSlack(BaseModel):
    """A branch off the path: how much longer it could take without making an order slower."""

    workflow: str
    step: str
    orders: int
    least_s: float = Field(description="in the order where it was least")
    p50_s: float


class PathWorkflow(BaseModel):
    """A workflow whose orders were looked at, and how long they took by corrected clocks."""

    workflow: str
    orders: int
    p50_s: float
    p95_s: float
    p99_s: float


class CriticalPaths(BaseModel):
    """Where the latest orders spent their time."""

    as_of: Time
    orders: int = Field(description="completed orders that were looked at: the latest, at most 200")
    workflows: list[PathWorkflow]
    hops: list[PathShare] = Field(description="by workflow, the one that took most first")
    slack: list[PathSlack]


class ClockOffset(BaseModel):
    """A clock that is off; raw times stay as they came."""

    service: str
    instance: str | None = Field(description="host or instance; null when none is known")
    clock_offset_s: float = Field(description="how far it is ahead; subtracted on the path only")
    clock_width_s: float | None = Field(
        description="width of what is possible; null when bounded at one side only"
    )


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


class Contrast(BaseModel):
    """An attribute value that orders of a cause have more often than orders that passed."""

    step: str = Field(description="the step whose span has it")
    service: str
    attribute: str
    value: str
    held: int = Field(description="orders of the cause that have it")
    of_held: int = Field(description="orders of the cause that were compared")
    passed: int = Field(description="orders that passed the same place and have it")
    of_passed: int
    support: float = Field(description="held / of_held")
    lift: float = Field(description="how many times as frequent as among orders that passed")
    p: float = Field(description="Fisher's exact test, one-sided, before correction for many")
    also: list[str] = Field(description="`attribute value` pairs with the same counts")
    sentence: str


class Deploy(BaseModel):
    """A version that was first seen when the trouble began."""

    service: str
    version: str
    first_seen_at: Time = Field(description="its first span among the orders that were compared")


class Cause(BaseModel):
    """Stuck or failed orders that share where and why."""

    cause_id: str
    sentence: str
    workflow: str
    service: str
    step: str
    diagnosis: str = Field(description="a diagnosis, or `failed`")
    state: State
    orders: int
    oldest_since: Time
    since: Time = Field(description="when the first of these orders had taken its last good step")
    after: str | None = Field(description="the step that was last done; null for failures")
    trend_per_min: float = Field(description="orders that joined a minute, over the last five")
    downstream: list[str] = Field(description="steps that can't happen before this one does")
    contrast: list[str] = Field(description="what these orders share and others don't, in words")
    evidence: list[Contrast] = Field(description="the same in numbers, the strongest first")
    deploy: Deploy | None = Field(description="null when none coincides with the beginning")


class Causes(BaseModel):
    """Why orders are stuck or failed, the biggest first."""

    causes: list[Cause]


class MapNode(BaseModel):
    """A service, topic, database or outside party."""

    id: str
    name: str
    kind: NodeKind
    domain: str = Field(description="service.namespace, empty if unknown")
    stuck_orders: int = Field(description="orders whose owed step this service owes")


class MapEdge(BaseModel):
    """Who calls whom; a call through a topic is two edges."""

    source: str
    target: str
    kind: EdgeKind
    calls: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    stuck_orders: int
    last_seen_at: Time


class Map(BaseModel):
    """The service call graph."""

    nodes: list[MapNode]
    edges: list[MapEdge]


class SeriesPoint(BaseModel):
    """One interval."""

    t: Time
    started: int
    finished: int
    stuck: int = Field(description="orders started in this interval that are stuck now")
    failed: int
    p50_s: float | None = Field(description="time to finish; null when nothing finished")
    p95_s: float | None
    p99_s: float | None


class Finished(BaseModel):
    """How long the orders took that finished in all the time asked for; null when none did."""

    orders: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


class Series(BaseModel):
    """Orders over time."""

    interval_s: int
    finished: Finished
    series: list[SeriesPoint]


class Alternative(BaseModel):
    """One of the steps that keep a rule."""

    step: str
    service: str
    role: str
    operation: str
    destination: str | None
    share: float | None = Field(
        description="of recent orders that took one of them; null where none has"
    )


class Expectation(BaseModel):
    """A rule: when these steps have all come, one of those is owed."""

    workflow: str
    rule: str = Field(description="its id, the same in every model")
    requires: list[str] = Field(
        description="steps that must all have come; none for what is undone when an order fails"
    )
    any_of: list[Alternative] = Field(description="the steps of which one will do")
    handover: list[str] = Field(description="steps between them that start the wait anew")
    after: str = Field(description="for short: the last of `requires`, or what is undone")
    step: str = Field(description="for short: the most frequent of `any_of`")
    service: str
    destination: str | None
    source: Literal["learned", "declared"]
    share: float = Field(
        description="of orders that took `requires`, those that took one of `any_of`; "
        "median over blocks of orders"
    )
    seen: int
    of: int
    median_s: float
    p99_s: float
    limit_s: float = Field(description="wait after which the step is late")
    within_s: float | None = Field(description="the declared wait; null if none is declared")
    critical: bool = Field(description="false: an order completes without it, with gaps")
    compensates: list[str] = Field(description="steps that it undoes")
    valid_from: Time | None = Field(
        description="of a rule that came with a deploy: orders from before owe nothing by it"
    )
    last_kept_at: Time | None = Field(
        description="when an order last kept it, as the collector saw it; null if none is known to"
    )
    text: str


class Undoing(BaseModel):
    """A step that seems to undo another: a guess, until it is declared."""

    workflow: str
    step: str
    compensates: str
    why: str
    seen: int = Field(
        description="of the orders that took it, those in which something had failed before, and "
        "the other step was done"
    )
    of: int


class Drift(BaseModel):
    """A place where all orders go on otherwise than a rule says: a deploy changed the flow."""

    workflow: str
    rule: str
    after: str = Field(description="the step that they took last")
    step: str = Field(description="the step that they take now; the model doesn't know it")
    since: Time


class Expectations(BaseModel):
    """What is expected next."""

    model_at: Time | None
    mature_orders: int
    expectations: list[Expectation]
    proposals: list[Undoing]
    drifts: list[Drift]


class FlowFault(BaseModel):
    """What is wrong with a declared flow, where, and what would do."""

    line: int = Field(description="from 1; 0: the flow as a whole")
    wrong: str
    expected: str


class FlowFile(BaseModel):
    """A file of a declared flow."""

    workflow: str | None = Field(description="null if the file never declared one")
    file: str
    rules: int = Field(description="rules in force that it declares")
    faults: list[FlowFault] = Field(
        description="what is wrong with the file now; what it declared before stays in force"
    )


class FlowFiles(BaseModel):
    """Declared flows."""

    folder: str | None = Field(description="null if none can be kept")
    flows: list[FlowFile]


class FlowTaken(BaseModel):
    """A flow that has been declared."""

    workflow: str
    rules: int
    unseen: list[str] = Field(
        description="steps it names that no order is known to have taken: misspelt, or new"
    )


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


class Finding(BaseModel):
    """Something that a service's telemetry lacks, and the lines that add it."""

    service: str
    problem: str = Field(description="a short, stable name, e.g. consumer_detached")
    severity: Literal["error", "warning", "info"] = Field(
        description="error: orders can't be followed; warning: partly; info: less is known of them"
    )
    sentence: str
    share: float | None = Field(description="of what could have it; null where nothing is counted")
    examples: list[str] = Field(description="trace ids, at most three")
    fix: str = Field(description="lines to copy, in the language that the service reports")


class Candidate(BaseModel):
    """An attribute that looks like an order's id and isn't known as a key."""

    key: str
    services: int
    traces: int
    values: int
    sentence: str
    fix: str = Field(description="lines of the collector's TOML file")


class Doctor(BaseModel):
    """What the telemetry lacks, service by service, from a sample of recent traces."""

    as_of: Time
    spans: int = Field(description="spans looked at; 0 when nothing has come yet")
    services: list[str] = Field(description="services looked at")
    findings: list[Finding] = Field(description="by service, the gravest first")
    candidates: list[Candidate]


class CollectorState(BaseModel):
    """How the collector itself does."""

    as_of: Time
    version: str
    troubles: list[str] = Field(description="why it can't store or judge now; empty when it can")
    accepted: int = Field(description="spans stored and acknowledged since its start")
    refused: dict[str, int] = Field(description="spans refused since its start, by reason")
    spans_per_s: float = Field(description="spans accepted a second, over the last ten seconds")
    queue_bytes: int = Field(description="waiting to be stored")
    queue_limit_bytes: int = Field(description="beyond it clients are told to come back")
    disk_bytes: int = Field(description="what the tables take")
    disk_free_bytes: int = Field(description="what is left on the engine's disk")
    retention_days: float = Field(description="age at which spans are dropped")
    oldest_at: Time | None = Field(description="start of the oldest order; null when there is none")


class Health(BaseModel):
    """All is well."""

    status: Literal["ok"] = "ok"
    version: str
