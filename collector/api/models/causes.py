"""Why?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import State, Time


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
