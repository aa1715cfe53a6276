"""How everything is: counts, how far the engine has got, causes, and orders over time."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import OrderCounts, Time


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
