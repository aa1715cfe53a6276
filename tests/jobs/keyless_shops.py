"""Requests without an id of their own, made up: a front calls several services in turn.

A shop has pages; a page is a list of calls, some of them made only now and then, some several
times, and what is called may call others before it answers. All pages are runs of one workflow,
for nothing on the entry tells them apart. Now and then a service is down for a while: who calls it
then is cut off there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.jobs.told_orders import Order, Told

FRONT = "front serve /"
_CALL_S = 0.004


@dataclass
class Call:
    """A call of a page."""

    step: str
    chance: float = 1.0
    most: int = 1
    """Times it is made, at most."""
    below: list[Call] = field(default_factory=list)


@dataclass
class Page:
    """What a request of a kind calls."""

    weight: float
    calls: list[Call]


@dataclass
class Run:
    """A request, as it is seen; whether it was cut off where a service was down."""

    order: Order
    cut: bool


class _Down(Exception):  # noqa: N818
    pass


def pages(chance: Random) -> list[Page]:
    """The pages of a shop. An operation calls others of services further down, wherever it is
    called from."""
    calling: dict[str, list[Call]] = {}
    for n in reversed(range(8)):
        further = list(calling)
        for k in range(chance.randint(1, 3)):
            some = chance.choice((0, 0, 0, 1, 2)) if further else 0
            calling[f"s{n} serve /{k}"] = _calls(chance, further, calling, some)
    return [
        Page(chance.uniform(0.5, 2), _calls(chance, list(calling), calling, chance.randint(2, 7)))
        for _ in range(chance.randint(3, 6))
    ]


def _calls(
    chance: Random, operations: list[str], calling: dict[str, list[Call]], count: int
) -> list[Call]:
    return [
        Call(
            step,
            1.0 if chance.random() < 0.75 else chance.uniform(0.2, 0.8),
            chance.choice((1, 1, 3)),
            calling[step],
        )
        for step in chance.sample(operations, min(count, len(operations)))
    ]


def runs(seed: int, count: int, every_s: float = 1.0) -> list[Run]:
    """Requests of a shop, one every `every_s`; three times one of its services is down."""
    chance = Random(seed)
    shop = pages(chance)
    services = sorted({c.step.split(" ")[0] for page in shop for c in _all(page.calls)})
    length = count * every_s
    outages = [
        (at, at + length / 40, chance.choice(services))
        for at in (chance.uniform(0.05, 0.95) * length for _ in range(3))
    ]
    found = []
    for number in range(count):
        start = number * every_s
        (page,) = chance.choices(shop, [page.weight for page in shop])
        down = {service for since, until, service in outages if since <= start < until}
        found.append(_Request(start, down, chance).run(page))
    return found


class _Request:
    """A request that is being handled."""

    def __init__(self, start: float, down: set[str], chance: Random) -> None:
        self._order = Order(start)
        self._down = down
        self._chance = chance
        self._clock = 0.0

    def run(self, page: Page) -> Run:
        root = self._order.take(FRONT)
        self._clock = root.at
        cut = False
        try:
            for call in page.calls:
                self._make(root, call)
        except _Down:
            cut = True
        root.ended = self._clock + _CALL_S
        return Run(self._order, cut)

    def _make(self, caller: Told, call: Call) -> None:
        if self._chance.random() >= call.chance:
            return
        for _ in range(self._chance.randint(1, call.most)):
            self._clock += _CALL_S * self._chance.lognormvariate(0, 0.5)
            if call.step.split(" ")[0] in self._down:
                raise _Down
            known = next((told for told in self._order.steps if told.step == call.step), None)
            told = known or Told(call.step, self._clock, caller.step)
            if known is None:
                self._order.steps.append(told)
            for below in call.below:
                self._make(told, below)
            if known is None:
                told.ended = self._clock + _CALL_S


def _all(calls: list[Call]) -> list[Call]:
    return [one for call in calls for one in (call, *_all(call.below))]
