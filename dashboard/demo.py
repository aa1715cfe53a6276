"""Asks the demo's control API, where faults begin and end. Only the demo tells its address."""

from __future__ import annotations

import os
from typing import Any, TypedDict, cast
from urllib.parse import quote

import httpx

from dashboard.client import CollectorAway, CollectorFault, CollectorProblem

TIMEOUT_S = 5.0


class ActiveFault(TypedDict):
    """A fault that goes on; without an end it lasts until it is ended."""

    service: str
    fault: str
    began_at: str
    ends_at: str | None


class KnownFault(TypedDict):
    """A fault that can be chosen, and who can have it."""

    fault: str
    summary: str
    services: list[str]


class Faults(TypedDict):
    """What goes wrong now, and what could."""

    active: list[ActiveFault]
    known: list[KnownFault]


class Consumption(TypedDict):
    """A subject that a service consumes, and how many messages wait."""

    subject: str
    waiting: int | None


class DemoService(TypedDict):
    """A service of the demo."""

    service: str
    system: str
    version: str
    up: bool
    consumes: list[Consumption]
    fault: ActiveFault | None


class WorkflowTraffic(TypedDict):
    """What customers sent of one workflow."""

    workflow: str
    sent: int
    accepted: int
    declined: int
    refused: int


class SystemTraffic(TypedDict):
    """One system's customers."""

    system: str
    rate: float
    sent: int
    accepted: int
    declined: int
    refused: int
    workflows: list[WorkflowTraffic]


class Traffic(TypedDict):
    """All customers."""

    rate: float
    sent: int
    accepted: int
    declined: int
    refused: int
    systems: list[SystemTraffic]


class DemoState(TypedDict):
    """Everything at a glance."""

    started_at: str
    services: list[DemoService]
    faults: list[ActiveFault]
    traffic: Traffic


def control_url() -> str | None:
    """Where the demo is controlled; None when no demo runs."""
    return os.environ.get("CHOREOSCOPE_DEMO_CONTROL") or None


class Control:
    """The control API. Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def state(self) -> DemoState:
        """Services, faults, traffic. Raises a CollectorProblem, as all of these do."""
        return cast("DemoState", self._send("GET", "state"))

    def faults(self) -> Faults:
        """What goes wrong, and what could."""
        return cast("Faults", self._send("GET", "faults"))

    def begin(self, service: str, fault: str, seconds: float | None, share: float) -> None:
        """Begin a fault."""
        order = {"service": service, "fault": fault, "seconds": seconds, "share": share}
        self._send("POST", "faults", order)

    def end(self, service: str | None) -> None:
        """End a service's fault, or (None) all."""
        self._send("DELETE", f"faults/{quote(service, safe='')}" if service else "faults")

    def switch(self, service: str, on: bool) -> None:
        """Start or stop a service."""
        verb = "start" if on else "stop"
        self._send("POST", f"services/{quote(service, safe='')}/{verb}")

    def set_rate(self, rate: float) -> None:
        """Orders a second in each system."""
        self._send("POST", "traffic", {"rate": rate})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            response = self._http.request(method, f"{self.url}/{path}", json=body)
        except httpx.TransportError as error:
            raise CollectorAway(f"The demo at {self.url} can't be reached: {error}.") from error
        try:
            answer = response.json()
        except ValueError as error:
            raise CollectorFault(f"{self.url} is not the demo's control.") from error
        if not response.is_success:
            raise CollectorProblem(str(answer.get("detail", response.status_code)))
        return answer
