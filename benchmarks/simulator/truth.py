"""What really happened to an order, and which alarms about it are right."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.simulator.faults import Kind

Outcome = Literal["open", "completed", "stuck", "failed"]


@dataclass(frozen=True)
class Stop:
    """An order ends here, though it shouldn't."""

    kind: Kind
    outcome: Literal["stuck", "failed"]
    at: float
    """When it went wrong."""
    due: float
    """When the next step should have come."""
    steps: frozenset[str]
    """The steps of which one is owed; of a failed order: the step that failed."""


@dataclass(frozen=True)
class Block:
    """An order waits because a consumer doesn't work."""

    kind: Kind
    at: float
    due: float
    until: float
    steps: frozenset[str]


@dataclass
class Order:
    """One order; times are seconds from the start."""

    number: int
    order_id: str
    workflow: str
    started: float
    ended: float = math.inf
    outcome: Outcome = "open"
    compensated: bool = False
    """It was undone by its own choreography: nothing is wrong."""
    stops: list[Stop] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    met: set[Kind] = field(default_factory=set)
    """Harmless faults that it met itself."""
    unseen: set[str] = field(default_factory=set)
    """Leaf steps whose span was dropped: nobody can tell them from steps that never came."""
    sampled_out: bool = False
    open: int = 0
    """Messages on their way and waits that run."""
    joined: dict[str, set[str]] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Nothing but its spans was ever wrong."""
        return not self.stops and not self.blocks

    def stop(self, stop: Stop) -> None:
        """It ends here; the worst counts."""
        self.stops.append(stop)
        self.outcome = "failed" if "failed" in (self.outcome, stop.outcome) else "stuck"


def legitimate(order: Order, at: float, grace_s: float = 5.0) -> Stop | Block | None:
    """What an alarm about the order at that time is about; None: it is false.

    A block counts until `grace_s` after its end, for the spans that end it are still under way.
    """
    for stop in order.stops:
        if at >= stop.at:
            return stop
    for block in order.blocks:
        if block.at <= at <= block.until + grace_s:
            return block
    return None
