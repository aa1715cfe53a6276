"""What the control API takes and gives. Times are RFC 3339 in UTC, durations seconds."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultOrder(_Order):
    """Let a service have a fault."""

    service: str = Field(examples=["fulfilment-cd"])
    fault: str = Field(examples=["silent_consumer"])
    seconds: float | None = Field(
        None, gt=0, le=86_400, description="How long; null: until it is ended."
    )
    share: float = Field(1.0, gt=0, le=1, description="Share of the messages that are hit.")


class ActiveFault(BaseModel):
    """A fault that goes on. `ends_at` is null when it lasts until it is ended."""

    service: str
    fault: str
    began_at: datetime
    ends_at: datetime | None


class KnownFault(BaseModel):
    """A fault that can be chosen, and the services that can have it."""

    fault: str
    summary: str
    services: list[str]


class Faults(BaseModel):
    """What goes wrong now, and what could."""

    active: list[ActiveFault]
    known: list[KnownFault]


class EndedFaults(BaseModel):
    """The faults that were ended; empty when nothing was wrong."""

    ended: list[ActiveFault]


class TrafficOrder(_Order):
    """Set how many orders a second customers place, in one system or (null) in each."""

    rate: float = Field(ge=0, le=500, allow_inf_nan=False)
    system: str | None = None


class WorkflowTraffic(BaseModel):
    """What was sent of one workflow since the start. The rest of `sent` is still unanswered."""

    workflow: str
    sent: int
    accepted: int
    declined: int = Field(description="Answered with no (4xx), for reasons of business.")
    refused: int = Field(description="Answered with an error (5xx), or not at all.")
    last_order_id: str | None


class SystemTraffic(BaseModel):
    """One system's traffic: orders a second in the mean, and counts since the start."""

    system: str
    rate: float
    pace: float = Field(
        description="Orders a second over the last 10 s: less than `rate` when that is too much."
    )
    sent: int
    accepted: int
    declined: int
    refused: int
    last_order_id: str | None
    workflows: list[WorkflowTraffic]


class Traffic(BaseModel):
    """All systems' traffic, and the sums."""

    rate: float
    pace: float
    sent: int
    accepted: int
    declined: int
    refused: int
    systems: list[SystemTraffic]


class ScheduleOrder(_Order):
    """Change the schedule; what is left out stays as it is. It starts over from now."""

    enabled: bool | None = None
    service: str | None = None
    fault: str | None = None
    first: float | None = Field(None, ge=0, le=86_400, description="Seconds to the first fault.")
    lasts: float | None = Field(None, gt=0, le=86_400, description="Seconds a fault lasts.")
    every: float | None = Field(None, gt=0, le=86_400, description="Seconds from fault to fault.")


class Schedule(BaseModel):
    """The faults that come by themselves. `next_at` is null when the schedule is off."""

    enabled: bool
    service: str
    fault: str
    first: float
    lasts: float
    every: float
    next_at: datetime | None


class Consumption(BaseModel):
    """A subject a service consumes and how many messages wait; null when that can't be known."""

    subject: str
    waiting: int | None


class ServiceState(BaseModel):
    """One service. `up` says whether it runs, not whether it consumes."""

    service: str
    system: str
    version: str
    url: str
    up: bool
    instance_id: str | None
    consumes: list[Consumption]
    publishes: list[str]
    fault: ActiveFault | None


class State(BaseModel):
    """Everything at a glance."""

    started_at: datetime
    nats_url: str
    otlp: str
    services: list[ServiceState]
    faults: list[ActiveFault]
    traffic: Traffic
    schedule: Schedule
