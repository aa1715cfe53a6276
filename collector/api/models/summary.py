"""How is everything?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import Time


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
