"""What goes wrong, where and when. Data only; `events` and `otlp` do it.

Faults of the system change what really happens; faults of the telemetry change only what is seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from benchmarks.simulator.choreographies import Choreography

System = Literal[
    "lost",  # a message is lost with probability `share`
    "burst",  # the same, for a short while and often
    "refund lost",  # the same, of a compensation
    "swallowed",  # taken, and nothing is published
    "crash",  # a service is down; its messages wait
    "silent",  # one consumer doesn't take messages; its service lives
    "partition",  # one partition of a consumer is stuck (`value`)
    "slow",  # a consumer works `value` seconds on each message
    "poison",  # `value` attempts fail, then the dead letter topic
    "poison, dropped",  # and then nothing
    "retried",  # fails once or twice, then works
    "duplicate",  # delivered twice
    "quiet",  # `share` of the usual orders come
    "deploy renames",
    "deploy adds",
    "deploy removes",
]
Telemetry = Literal[
    "span drop",  # spans are lost
    "stragglers",  # some spans come 10 to `value` seconds late, out of order
    "late telemetry",  # a service's spans come `value` seconds late
    "no telemetry",  # a service's spans don't come
    "skew",  # clocks of services differ by up to `value` seconds, and drift
    "sampled",  # `share` of the traces are kept
    "span twice",  # exporters send spans again
]
Kind = System | Telemetry
STUCK: tuple[Kind, ...] = ("lost", "burst", "refund lost", "swallowed")
"""An order that it hits never goes on."""
FAILED: tuple[Kind, ...] = ("poison", "poison, dropped")
BLOCKED: tuple[Kind, ...] = ("crash", "silent", "partition")
"""Orders wait until it is over; meanwhile they are stuck, and nobody is behind them."""
HARMLESS: tuple[Kind, ...] = (
    "slow",
    "retried",
    "duplicate",
    "quiet",
    "deploy renames",
    "deploy adds",
    "deploy removes",
    "span drop",
    "stragglers",
    "late telemetry",
    "no telemetry",
    "skew",
    "sampled",
    "span twice",
)
"""No order is worse for it; every alarm that it causes is false."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, from `at` until `until` seconds."""

    kind: Kind
    at: float = 0.0
    until: float = math.inf
    where: str = ""
    """A consumer (`payment order.placed`) or a service; '' everywhere."""
    share: float = 1.0
    value: float = 0.0
    workflow: str = ""
    after: Choreography | None = None
    """What a deploy changes the choreography to."""

    def hits(self, service: str, *consumers: str) -> bool:
        """Whether it is about this service or one of its consumers."""
        return self.where in ("", service) or self.where in consumers

    def during(self, t: float) -> bool:
        """Whether it is going on."""
        return self.at <= t < self.until
