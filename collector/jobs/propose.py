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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.jobs.needs import Needs
from collector.jobs.pair_counts import (
    CHANGED,
    GONE,
    PAST,
    PROMISING,
    SELDOM,
    SHARE,
    Counts,
    PairCount,
)
from collector.jobs.rules import Rule


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
    """The counts of a workflow, and the rules that follow from them."""

    def __init__(self, workflow: str, counts: Sequence[PairCount]) -> None:
        self._workflow = workflow
        self._of = Counts(counts)
        self._needs = Needs(self._of)

    def _groups(self) -> list[list[str]]:
        """Every step that requires something, with those that come in its place."""
        steps = sorted(
            (step for step in self._of.alone if self._needs.sure[step]),
            key=lambda step: (-self._of.count(step), step),
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
        if not self._needs.near(step) or not self._needs.near(group[0]):
            return False
        ours, theirs = self._needs.requires(step), self._needs.requires(group[0])
        if ours != theirs:
            # of few orders, a join's branches need not all be known to lead to the rare outcome
            few = self._of.count(step) < 2 * GONE and set(ours) < set(theirs)
            if not (few and all(self._of.comes_before(first, step) for first in theirs)):
                return False
        return all(self._of.apart(step, other) for other in group)

    def _present(self, group: list[str]) -> list[str]:
        """The group without steps that are no more, the others having taken their place."""
        first = self._needs.requires(group[0])[0]
        of = self._of.by_block[first]
        left = list(group)
        for step in group:
            newest = min(self._of.by_block[step])
            later = [block for block in of if block < newest]
            orders = sum(of[block] for block in later)
            others = sum(
                self._of.by_block[other].get(block, 0)
                for other in left
                for block in later
                if other != step
            )
            rate = self._of.count(step) / max(1, sum(of.values()) - orders)
            if min(orders, rate * orders) >= CHANGED and others >= PROMISING * orders:
                left.remove(step)
        return left

    def candidates(self) -> list[Candidate]:
        """All rules that may hold."""
        found: list[Candidate] = []
        for group in self._groups():
            requires = self._needs.requires(group[0])
            likely = len(requires) > 1 or self._of.followed(requires[0], group) >= PROMISING
            near = self._needs.near(group[0])
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
            self._of.direct(first, step) and self._another_way(first, requires)
            for step in group
            for first in self._of.leading[step]
            if first not in requires
        )

    def _another_way(self, first: str, requires: Sequence[str]) -> bool:
        """Whether a step comes in place of what is required, not on the way from it."""
        pairs = [self._of.pairs.get((first, other)) for other in requires]
        return any(pair is None or pair.count <= 0.5 * self._of.count(first) for pair in pairs)

    def _triggers(self, group: Sequence[str]) -> list[str]:
        """The nearest steps after which one of the group comes always."""
        blind = self._of.causeless(group[0])
        sure = [
            first
            for first in self._of.alone
            if first not in group
            and first not in self._of.gone
            and (blind or any(self._of.leads(first, step) for step in group))
            and all(
                self._of.called_before(first, step)
                or (self._of.comes_before(first, step) and not self._of.leads(step, first))
                for step in group
                if (first, step) in self._of.pairs
            )
            and self._of.followed(first, group) >= (SHARE if blind else PROMISING)
        ]
        return [
            first
            for first in sure
            if not any(
                other != first
                and (blind or self._of.leads(first, other))
                and self._of.comes_before(first, other)
                and not self._of.follows_more(first, other)
                and self._of.followed(first, [other]) >= PROMISING
                for other in sure
            )
        ]

    def _called_next(self) -> list[tuple[str, list[str]]]:
        """For each call what its caller calls next, whatever else may lead to that: the nearest
        that it always calls; and those of which it calls one or another, the most frequent first,
        and of others those that never come with it."""
        found = []
        for first in self._of.alone:
            group: list[str] = []
            following = [
                (pair.beside, step)
                for step in self._of.alone
                if (pair := self._of.pairs.get((first, step))) is not None
                and pair.direct > SELDOM * pair.count
                and pair.beside > 0.5 * pair.count
                and step not in self._of.gone
            ]
            always = [s for _, s in following if self._of.followed(first, [s]) >= PROMISING]
            following = [one for one in following if one[1] not in always]
            found += [
                (first, [step])
                for step in always
                if not any(self._of.called_before(o, step) for o in always if o != step)
            ]
            for _, step in sorted(following, key=lambda one: (-one[0], one[1])):
                if all(self._of.apart(step, other) for other in group):
                    group.append(step)
            if len(group) > 1 and self._of.followed(first, group) >= PROMISING:
                found.append((first, group))
        return found

    def _rule(self, requires: tuple[str, ...], group: Sequence[str]) -> Rule:
        return Rule(
            workflow=self._workflow,
            requires=requires,
            any_of=tuple(self._of.step(step) for step in group),
            handover=self._handover(requires, group),
            beside=self._beside(requires, group),
            implied_by=self._beyond(requires, group),
        )

    def _beside(self, requires: tuple[str, ...], group: Sequence[str]) -> bool:
        """Whether what leads from the one to the other is their caller's order of calls."""
        pairs = [self._of.pairs.get((first, step)) for first in requires for step in group]
        known = [pair for pair in pairs if pair is not None]
        return sum(pair.beside for pair in known) > 0.5 * sum(pair.direct for pair in known)

    def _handover(self, requires: tuple[str, ...], group: Sequence[str]) -> tuple[str, ...]:
        """Optional steps between the two."""
        return tuple(
            step
            for step in self._of.alone
            if step not in requires
            and step not in group
            and any(self._of.leads(step, y) and step not in self._needs.sure[y] for y in group)
            and all(self._of.comes_before(step, y) for y in group if (step, y) in self._of.pairs)
            and any(x in self._needs.sure[step] for x in requires)
            and self._of.followed(step, group) >= SHARE
        )

    def _beyond(self, requires: tuple[str, ...], group: Sequence[str]) -> tuple[str, ...]:
        """Steps that come after one of the group only, or after such a step."""
        beyond = {
            step
            for step in self._of.alone
            if step not in group
            and step not in requires
            and any(self._of.leads(y, step) for y in group)
            and self._of.after_any(step, group, requires) >= PAST
        }
        while more := {
            step
            for step in self._of.alone
            if step not in beyond
            and step not in group
            and any(
                one in beyond or one in group
                for one in self._needs.requires(step)
                if not self._of.causeless(step) or self._of.same_service(one, step)
            )
        }:
            beyond |= more
        return tuple(sorted(beyond.difference(requires)))
