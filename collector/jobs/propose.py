"""From counts of steps and pairs to rules that may hold: one pure function, no SQL and no clock.

The model is a timed log skeleton: when all steps that a step requires have been taken, it is owed,
or one that may come in its place. What a step requires is what always came before it, looked for
among what led to it only, or two branches that happen to keep an order would gate each other; where
nothing is known to have led to a step, it is the nearest that always came before it.

- choice: steps that require the same and never come together make one rule
- join of branches: what a step requires may be several steps, none of which precedes another
- join of ways: where what always came before is far off, each of the nearest steps that are always
  followed makes a rule of its own
- calls: what a service calls and waits for before its next call leads to that
- detour: an optional step on the way takes the wait over (`handover`)
- deploys: a pair is judged over the time in which both steps were there

Proposals are measured exactly afterwards, and then accepted or not (see `accept`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from collector.jobs.rules import Rule, Step
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


@dataclass(frozen=True)
class Candidate:
    """A rule that may hold."""

    rule: Rule
    unless: str = ""
    """The id of the rule that is better if it holds; '' none."""


def propose(counts: Iterable[PairCount]) -> list[Candidate]:
    """The rules that may hold, by workflow and id; the better ones of a workflow first."""
    by_workflow: defaultdict[str, list[PairCount]] = defaultdict(list)
    for count in counts:
        by_workflow[count.workflow].append(count)
    return [
        candidate
        for workflow in sorted(by_workflow)
        for candidate in _Workflow(workflow, by_workflow[workflow]).candidates()
    ]


class _Workflow:
    """The counts of a workflow, and what follows from them."""

    def __init__(self, workflow: str, counts: Sequence[PairCount]) -> None:
        self._workflow = workflow
        alone = {count.first: count for count in counts if count.first == count.then}
        self._alone = {name: one for name, one in sorted(alone.items()) if one.count >= KNOWN}
        self._pairs = {
            (count.first, count.then): count
            for count in counts
            if count.first in self._alone and count.then in self._alone
        }
        self._by_block = {
            name: dict(zip(one.blocks, one.both, strict=True)) for name, one in self._alone.items()
        }
        self._leading: defaultdict[str, list[str]] = defaultdict(list)
        for first, then in sorted(self._pairs):
            if self._leads(first, then):
                self._leading[then].append(first)
        self._required: dict[str, tuple[str, ...]] = {}

    # -- single pairs -------------------------------------------------------------------------

    def _count(self, step: str) -> int:
        return self._alone[step].count

    def _leads(self, first: str, then: str) -> bool:
        """Whether the one is a cause of the other, however far."""
        pair = self._pairs.get((first, then))
        return pair is not None and first != then and pair.led > LEADS * pair.count

    def _causeless(self, step: str) -> bool:
        """Whether nothing is known to lead to it."""
        alone = self._alone[step]
        return not self._leading[step] and alone.caused <= 0.5 * alone.count

    def _comes_before(self, first: str, then: str) -> bool:
        """Whether, of orders with both, the one comes before the other in nearly all."""
        pair = self._pairs.get((first, then))
        return pair is not None and sum(pair.before) + 1 >= SURE * pair.count + (pair.count < GONE)

    def _called_before(self, first: str, then: str) -> bool:
        """Whether a caller made both calls, nearly always in this order.

        A service that is called in several places of a request need not keep one order: whoever
        called the one will still call the other, if not already.
        """
        pair = self._pairs.get((first, then))
        if pair is None:
            return False
        calls = self._alone[first].role == self._alone[then].role == "serve"
        return max(pair.beside, sum(pair.before) if calls else 0) >= MOSTLY * pair.count

    def _same_service(self, one: str, other: str) -> bool:
        return self._alone[one].service == self._alone[other].service

    def _share_before(self, first: str, then: str) -> float:
        """Of orders with `then`, the share that had `first` before; since there is a `first`."""
        pair = self._pairs.get((first, then))
        if pair is None:
            return 0.0
        of = self._by_block[then]
        before = dict(zip(pair.blocks, pair.before, strict=True))
        here = self._by_block[first]
        if sum(n for block, n in of.items() if block < min(here)) >= GONE:
            return 0.0  # it is no more
        blocks = _since(max(here), of)
        return block_share(
            [of[block] for block in blocks],
            [max(0, min(of[block], before.get(block, 0))) for block in blocks],
        )

    @cached_property
    def _sure(self) -> dict[str, dict[str, bool]]:
        """For each step those that always came before it; True: and led to it."""
        sure: dict[str, dict[str, bool]] = {}
        for step in self._alone:
            if self._causeless(step):
                among = [
                    first for first in self._alone if first != step and not self._leads(step, first)
                ]
            else:
                among = self._leading[step]
            sure[step] = {
                first: self._leads(first, step)
                for first in among
                if self._share_before(first, step) >= SURE and not self._follows_more(first, step)
            }
        return sure

    def _follows_more(self, first: str, then: str) -> bool:
        """Of two that each come before the other (a loop, or the same moment) one goes first."""
        there, back = self._pairs.get((first, then)), self._pairs.get((then, first))
        if there is None or back is None:
            return False
        one = (there.led, sum(there.before), then)
        other = (back.led, sum(back.before), first)
        return one < other

    def _followed(self, first: str, group: Sequence[str]) -> float:
        """Of orders with `first`, the share that took a step of the group; since there is one."""
        of = dict(self._by_block[first])
        alone = self._alone[first]
        for block, excused in zip(alone.blocks, alone.excused, strict=True):
            of[block] -= excused
        seen: defaultdict[int, int] = defaultdict(int)
        for step in group:
            pair = self._pairs.get((first, step))
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
    def _gone(self) -> set[str]:
        """Steps that used to be taken and are no more."""
        orders: defaultdict[int, int] = defaultdict(int)
        for of in self._by_block.values():
            for block, n in of.items():
                orders[block] = max(orders[block], n)  # about all of them
        gone = set()
        for step, of in self._by_block.items():
            newest = min(of)
            later = sum(n for block, n in orders.items() if block < newest)
            before = sum(n for block, n in orders.items() if block >= newest)
            if self._count(step) / before * later >= GONE:
                gone.add(step)
        return gone

    # -- what a step requires -----------------------------------------------------------------

    def _requires(self, step: str) -> tuple[str, ...]:
        """The nearest steps that always came before it."""
        if step not in self._required:
            sure = self._sure[step]
            nearest = [
                one
                for one in sure
                if not any(one in self._sure[other] for other in sure if other != one)
            ]
            if nearest and self._causeless(step):
                nearest = [min(nearest, key=lambda one: (-len(self._sure[one]), one))]
            elif nearest:
                nearest += self._also(step, nearest)
            self._required[step] = tuple(sorted(nearest))
        return self._required[step]

    def _also(self, step: str, nearest: Sequence[str]) -> list[str]:
        """What its service also waits for, though another branch nearly always comes last.

        It led to the step when it was the last, or the step follows it more surely than the rest.
        """
        share = max(self._followed(one, [step]) for one in nearest)
        return [
            first
            for first, alone in self._alone.items()
            if self._same_service(first, step)
            and alone.role in ENTRIES
            and first not in self._sure[step]
            and not self._leads(step, first)
            and not any(first in self._sure[one] or one in self._sure[first] for one in nearest)
            and self._share_before(first, step) >= SURE
            and (self._pairs[first, step].led > 0 or self._followed(first, [step]) > share)
        ]

    def _direct(self, first: str, then: str) -> bool:
        pair = self._pairs.get((first, then))
        return pair is not None and pair.direct > SELDOM * pair.count

    def _near(self, step: str) -> bool:
        """Whether what it requires leads to it without a step between."""
        return self._causeless(step) or any(
            self._direct(first, step) for first in self._requires(step)
        )

    # -- choices ------------------------------------------------------------------------------

    def _groups(self) -> list[list[str]]:
        """Every step that requires something, with those that come in its place."""
        steps = sorted(
            (step for step in self._alone if self._sure[step]),
            key=lambda step: (-self._count(step), step),
        )
        groups: list[list[str]] = []
        for step in steps:
            home = next((group for group in groups if self._belongs(step, group)), None)
            if home is None:
                groups.append([step])
            else:
                home.append(step)
        return [self._present(group) for group in groups]

    def _belongs(self, step: str, group: Sequence[str]) -> bool:
        if not self._near(step) or not self._near(group[0]):
            return False
        ours, theirs = self._requires(step), self._requires(group[0])
        if ours != theirs:
            # of few orders, a join's branches need not all be known to lead to the rare outcome
            few = self._count(step) < 2 * GONE and set(ours) < set(theirs)
            if not (few and all(self._comes_before(first, step) for first in theirs)):
                return False
        return all(self._apart(step, other) for other in group)

    def _apart(self, one: str, other: str) -> bool:
        pair = self._pairs.get((one, other))
        if pair is None:
            return True
        rarer = min(self._count(one), self._count(other))
        return pair.count <= max(TOGETHER * rarer, 1 if rarer >= GONE else 0)

    def _present(self, group: list[str]) -> list[str]:
        """The group without steps that are no more, the others having taken their place."""
        first = self._requires(group[0])[0]
        of = self._by_block[first]
        left = list(group)
        for step in group:
            newest = min(self._by_block[step])
            later = [block for block in of if block < newest]
            orders = sum(of[block] for block in later)
            others = sum(
                self._by_block[other].get(block, 0)
                for other in left
                for block in later
                if other != step
            )
            rate = self._count(step) / max(1, sum(of.values()) - orders)
            if min(orders, rate * orders) >= CHANGED and others >= PROMISING * orders:
                left.remove(step)
        return left

    # -- rules --------------------------------------------------------------------------------

    def candidates(self) -> list[Candidate]:
        """All rules that may hold."""
        found: list[Candidate] = []
        for group in self._groups():
            requires = self._requires(group[0])
            likely = len(requires) > 1 or self._followed(requires[0], group) >= PROMISING
            near = self._near(group[0])
            triggers: list[str] = []
            if not (likely and near) or len(requires) > 1 or self._other_ways(group, requires):
                triggers = [x for x in self._triggers(group) if (x,) != requires]
            better = ""
            if likely and (near or not triggers):
                rule = self._rule(requires, group)
                found.append(Candidate(rule))
                better = rule.rule
            for x in triggers:
                if not better or self._another_way(x, requires):
                    found.append(Candidate(self._rule((x,), group)))
                elif len(requires) > 1:
                    found.append(Candidate(self._rule((x,), group), better))
        known = {candidate.rule.rule for candidate in found}
        for first, group in self._called_next():
            rule = self._rule((first,), group)
            if rule.rule not in known:
                found.append(Candidate(rule))
        found.sort(key=lambda candidate: (candidate.unless != "", candidate.rule.rule))
        return found

    def _other_ways(self, group: Sequence[str], requires: Sequence[str]) -> bool:
        """Whether anything leads to the group that comes in place of what it requires."""
        return any(
            self._direct(first, step) and self._another_way(first, requires)
            for step in group
            for first in self._leading[step]
            if first not in requires
        )

    def _another_way(self, first: str, requires: Sequence[str]) -> bool:
        """Whether a step comes in place of what is required, not on the way from it."""
        pairs = [self._pairs.get((first, other)) for other in requires]
        return any(pair is None or pair.count <= 0.5 * self._count(first) for pair in pairs)

    def _triggers(self, group: Sequence[str]) -> list[str]:
        """The nearest steps after which one of the group comes always."""
        blind = self._causeless(group[0])
        sure = [
            first
            for first in self._alone
            if first not in group
            and first not in self._gone
            and (blind or any(self._leads(first, step) for step in group))
            and all(
                self._called_before(first, step)
                or (self._comes_before(first, step) and not self._leads(step, first))
                for step in group
                if (first, step) in self._pairs
            )
            and self._followed(first, group) >= (SHARE if blind else PROMISING)
        ]
        return [
            first
            for first in sure
            if not any(
                other != first
                and (blind or self._leads(first, other))
                and self._comes_before(first, other)
                and not self._follows_more(first, other)
                and self._followed(first, [other]) >= PROMISING
                for other in sure
            )
        ]

    def _called_next(self) -> list[tuple[str, list[str]]]:
        """For each call what its caller calls next, whatever else may lead to that: the nearest
        that it always calls; and those of which it calls one or another, the most frequent first,
        and of others those that never come with it."""
        found = []
        for first in self._alone:
            group: list[str] = []
            following = [
                (pair.beside, step)
                for step in self._alone
                if (pair := self._pairs.get((first, step))) is not None
                and pair.direct > SELDOM * pair.count
                and pair.beside > 0.5 * pair.count
                and step not in self._gone
            ]
            always = [s for _, s in following if self._followed(first, [s]) >= PROMISING]
            following = [one for one in following if one[1] not in always]
            found += [
                (first, [step])
                for step in always
                if not any(self._called_before(o, step) for o in always if o != step)
            ]
            for _, step in sorted(following, key=lambda one: (-one[0], one[1])):
                if all(self._apart(step, other) for other in group):
                    group.append(step)
            if len(group) > 1 and self._followed(first, group) >= PROMISING:
                found.append((first, group))
        return found

    def _rule(self, requires: tuple[str, ...], group: Sequence[str]) -> Rule:
        return Rule(
            workflow=self._workflow,
            requires=requires,
            any_of=tuple(self._step(step) for step in group),
            handover=self._handover(requires, group),
            beside=self._beside(requires, group),
            implied_by=self._beyond(requires, group),
        )

    def _beside(self, requires: tuple[str, ...], group: Sequence[str]) -> bool:
        """Whether what leads from the one to the other is their caller's order of calls."""
        pairs = [self._pairs.get((first, step)) for first in requires for step in group]
        known = [pair for pair in pairs if pair is not None]
        return sum(pair.beside for pair in known) > 0.5 * sum(pair.direct for pair in known)

    def _handover(self, requires: tuple[str, ...], group: Sequence[str]) -> tuple[str, ...]:
        """Optional steps between the two."""
        return tuple(
            step
            for step in self._alone
            if step not in requires
            and step not in group
            and any(self._leads(step, y) and step not in self._sure[y] for y in group)
            and all(self._comes_before(step, y) for y in group if (step, y) in self._pairs)
            and any(x in self._sure[step] for x in requires)
            and self._followed(step, group) >= SHARE
        )

    def _beyond(self, requires: tuple[str, ...], group: Sequence[str]) -> tuple[str, ...]:
        """Steps that come after one of the group only, or after such a step."""
        beyond = {
            step
            for step in self._alone
            if step not in group
            and any(self._leads(y, step) for y in group)
            and self._after_any(step, group) >= PAST
        }
        while more := {
            step
            for step in self._alone
            if step not in beyond
            and step not in group
            and any(
                one in beyond or one in group
                for one in self._requires(step)
                if not self._causeless(step) or self._same_service(one, step)
            )
        }:
            beyond |= more
        return tuple(sorted(beyond.difference(requires)))

    def _after_any(self, step: str, group: Sequence[str]) -> float:
        of = self._by_block[step]
        seen: defaultdict[int, int] = defaultdict(int)
        for y in group:
            pair = self._pairs.get((y, step))
            if pair is not None:
                for block, before in zip(pair.blocks, pair.before, strict=True):
                    seen[block] += before
        blocks = _since(max(seen, default=0), of)
        return block_share(
            [of[block] for block in blocks],
            [max(0, min(of[block], seen[block])) for block in blocks],
        )

    def _step(self, name: str) -> Step:
        alone = self._alone[name]
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
