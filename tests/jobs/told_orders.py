"""Orders told to the learner: rows of `order_facts`, as the assemble job would write them.

An order is a list of steps, each with what led to it and when it began; `shop` makes orders of a
workflow with two choices, a join of two branches, a join of two ways and a slow detour.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.engine import Engine

SECOND = 1_000_000_000
DAWN = 1_790_000_000 * SECOND


@dataclass
class Told:
    """A step of an order: seconds are since the order's start."""

    step: str
    at: float
    cause: str = ""
    seen: float | None = None
    failed: bool = False
    ended: float | None = None
    """None: a moment after it began."""


@dataclass
class Order:
    """An order that starts `start` seconds after dawn."""

    start: float
    steps: list[Told] = field(default_factory=list)
    name: str = ""

    def take(self, step: str, after: Told | None = None, took: float = 0.1) -> Told:
        """One more step, `took` seconds after the one that led to it."""
        told = Told(step, (after.at if after else 0.0) + took, after.step if after else "")
        self.steps.append(told)
        return told

    def without(self, *steps: str) -> Order:
        """The order as it is known when these steps never came."""
        return Order(self.start, [s for s in self.steps if s.step not in steps], self.name)

    def has(self, step: str) -> bool:
        return any(told.step == step for told in self.steps)


CREATED = "shop send created"
CAPTURED = "payment send captured"
DECLINED = "payment send declined"
RESERVED = "stock send reserved"
REJECTED = "stock send rejected"
REVIEWED = "fraud send reviewed"
NOTIFIED = "seller send notified"
MAILED = "mail send mailed"
BOOKED = "logistics send booked"
SHIPPED = "logistics send shipped"
DELIVERED = "courier send delivered"
REFUNDED = "payment send refunded"
CANCELLED = "shop send cancelled"

SHOP_RULES = {
    ((CREATED,), (CAPTURED, DECLINED)),
    ((CAPTURED,), (RESERVED, REJECTED)),
    ((CAPTURED,), (NOTIFIED,)),
    ((CAPTURED,), (MAILED,)),
    ((NOTIFIED, RESERVED), (BOOKED,)),
    ((BOOKED,), (SHIPPED,)),
    ((SHIPPED,), (DELIVERED,)),
    ((REJECTED,), (REFUNDED,)),
    ((DECLINED,), (CANCELLED,)),
    ((REFUNDED,), (CANCELLED,)),
}


def shop(
    count: int,
    seed: int,
    *,
    first: float = 0.0,
    every: float = 1.0,
    declined: float = 0.08,
    rejected: float = 0.06,
    reviewed: float = 0.05,
) -> list[Order]:
    """Orders of a shop, one every `every` seconds, all of them healthy and complete."""
    chance = random.Random(seed)

    def took(usual: float) -> float:
        return usual * chance.lognormvariate(0, 0.4)

    orders = []
    for number in range(count):
        order = Order(first + number * every)
        created = order.take(CREATED)
        if chance.random() < declined:
            refused = order.take(DECLINED, created, took(0.4))
            order.take(CANCELLED, refused, took(0.3))
        else:
            paid = order.take(CAPTURED, created, took(0.4))
            order.take(MAILED, paid, took(0.2))
            notified = order.take(NOTIFIED, paid, took(1.0))
            asked = paid
            if chance.random() < reviewed:
                asked = order.take(REVIEWED, paid, took(20.0))
            if chance.random() < rejected:
                nothing = order.take(REJECTED, asked, took(0.9))
                refunded = order.take(REFUNDED, nothing, took(0.5))
                order.take(CANCELLED, refunded, took(0.3))
            else:
                held = order.take(RESERVED, asked, took(0.9))
                last = max(held, notified, key=lambda told: told.at)
                booked = order.take(BOOKED, last, took(0.3))
                shipped = order.take(SHIPPED, booked, took(3.0))
                order.take(DELIVERED, shipped, took(5.0))
        orders.append(order)
    return orders


def tell(
    engine: Engine, orders: Iterable[Order], workflow: str = "order", version: int = 1
) -> None:
    """Store the facts of these orders."""
    rows = [_row(order, workflow, version) for order in orders]
    columns = engine.query(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() "
        "AND table = 'order_facts' AND startsWith(name, 'steps.')"
    ).to_pylist()
    for row in rows:
        # what the learner doesn't look at: as many as there are steps, of nothing
        for column in columns:
            nothing = "" if "String" in column["type"] else 0
            row.setdefault(column["name"], [nothing] * len(row["steps.step"]))
    if rows:
        data = "\n".join(json.dumps(row) for row in rows).encode()
        engine.insert("INSERT INTO order_facts", "JSONEachRow", data)


def wait(
    engine: Engine,
    orders: Iterable[Order],
    verdict: str,
    step: str,
    *,
    state: str = "stuck",
    workflow: str = "order",
) -> None:
    """Store that the judge says so of these orders: `step` is owed, with that verdict."""
    nested = engine.query(
        "SELECT count() AS n FROM system.columns WHERE database = currentDatabase() "
        "AND table = 'orders' AND name = 'owed.step'"
    ).to_pylist()[0]["n"]
    owed: dict[str, Any] = {"owed": [{"step": step, "verdict": verdict}]}
    if nested:
        owed = {"owed.step": [step], "owed.verdict": [verdict]}
    rows = [
        owed
        | {
            "workflow": workflow,
            "order_id": _name(order),
            "state": state,
            "verdict": verdict,
            "step": step,
            "judged_at": _time(DAWN),
            "changed": True,
            "version": 1,
        }
        for order in orders
    ]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    engine.insert("INSERT INTO orders", "JSONEachRow", data)


def _name(order: Order) -> str:
    return order.name or f"o{round(order.start * 1000):012d}"


def _row(order: Order, workflow: str, version: int) -> dict[str, Any]:
    steps = sorted(order.steps, key=lambda told: (told.at, told.step))
    start = DAWN + round(order.start * 1e9)
    began = [start + round(told.at * 1e9) for told in steps]
    ended = [start + round((told.at if told.ended is None else told.ended) * 1e9) for told in steps]
    seen = [
        start + round((told.at + 0.5 if told.seen is None else told.seen) * 1e9) for told in steps
    ]
    parts = [told.step.split(" ", 2) for told in steps]
    messaging = ("send", "process", "receive")
    return {
        "workflow": workflow,
        "order_id": _name(order),
        "started": _time(min(began)),
        "ended": _time(max(ended)),
        "first_seen": _time(min(seen)),
        "last_seen": _time(max(seen)),
        "span_count": len(steps),
        "trace_ids": [_name(order)],
        "services": sorted({part[0] for part in parts}),
        "steps.step": [told.step for told in steps],
        "steps.service": [part[0] for part in parts],
        "steps.role": [part[1] for part in parts],
        "steps.operation": [part[2] for part in parts],
        "steps.destination": [part[2] if part[1] in messaging else "" for part in parts],
        "steps.started": _times(began),
        "steps.ended": _times(ended),
        "steps.seen": _times(seen),
        "steps.attempts": [1] * len(steps),
        "steps.failed": [told.failed for told in steps],
        "steps.error": [""] * len(steps),
        "steps.TraceId": [_name(order)] * len(steps),
        "steps.SpanId": [f"{number}" for number in range(len(steps))],
        "steps.cause": [told.cause for told in steps],
        "version": version,
        "deleted": 0,
    }


def _times(moments: Sequence[int]) -> list[str]:
    return [_time(moment) for moment in moments]


def _time(unix_ns: int) -> str:
    return f"{unix_ns // SECOND}.{unix_ns % SECOND:09d}"
