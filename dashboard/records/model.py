"""What is expected next, and the flows that are declared."""

from __future__ import annotations

from typing import TypedDict

from dashboard.records.units import Time


class Alternative(TypedDict):
    """One of the steps that keep a rule."""

    step: str
    service: str
    role: str
    operation: str
    destination: str | None
    share: float | None


class Expectation(TypedDict):
    """A rule: when these steps have come, one of those is owed."""

    workflow: str
    rule: str
    requires: list[str]
    any_of: list[Alternative]
    handover: list[str]
    after: str
    step: str
    service: str
    destination: str | None
    source: str
    share: float
    seen: int
    of: int
    median_s: float
    p99_s: float
    limit_s: float
    within_s: float | None
    critical: bool
    compensates: list[str]
    valid_from: Time | None
    last_kept_at: Time | None
    text: str


class Undoing(TypedDict):
    """A step that seems to undo another."""

    workflow: str
    step: str
    compensates: str
    why: str
    seen: int
    of: int


class Drift(TypedDict):
    """A place where all orders go on otherwise than a rule says."""

    workflow: str
    rule: str
    after: str
    step: str
    since: Time


class Expectations(TypedDict):
    """What is expected next."""

    model_at: Time | None
    mature_orders: int
    expectations: list[Expectation]
    proposals: list[Undoing]
    drifts: list[Drift]


class FlowFault(TypedDict):
    """What is wrong with a declared flow, and where."""

    line: int
    wrong: str
    expected: str


class FlowFile(TypedDict):
    """A file of a declared flow."""

    workflow: str | None
    file: str
    rules: int
    faults: list[FlowFault]


class FlowFiles(TypedDict):
    """Declared flows; without a folder none can be kept."""

    folder: str | None
    flows: list[FlowFile]


class FlowTaken(TypedDict):
    """A flow that has been declared; `unseen` are steps that no order is known to have taken."""

    workflow: str
    rules: int
    unseen: list[str]
