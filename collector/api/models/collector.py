"""How do the telemetry and the collector itself do?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from collector.api.models.words import Time


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
