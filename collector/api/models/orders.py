"""Which orders?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import State, Time


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
