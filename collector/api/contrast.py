"""What orders of a cause have that orders which passed the same place do not: counts in, words out.

Pure. Each attribute value is tested by Fisher's exact test (one-sided: more frequent among those
held than among those that passed), and all tests together by Benjamini and Hochberg, so that of
what is shown at most a hundredth is chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FALSE_SHARE = 0.01  # of what is shown, what may be chance
LEAST_ORDERS = 3  # fewer that share something are no pattern
LEAST_LIFT = 1.5
LEAST_SUPPORT = 0.2
_MOST_SHOWN = 10
_MOST_ALSO = 10
# Of values that say the same of the same orders, the first of these is shown.
_TELLING = (
    "service.version",
    "messaging.destination.partition.id",
    "messaging.kafka.destination.partition",
    "host.name",
    "service.instance.id",
    "instance",
    "cloud.region",
    "deployment.environment.name",
)


@dataclass(frozen=True)
class Value:
    """How many of the orders had it, of those held and of those that passed."""

    step: str
    service: str
    attribute: str
    value: str
    held: int
    of_held: int
    passed: int
    of_passed: int


@dataclass(frozen=True)
class Difference:
    """A value that is significantly more frequent among the orders held."""

    value: Value
    support: float
    """Share of the orders held that have it."""
    passed_share: float
    lift: float
    """Times as frequent it is among those held (where none passed: as if half a one did)."""
    p: float
    also: tuple[str, ...] = ()
    """Other values of the same orders, `attribute value`."""


def differences(values: Iterable[Value]) -> list[Difference]:
    """The significant ones, the strongest first; values of the same orders stand together."""
    tested = [
        (fisher(v.held, v.of_held - v.held, v.passed, v.of_passed - v.passed), v)
        for v in values
        if v.held >= LEAST_ORDERS and v.of_passed
    ]
    tested.sort(key=lambda pair: (pair[0], _rank(pair[1])))
    limit = benjamini_hochberg([p for p, _ in tested], FALSE_SHARE)
    groups: list[list[tuple[float, Value]]] = []
    for p, v in tested:
        if p <= limit and v.held / v.of_held >= LEAST_SUPPORT and _lift(v) >= LEAST_LIFT:
            group = next((g for g in groups if any(_same(v, other) for _, other in g)), None)
            if group is not None:
                group.append((p, v))
            elif len(groups) < _MOST_SHOWN:
                groups.append([(p, v)])
    return [_difference(group) for group in groups]


def _difference(group: list[tuple[float, Value]]) -> Difference:
    """The most telling of some values of the same orders, and the others beside it."""
    (p, v), *others = sorted(group, key=lambda pair: _rank(pair[1]))
    return Difference(
        value=v,
        support=v.held / v.of_held,
        passed_share=v.passed / v.of_passed,
        lift=_lift(v),
        p=p,
        also=tuple(dict.fromkeys(f"{o.attribute} {o.value}" for _, o in others))[:_MOST_ALSO],
    )


def _same(one: Value, other: Value) -> bool:
    """Whether they say the same of the same orders, as far as numbers tell."""
    counts = (one.held, one.of_held, one.passed, one.of_passed)
    alike = one.step == other.step and one.value == other.value
    return counts == (other.held, other.of_held, other.passed, other.of_passed) or (
        alike and "instance" in (one.attribute, other.attribute)  # it was read of more orders
    )


def fisher(a: int, b: int, c: int, d: int) -> float:
    """The chance of `a` or more in the first row of the table [[a, b], [c, d]], margins fixed.

    1 at once where the first row has no larger share than the second: nobody asks how probable.
    """
    if a * (c + d) <= c * (a + b):
        return 1.0
    rows, first, second = a + b, a + c, b + d
    chance = term = math.exp(
        _choose(first, a) + _choose(second, rows - a) - _choose(first + second, rows)
    )
    for k in range(a, min(rows, first)):
        term *= (first - k) * (rows - k) / ((k + 1) * (second - rows + k + 1))
        chance += term
    return min(1.0, chance)


def benjamini_hochberg(sorted_p: Sequence[float], false_share: float) -> float:
    """The largest p that counts when `false_share` of those found may be chance; -1: none does."""
    n = len(sorted_p)
    limit = -1.0
    for rank, p in enumerate(sorted_p, 1):
        if p <= false_share * rank / n:
            limit = p
    return limit


def sentence(difference: Difference) -> str:
    """`all 37 ran through payment 1.4.2; of those that passed 3 % did`."""
    v = difference.value
    held = f"all {v.of_held:,}" if v.held == v.of_held else f"{v.held:,} of {v.of_held:,}"
    if v.attribute == "service.version":
        what = f"ran through {v.service} {v.value}"
    elif v.attribute == "error":
        what = f"had the error {v.value} at {v.step}"
    else:
        what = f"had {v.attribute} = {v.value} at {v.step}"
    return f"{held} {what}; of those that passed {_percent(difference.passed_share)} did"


def _percent(share: float) -> str:
    if share == 0:
        return "none"
    return f"{share * 100:.0f} %" if share >= 0.01 else "less than 1 %"


def _lift(v: Value) -> float:
    return v.held / v.of_held / (max(v.passed, 0.5) / v.of_passed)


def _rank(v: Value) -> tuple[int, str, str, str]:
    place = _TELLING.index(v.attribute) if v.attribute in _TELLING else len(_TELLING)
    return (place, v.step, v.attribute, v.value)


def _choose(n: int, k: int) -> float:
    """Logarithm of the number of ways."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
