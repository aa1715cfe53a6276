"""Where does the time go?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import PathKind, Time


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
