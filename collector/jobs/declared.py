"""Declared flows among what is learned: pure functions, no SQL and no clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator

from collector.flows import model as flows
from collector.flows.model import Entry, Flow
from collector.jobs.rules import Rule, Step, Wait

USUAL_S = 60.0  # the limit of a rule that is declared without one and isn't learned yet


def rules_merged(learned: Iterable[Rule], declared: Iterable[Flow]) -> list[Rule]:
    """All rules, by workflow, steps and what they require. What is declared wins:

    - Of a rule that is learned too, what was counted is kept; its limit is the declared one, if
      there is one. Of one that nothing was counted of, `of` is 0, and `p99_s` the limit: what is
      said stands for what is known.
    - A learned rule goes if a declared one says of a step of its choice that it comes after less,
      or more, of the same; and if all of its choice is declared optional.
    - What is said of a step, but not of when it is owed, holds for every learned rule for it.
    """
    rules = list(learned)
    for flow in declared:
        mine = [rule for rule in rules if rule.workflow == flow.workflow]
        rules = [rule for rule in rules if rule.workflow != flow.workflow]
        rules += _merged(mine, flow)
    return sorted(rules, key=lambda rule: (rule.workflow, _names(rule.any_of), rule.requires))


def declared_rules(flow: Flow) -> list[Rule]:
    """The rules that a flow declares, with nothing counted of them yet."""
    return [_rule(flow, entry, tuple(sorted(way))) for entry in flow.entries for way in entry.ways]


def waits_merged(
    waits: Iterable[Wait], rules: Iterable[Rule], declared: Iterable[Flow]
) -> list[Wait]:
    """The waits, with the limits that hold once a pausing step was seen: what an optional one
    grants the rules that it pauses, else what is declared for them.
    """
    limits = {
        (rule.workflow, rule.rule, last): within_s or rule.within_s
        for flow in declared
        for rule in rules
        if rule.workflow == flow.workflow
        for last, within_s in _pausing(flow, rule)
        if within_s or rule.within_s
    }
    known = {(wait.workflow, wait.rule, wait.last): wait for wait in waits}
    for place, within_s in limits.items():
        wait = known.get(place) or Wait(*place, 0, 0.0, 0.0, within_s, within_s, 0.0, (), 0.05)
        known[place] = dataclasses.replace(wait, limit_s=within_s)
    return [known[place] for place in sorted(known)]


def ends(declared: Iterable[Flow]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The steps that end orders well and badly, by workflow, as `models` wants them."""
    return {flow.workflow: (flow.ends_success, flow.ends_failure) for flow in declared}


def _merged(learned: Iterable[Rule], flow: Flow) -> Iterator[Rule]:
    known = {rule.rule: rule for rule in learned}
    mine = [_known(rule, known.get(rule.rule)) for rule in declared_rules(flow)]
    yield from mine
    said = {rule.rule for rule in mine}
    optional = {name for entry in flow.entries if entry.optional for name in entry.steps}
    for rule in known.values():
        if rule.rule in said or optional.issuperset(_names(rule.any_of)):
            continue
        if not any(_settles(other, rule) for other in mine):
            yield _marked(rule, flow)


def _settles(declared: Rule, learned: Rule) -> bool:
    """Whether a declared rule leaves a learned one nothing to say."""
    first, second = set(declared.requires), set(learned.requires)
    if not first:  # undoing when an order fails: when else it is due may be learned
        return False
    alike = first <= second or second <= first
    return alike and not set(_names(declared.any_of)).isdisjoint(_names(learned.any_of))


def _rule(flow: Flow, entry: Entry, requires: tuple[str, ...]) -> Rule:
    limit_s = USUAL_S if entry.within_s is None else entry.within_s
    return Rule(
        workflow=flow.workflow,
        requires=requires,
        any_of=tuple(_step(step) for step in entry.any_of),
        handover=tuple(sorted({name for name, _ in flow.pausing(entry)} - set(requires))),
        implied_by=_implied_by(flow, entry, requires),
        source="declared",
        share=1.0,
        p99_s=limit_s,
        limit_s=limit_s,
        within_s=entry.within_s or 0.0,
        critical=entry.critical,
        compensates=entry.compensates,
    )


def _known(rule: Rule, learned: Rule | None) -> Rule:
    """A declared rule with what was counted of it."""
    if learned is None or not learned.of:
        return rule
    usual_s = learned.limit_s if learned.seen else rule.limit_s
    return dataclasses.replace(
        learned,
        handover=tuple(sorted({*learned.handover, *rule.handover})),
        source="declared",
        p99_s=learned.p99_s if learned.seen else rule.p99_s,
        limit_s=rule.within_s or usual_s,
        within_s=rule.within_s,
        critical=rule.critical,
        compensates=rule.compensates,
    )


def _marked(rule: Rule, flow: Flow) -> Rule:
    """A learned rule with what is said of its steps."""
    names = set(_names(rule.any_of))
    for entry in flow.entries:
        if entry.optional or entry.after or not names or not names.issubset(entry.steps):
            continue
        rule = dataclasses.replace(
            rule,
            within_s=entry.within_s or rule.within_s,
            limit_s=entry.within_s or rule.limit_s,
            critical=rule.critical and entry.critical,
            compensates=entry.compensates or rule.compensates,
        )
    handover = {*rule.handover, *(name for name, _ in _pausing(flow, rule))} - set(rule.requires)
    return dataclasses.replace(rule, handover=tuple(sorted(handover)))


def _pausing(flow: Flow, rule: Rule) -> Iterator[tuple[str, float | None]]:
    """The steps that a flow says to pause a rule, and what they grant it."""
    names = _names(rule.any_of)
    for entry in flow.entries:
        if set(entry.steps) == set(names) and tuple(sorted(rule.requires)) in entry.ways:
            yield from flow.pausing(entry)
            return
    any_of = tuple(flows.Step(s.service, s.role, s.operation) for s in rule.any_of)
    yield from flow.pausing(Entry("", any_of))


def _implied_by(flow: Flow, entry: Entry, requires: Collection[str]) -> tuple[str, ...]:
    """Steps that, by what is declared, come only after one of an entry's steps."""
    ways: dict[str, list[tuple[str, ...]]] = {}
    for other in flow.entries:
        for name in other.steps:
            ways.setdefault(name, []).extend(other.after or other.ways)
    behind = set(entry.steps)
    while more := {
        name
        for name, after in ways.items()
        if name not in behind and after and all(behind.intersection(way) for way in after)
    }:
        behind |= more
    return tuple(sorted(behind - set(entry.steps) - set(requires)))


def _names(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(sorted(step.name for step in steps))


def _step(step: flows.Step) -> Step:
    return Step(step.service, step.role, step.operation, step.destination)
