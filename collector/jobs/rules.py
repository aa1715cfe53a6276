"""What a model says: its rules, and how long they usually take. Shapes only.

A rule: when every step of `requires` was seen, one step of `any_of` is owed. Rows of the tables
`rules` and `waits`; the names of the fields are those of the columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Step:
    """A step by its parts; its name is `service role operation`."""

    service: str
    role: str
    operation: str
    destination: str
    """The topic of a messaging step; '' for others."""

    @property
    def name(self) -> str:
        """As it stands in tables, in the API and in files."""
        return f"{self.service} {self.role} {self.operation}"


@dataclass(frozen=True)
class Rule:
    """One rule of a model."""

    workflow: str
    requires: tuple[str, ...]
    """Steps that must all have been seen before anything is owed; one, but for AND-joins."""
    any_of: tuple[Step, ...]
    """The choice group: one of them keeps the rule. The most frequent first."""
    handover: tuple[str, ...] = ()
    """Optional steps between the two, that start the wait anew when they are seen."""
    beside: bool = False
    """The step that led to `requires` calls `any_of`, too, and afterwards: it owes the call."""
    implied_by: tuple[str, ...] = ()
    """Steps that never come without one of `any_of`: seeing one, a span is missing, not a step."""
    source: str = "learned"
    share: float = 0.0
    """Of the orders that took `requires`, those that took one of `any_of`; 0 to 1."""
    seen: int = 0
    of: int = 0
    median_s: float = 0.0
    p99_s: float = 0.0
    limit_s: float = 0.0
    """The wait, in seconds on the collector's clock, from which on the rule is late."""
    within_s: float = 0.0
    """Declared wait in seconds; 0: none is declared."""
    critical: bool = True
    """False: an order without it still completes, with gaps."""
    compensates: tuple[str, ...] = ()
    """Steps that `any_of` undoes; () for an ordinary rule."""
    valid_from: int = 0
    """Orders that took `requires` before this moment (ns, the collector's clock) owe nothing: the
    rule came with a deploy."""

    @property
    def rule(self) -> str:
        """The rule's id: 16 hex digits of what it says, the same in every model."""
        return rule_id(self.workflow, self.requires, (step.name for step in self.any_of))


@dataclass(frozen=True)
class Wait:
    """How long orders waited on one edge of a rule: from `last`, the last step that they took of
    `requires` and `handover`, to the first of `any_of`. On the collector's clock, in seconds."""

    workflow: str
    rule: str
    last: str
    n: int
    """Orders measured: those that got through."""
    armed_per_s: float
    """Orders that came to wait here, a second."""
    median_s: float
    p99_s: float
    limit_s: float
    gap_s: float
    """99.9 % of the gaps between one order getting through and the next are shorter."""
    late: tuple[float, ...]
    """The longest waits (at most 100) after having been overtaken, longest first; how late the
    step's own span came is left out."""
    tail: float
    """How heavy the tail beyond them is: the Hill estimate, between 0.05 and 0.5."""
    unfollowed: tuple[float, ...] = ()
    """Of those that got through, the share of which no later step showed it within 3 s × 1.15^n,
    for n = 0, 1, …: whether a span that is late or lost leaves them unseen for so long."""
    endless: float = 1.0
    """The share of which none ever did."""


def rule_id(workflow: str, requires: Iterable[str], any_of: Iterable[str]) -> str:
    """The id of a rule: independent of the order in which its steps are named."""
    said = "\0".join((workflow, *sorted(requires), "", *sorted(any_of)))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
