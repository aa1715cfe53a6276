"""A declared flow: what people say of a workflow, whole. Shapes only.

Read from YAML by `reader`, written by `writer`; `jobs/declared.py` makes rules of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MESSAGING = ("process", "receive", "send")
ROLES = (*MESSAGING, "serve", "call")

_STEP = re.compile(rf"(\S.*?) ({'|'.join(ROLES)}) (\S.*)", re.DOTALL)
_ANY_STEP = re.compile(rf"(.*?) ({'|'.join(ROLES)}) (.*)", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A step by its parts; its name is `service role operation`."""

    service: str
    role: str
    operation: str
    topic: str | None = None
    """The topic of a messaging step whose operation isn't it; None: as is usual."""

    def __post_init__(self) -> None:
        if self.topic == self._usual_topic:
            object.__setattr__(self, "topic", None)

    @property
    def name(self) -> str:
        """As it stands in tables, in the API and in files."""
        return f"{self.service} {self.role} {self.operation}"

    @property
    def destination(self) -> str:
        """The topic of a messaging step, which its operation is; '' for others."""
        return self._usual_topic if self.topic is None else self.topic

    @property
    def _usual_topic(self) -> str:
        return self.operation if self.role in MESSAGING else ""


@dataclass(frozen=True)
class Entry:
    """What a flow says of a step, or of a choice of steps."""

    name: str
    """The short name by which other entries speak of it; unique in its flow."""
    any_of: tuple[Step, ...]
    """The step, or the steps of which one will do."""
    after: tuple[tuple[str, ...], ...] = ()
    """Ways to be owed, each the steps that must all have come; (): nothing is said of that."""
    within_s: float | None = None
    """Seconds after which it is late. Of an optional entry: what it grants those it pauses."""
    optional: bool = False
    """Nothing that is learned may demand it."""
    pauses: tuple[str, ...] = ()
    """Entries or steps whose wait starts anew when this one is seen."""
    critical: bool = True
    """False: an order completes without it, with gaps."""
    compensates: tuple[str, ...] = ()
    """Steps that it undoes."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps."""
        return tuple(step.name for step in self.any_of)

    @property
    def owed(self) -> bool:
        """Whether it declares when the step is owed: such an entry is one rule or several."""
        return not self.optional and bool(self.after or self.compensates)

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """What each of its rules requires; () for undoing what was done when an order fails."""
        return (self.after or ((),)) if self.owed else ()


@dataclass(frozen=True)
class Flow:
    """A workflow as it is declared."""

    workflow: str
    entries: tuple[Entry, ...] = ()
    namespace: str = ""
    """Only spans of this service.namespace belong to it; '': of any."""
    services: tuple[str, ...] = ()
    """Only spans of these services belong to it; (): of any."""
    ends_success: tuple[str, ...] = ()
    """Steps that end an order well."""
    ends_failure: tuple[str, ...] = ()
    """Steps that end an order badly."""

    def pausing(self, paused: Entry) -> Iterator[tuple[str, float | None]]:
        """The steps that start the wait of an entry anew, with the seconds that they grant it.

        One that pauses an entry by its short name pauses that alone; by the name of a step every
        rule for it.
        """
        for entry in self.entries:
            for target in entry.pauses:
                if target == paused.name if self._is_owed(target) else target in paused.steps:
                    for name in entry.steps:
                        yield name, entry.within_s if entry.optional else None

    def _is_owed(self, target: str) -> bool:
        return any(e.name == target and e.owed and target not in e.steps for e in self.entries)


@dataclass(frozen=True)
class InForce:
    """A rule of the model in force, as far as a flow can declare it."""

    requires: tuple[str, ...]
    any_of: tuple[Step, ...]
    handover: tuple[str, ...] = ()
    within_s: float = 0.0
    critical: bool = True
    compensates: tuple[str, ...] = ()
    note: str = ""
    """What is known of it, for a remark."""
    offers: tuple[str, ...] = ()
    """Fields that it might have, as remarks that people may take up."""


def step(name: str) -> Step | None:
    """A step from its name; None if that isn't one."""
    found = _STEP.fullmatch(name)
    return Step(*found.groups()) if found else None


def any_step(name: str) -> Step | None:
    """A step from a name that a recording gave it, where parts may be empty."""
    found = _ANY_STEP.fullmatch(name)
    return Step(*found.groups()) if found else None
