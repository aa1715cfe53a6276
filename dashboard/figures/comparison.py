"""Two orders step by step: what one did and the other didn't, and what took how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.figures.journey import Journey, Stop
from dashboard.records import Expectation


class Stay(NamedTuple):
    """How long an order waited before a step and how long the step took; None: not known."""

    stop: Stop
    waited: float | None
    took: float | None


class Pair(NamedTuple):
    """A step in this order and in the other, and the rule that it comes by (None: no rule)."""

    step: str
    own: Stay | None
    other: Stay | None
    rule: Expectation | None


def pairs(own: Journey, other: Journey | None, rules: Sequence[Expectation]) -> list[Pair]:
    """The steps of both orders, in the order of time of this one; the other's where they belong."""
    mine = stays(own)
    theirs = stays(other) if other else {}
    by_step = {alternative["step"]: rule for rule in rules for alternative in rule["any_of"]}
    order = list(mine)
    for before, step in zip([None, *theirs], theirs, strict=False):
        if step not in mine:
            order.insert(order.index(before) + 1 if before in order else 0, step)
    return [Pair(step, mine.get(step), theirs.get(step), by_step.get(step)) for step in order]


def stays(way: Journey) -> dict[str, Stay]:
    """The stops of an order by time, those that are owed last."""
    left: dict[str, int] = {}
    for leg in way.legs:
        if leg.left_at is not None and leg.kind != "compensation":
            left[leg.target] = max(leg.left_at, left.get(leg.target, 0))
    ordered = sorted(way.stops, key=lambda stop: (stop.start is None, stop.start or 0))
    return {stop.step: _stay(stop, left.get(stop.step)) for stop in ordered}


def _stay(stop: Stop, left: int | None) -> Stay:
    waited = (stop.start - left) / 1e9 if stop.start is not None and left is not None else None
    took = (
        (stop.end - stop.start) / 1e9 if stop.start is not None and stop.end is not None else None
    )
    return Stay(stop, None if waited is None else max(waited, 0.0), took)


def together(stay: Stay | None) -> float | None:
    """From when it could begin to its end: what waits are learned by. None: not known."""
    if stay is None or stay.waited is None:
        return None
    return stay.waited + (stay.took or 0.0)


def remark(pair: Pair) -> str:
    """What is worth a word: a step that only one of them took, or one that took unusually long."""
    own, other = pair.own, pair.other
    if own is None:
        return "not in this order"
    if own.stop.owed is not None:
        return "hasn't come"
    if other is None or other.stop.owed is not None:
        return "only in this order"
    whole = together(own)
    longest = pair.rule["p99_s"] if pair.rule and pair.rule["of"] else 0.0
    if whole and longest and whole > max(1.2 * longest, 0.05):
        return f"{whole / longest:.1f} × p99"
    if own.took and other.took and own.took > max(2 * other.took, other.took + 0.05):
        return f"{own.took / other.took:.1f} × typical"
    return ""
