"""How did it go over time?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import Time


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
