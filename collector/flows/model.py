"""A declared flow: steps by the names that the engine gives them, and what they come after."""

from __future__ import annotations

import re
from dataclasses import dataclass

MESSAGING = ("process", "receive", "send")
ROLES = (*MESSAGING, "serve", "call")

_STEP = re.compile(rf"(\S.*?) ({'|'.join(ROLES)}) (\S.*)")


@dataclass(frozen=True)
class Step:
    """A step by its parts; its name is `service role operation`."""

    service: str
    role: str
    operation: str

    @property
    def name(self) -> str:
        """As it stands in tables, in the API and in files."""
        return f"{self.service} {self.role} {self.operation}"

    @property
    def destination(self) -> str:
        """The topic of a messaging step, which its operation is; '' for others."""
        return self.operation if self.role in MESSAGING else ""


@dataclass(frozen=True)
class Rule:
    """After step `after` comes `step`, within `within_s` seconds; None: as long as is usual."""

    workflow: str
    after: Step
    step: Step
    within_s: float | None


def step(name: str) -> Step | None:
    """A step from its name; None if that isn't one."""
    found = _STEP.fullmatch(name)
    return Step(*found.groups()) if found else None
