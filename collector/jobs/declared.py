"""Declared rules among learned ones: one pure function, no SQL and no clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from collector.flows.model import Rule
from collector.jobs.learn import Expectation

USUAL_S = 60.0  # the limit of a rule that is declared without one and isn't learned yet


def merged(learned: Iterable[Expectation], declared: Iterable[Rule]) -> list[Expectation]:
    """All rules, by workflow, `after` and `step`; of a pair that both know the declared one.

    That keeps what was counted of it; its limit is the declared one, if it says one. Of a rule that
    nothing was counted of, `of` is 0 and `p99_s` the limit: what is said stands for what is known.
    """
    rules = {(rule.workflow, rule.after, rule.step): rule for rule in learned}
    for rule in declared:
        pair = (rule.workflow, rule.after.name, rule.step.name)
        known = rules.get(pair)
        if known is not None:
            limit_s = known.limit_s if rule.within_s is None else rule.within_s
            rules[pair] = dataclasses.replace(known, source="declared", share=1.0, limit_s=limit_s)
        else:
            rules[pair] = _uncounted(rule, USUAL_S if rule.within_s is None else rule.within_s)
    return [rules[pair] for pair in sorted(rules)]


def _uncounted(rule: Rule, limit_s: float) -> Expectation:
    return Expectation(
        workflow=rule.workflow,
        after=rule.after.name,
        step=rule.step.name,
        service=rule.step.service,
        role=rule.step.role,
        operation=rule.step.operation,
        destination=rule.step.destination,
        source="declared",
        share=1.0,
        seen=0,
        of=0,
        median_s=0.0,
        p99_s=limit_s,
        limit_s=limit_s,
        implied_by=(),
    )
