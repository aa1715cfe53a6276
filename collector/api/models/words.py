"""The words that several answers share: states, kinds, times; and the shape of an error."""

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
