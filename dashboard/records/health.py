"""How the collector does, and what the telemetry lacks."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import Time


class DoctorFinding(TypedDict):
    """Something that a service's telemetry lacks, and the lines that add it."""

    service: str
    problem: str
    severity: str
    sentence: str
    share: float | None
    examples: list[str]
    fix: str


class DoctorCandidate(TypedDict):
    """An attribute that looks like an order's id and isn't known as a key."""

    key: str
    services: int
    traces: int
    values: int
    sentence: str
    fix: str


class Doctor(TypedDict):
    """What the telemetry lacks."""

    as_of: Time
    spans: int
    services: list[str]
    findings: list[DoctorFinding]
    candidates: list[DoctorCandidate]


class CollectorState(TypedDict):
    """How the collector itself does; `troubles` say why it can't store or judge now."""

    as_of: Time
    version: str
    troubles: list[str]
    accepted: int
    refused: dict[str, int]
    spans_per_s: float
    queue_bytes: int
    queue_limit_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    retention_days: float
    oldest_at: Time | None
