"""Counts of steps and of pairs of steps, and what they say of the two. No SQL and no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from collector.jobs.rules import Step
from collector.jobs.shares import block_share

SHARE = 0.97  # of orders that must take a step for it to be expected
SURE = 0.98  # of a step's orders that another came before, for the one to require the other
PROMISING = 0.9  # by the counts of pairs; below it a rule needn't be measured
PAST = (
    0.9  # of a step's orders that another came before, for the one to show that the other is past
)
SELDOM = 0.05  # of the orders with both steps: below it the one leading to the other is an oddity
LEADS = 0.02  # the same over any number of steps between
TOGETHER = 0.02  # of the orders of the rarer: above it two steps are no alternatives
MOSTLY = 0.5  # of the orders with two calls: in this order, whatever a few others do
KNOWN = 3  # orders that a step must have been seen in
ENTRIES = ("process", "receive", "serve")  # how work comes to a service
CHANGED = 10  # orders one way before the first the other way: a deploy, not chance
GONE = 20  # orders without a step after its last one, that would have had it


@dataclass(frozen=True)
class PairCount:
    """How often two steps came in the same order, and how; a step with itself: how often it came.

    The lists have one number a block of orders in `blocks`, where 0 is the block of the latest.
    """

    workflow: str
    first: str
    then: str
    service: str
    role: str
    operation: str
    destination: str
    """Of `then`."""
    blocks: Sequence[int]
    both: Sequence[int]
    before: Sequence[int]
    """Orders in which `first` came before `then`."""
    led: int
    """Orders in which `first` is known to have led to `then`, over any number of steps."""
    direct: int
    """The same with no step between."""
    beside: int
    """Orders in which the step that led to both called `first`, waited, and then called `then`;
    counted in `led` and `direct`, too."""
    caused: int
    """Orders with both in which anything is known to have led to `then`."""
    excused: Sequence[int]
    """Orders with both that failed at `first`."""
    awaited: Sequence[int]
    """Orders without `then` that still wait for it."""

    @property
    def count(self) -> int:
        """Orders with both."""
        return sum(self.both)


class Counts:
    """The counts of a workflow: its steps, its pairs of steps."""

    def __init__(self, counts: Sequence[PairCount]) -> None:
        alone = {count.first: count for count in counts if count.first == count.then}
        self.alone = {name: one for name, one in sorted(alone.items()) if one.count >= KNOWN}
        self.pairs = {
            (count.first, count.then): count
            for count in counts
            if count.first in self.alone and count.then in self.alone
        }
        self.by_block = {
            name: dict(zip(one.blocks, one.both, strict=True)) for name, one in self.alone.items()
        }
        self.leading: defaultdict[str, list[str]] = defaultdict(list)
        for first, then in sorted(self.pairs):
            if self.leads(first, then):
                self.leading[then].append(first)

    def count(self, step: str) -> int:
        """Orders with the step."""
        return self.alone[step].count

    def leads(self, first: str, then: str) -> bool:
        """Whether the one is a cause of the other, however far."""
        pair = self.pairs.get((first, then))
        return pair is not None and first != then and pair.led > LEADS * pair.count

    def causeless(self, step: str) -> bool:
        """Whether nothing is known to lead to it."""
        alone = self.alone[step]
        return not self.leading[step] and alone.caused <= 0.5 * alone.count

    def comes_before(self, first: str, then: str) -> bool:
        """Whether, of orders with both, the one comes before the other in nearly all."""
        pair = self.pairs.get((first, then))
        return pair is not None and sum(pair.before) + 1 >= SURE * pair.count + (pair.count < GONE)

    def called_before(self, first: str, then: str) -> bool:
        """Whether a caller made both calls, nearly always in this order.

        A service that is called in several places of a request need not keep one order: whoever
        called the one will still call the other, if not already.
        """
        pair = self.pairs.get((first, then))
        if pair is None:
            return False
        calls = self.alone[first].role == self.alone[then].role == "serve"
        return max(pair.beside, sum(pair.before) if calls else 0) >= MOSTLY * pair.count

    def same_service(self, one: str, other: str) -> bool:
        """Whether one service takes both."""
        return self.alone[one].service == self.alone[other].service

    def share_before(self, first: str, then: str) -> float:
        """Of orders with `then`, the share that had `first` before; since there is a `first`."""
        pair = self.pairs.get((first, then))
        if pair is None:
            return 0.0
        of = self.by_block[then]
        before = dict(zip(pair.blocks, pair.before, strict=True))
        here = self.by_block[first]
        if sum(n for block, n in of.items() if block < min(here)) >= GONE:
            return 0.0  # it is no more
        blocks = _since(max(here), of)
        return block_share(
            [of[block] for block in blocks],
            [max(0, min(of[block], before.get(block, 0))) for block in blocks],
        )

    def follows_more(self, first: str, then: str) -> bool:
        """Of two that each come before the other (a loop, or the same moment) one goes first."""
        there, back = self.pairs.get((first, then)), self.pairs.get((then, first))
        if there is None or back is None:
            return False
        one = (there.led, sum(there.before), then)
        other = (back.led, sum(back.before), first)
        return one < other

    def followed(self, first: str, group: Sequence[str]) -> float:
        """Of orders with `first`, the share that took a step of the group; since there is one."""
        of = dict(self.by_block[first])
        alone = self.alone[first]
        for block, excused in zip(alone.blocks, alone.excused, strict=True):
            of[block] -= excused
        seen: defaultdict[int, int] = defaultdict(int)
        for step in group:
            pair = self.pairs.get((first, step))
            if pair is None:
                continue
            rows = zip(pair.blocks, pair.both, pair.excused, pair.awaited, strict=True)
            for block, both, excused, awaited in rows:
                seen[block] += both
                of[block] = of.get(block, 0) + excused - awaited
        if not any(seen.values()):
            return 0.0
        blocks = _since(max(block for block, n in seen.items() if n), of)
        return block_share(
            [max(0, of[block]) for block in blocks],
            [max(0, min(of[block], seen[block])) for block in blocks],
        )

    @cached_property
    def gone(self) -> set[str]:
        """Steps that used to be taken and are no more."""
        orders: defaultdict[int, int] = defaultdict(int)
        for of in self.by_block.values():
            for block, n in of.items():
                orders[block] = max(orders[block], n)  # about all of them
        gone = set()
        for step, of in self.by_block.items():
            newest = min(of)
            later = sum(n for block, n in orders.items() if block < newest)
            before = sum(n for block, n in orders.items() if block >= newest)
            if self.count(step) / before * later >= GONE:
                gone.add(step)
        return gone

    def direct(self, first: str, then: str) -> bool:
        """Whether the one leads to the other with no step between."""
        pair = self.pairs.get((first, then))
        return pair is not None and pair.direct > SELDOM * pair.count

    def apart(self, one: str, other: str) -> bool:
        """Whether the two never come together, so that one may come in place of the other."""
        pair = self.pairs.get((one, other))
        if pair is None:
            return True
        rarer = min(self.count(one), self.count(other))
        return pair.count <= max(TOGETHER * rarer, 1 if rarer >= GONE else 0)

    def after_any(self, step: str, group: Sequence[str], requires: Sequence[str]) -> float:
        """Of orders with the step, the share that had one of the group before.

        Only orders count in which what the group requires came before the step, too: others got
        to it another way.
        """
        of = min((self._before(first, step) for first in requires), key=lambda n: sum(n.values()))
        seen: defaultdict[int, int] = defaultdict(int)
        for y in group:
            for block, before in self._before(y, step).items():
                seen[block] += before
        blocks = _since(max(seen, default=0), of)
        return block_share(
            [of[block] for block in blocks],
            [max(0, min(of[block], seen[block])) for block in blocks],
        )

    def _before(self, first: str, then: str) -> dict[int, int]:
        """Orders with both in which the one came before the other, by block."""
        pair = self.pairs.get((first, then))
        return {} if pair is None else dict(zip(pair.blocks, pair.before, strict=True))

    def step(self, name: str) -> Step:
        """A step by its name."""
        alone = self.alone[name]
        return Step(alone.service, alone.role, alone.operation, alone.destination)


def _since(oldest: int, of: Mapping[int, int]) -> list[int]:
    """The blocks that count when something was first seen in block `oldest`, in order of time.

    All of them, if it was there from the beginning. If not, those after that block, in which it may
    have come late; with that block while there are none.
    """
    earlier = sum(n for block, n in of.items() if block > oldest)
    if earlier < CHANGED:
        return sorted(of, reverse=True)
    later = [block for block in of if block < oldest]
    if sum(of[block] for block in later) < KNOWN:
        later = [block for block in of if block <= oldest]
    return sorted(later, reverse=True)
