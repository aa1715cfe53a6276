"""Declared flows among learned rules, without engine or clock."""

from dataclasses import replace

import pytest

from collector.flows.model import step as named
from collector.jobs.declared import declared_rules, ends, rules_merged, waits_merged
from collector.jobs.rules import Rule, Step, Wait
from tests.flows.test_reader import WHOLE, flow


def step(name: str) -> Step:
    found = named(name)
    assert found
    return Step(found.service, found.role, found.operation, found.destination)


def learned(after: str, *any_of: str, workflow: str = "order") -> Rule:
    return Rule(
        workflow=workflow,
        requires=tuple(after.split(" & ")),
        any_of=tuple(map(step, any_of)),
        implied_by=("z send late",),
        share=0.99,
        seen=99,
        of=100,
        median_s=1.0,
        p99_s=2.0,
        limit_s=9.0,
        valid_from=7,
    )


def merged(rules: list[Rule], said: str) -> list[Rule]:
    return rules_merged(rules, [flow(f"workflow: order\nsteps:\n{said}")])


A, B, C, D = "a send x", "b process x", "c send y", "d send z"
KNOWN = learned(A, B)


def test_nothing_declared_changes_nothing() -> None:
    assert rules_merged([KNOWN], []) == [KNOWN]
    assert rules_merged([], []) == []
    assert merged([KNOWN], f"  {C}: {{}}") == [KNOWN]


def test_the_declared_rule_wins_and_keeps_what_was_counted() -> None:
    [rule] = merged([KNOWN], f"  {B}: {{after: {A}, within: 30s, critical: false}}")
    assert rule == replace(KNOWN, source="declared", limit_s=30.0, within_s=30.0, critical=False)
    assert merged([KNOWN], f"  {B}: {{after: {A}}}") == [replace(KNOWN, source="declared")]


def test_a_rule_that_nobody_kept_has_the_declared_limit() -> None:
    said = f"  {B}: {{after: {A}}}"
    for of in (0, 7):
        nothing = replace(KNOWN, of=of, seen=0, share=0.0, median_s=0.0, p99_s=0.0, limit_s=5.0)
        [rule] = merged([nothing], said)
        assert (rule.of, rule.seen, rule.p99_s, rule.limit_s) == (of, 0, 60.0, 60.0)


def test_other_workflows_keep_their_rules() -> None:
    other = learned(A, B, workflow="claim")
    found = merged([other, KNOWN], f"  {B}: {{after: {A}, within: 30s}}")
    assert [(rule.workflow, rule.source) for rule in found] == [
        ("claim", "learned"),
        ("order", "declared"),
    ]


def test_what_nobody_has_taken_yet_says_its_limit() -> None:
    found = merged([], f"  {B}: {{after: {A}, within: 5s}}\n  c call POST /z: {{after: {B}}}")
    [soon, usual] = found
    assert (soon.of, soon.limit_s, soon.p99_s, soon.any_of[0].destination) == (0, 5.0, 5.0, "x")
    assert (usual.limit_s, usual.within_s, usual.any_of[0].destination) == (60.0, 0.0, "")
    assert (soon.implied_by, usual.implied_by) == (("c call POST /z",), ())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (learned(A, B), f"{B}: {{after: [{A}, {C}]}}"),  # an AND-join: not owed after one alone
        (learned(f"{A} & {C}", B), f"{B}: {{after: {A}}}"),
        (learned(A, B), f"either: {{any_of: [{B}, {D}], after: {A}}}"),  # the other will do, too
        (learned(A, B, D), f"{B}: {{after: {A}}}"),
        (learned(A, B), f"{B}: {{optional: true}}"),
        (learned(A, B, D), f"either: {{any_of: [{B}, {D}], optional: true}}"),
    ],
)
def test_learned_rules_that_contradict_what_is_declared_go(rule: Rule, said: str) -> None:
    assert rule.rule not in {found.rule for found in merged([rule], f"  {said}")}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (learned(A, B), f"{B}: {{after: {C}}}"),  # another reason for the same step
        (learned(A, B), f"{D}: {{after: {A}}}"),  # another step for the same reason
        (learned(A, B, D), f"{B}: {{optional: true}}"),  # one of both is demanded still
        (learned(A, B), f"{B}: {{compensates: {C}}}"),
    ],
)
def test_other_learned_rules_stay(rule: Rule, said: str) -> None:
    assert rule.rule in {found.rule for found in merged([rule], f"  {said}")}


def test_what_is_said_of_a_step_alone_holds_for_its_learned_rules() -> None:
    said = f"  short: {{on: {B}, within: 2d, critical: false}}\n  {D}: {{pauses: short}}"
    [rule] = merged([KNOWN], said)
    assert rule == replace(
        KNOWN, within_s=172800.0, limit_s=172800.0, critical=False, handover=(D,)
    )
    assert rule.source == "learned"


def test_undoing() -> None:
    refund = learned(C, D)
    found = merged([refund], f"  {D}: {{compensates: {A}, within: 2m}}")
    assert [(rule.requires, rule.source, rule.compensates) for rule in found] == [
        ((), "declared", (A,)),
        ((C,), "learned", (A,)),
    ]
    [rule] = merged([refund], f"  {D}: {{compensates: {A}, after: {C}}}")
    assert (rule.requires, rule.source, rule.compensates, rule.of) == ((C,), "declared", (A,), 100)


def test_a_whole_flow() -> None:
    rules = {
        (rule.requires, tuple(s.name for s in rule.any_of)): rule
        for rule in declared_rules(flow(WHOLE))
    }
    placed, paid = "shop send order.placed", "payment process order.placed"
    reserved, rejected, packed = "stock send reserved", "stock send rejected", "cd send packed"
    check, bill, refund = "fraud process check", "invoice send bill", "payment call POST /refunds"
    assert rules.keys() == {
        ((placed,), (paid,)),
        ((paid,), (reserved, rejected)),
        ((paid, reserved), (packed,)),
        ((packed,), (bill,)),
        ((check, rejected), (bill,)),
        ((rejected,), (refund,)),
        ((), ("stock send released",)),
    }
    stock = rules[(paid,), (reserved, rejected)]
    assert (stock.handover, stock.within_s) == ((check,), 60.0)
    assert stock.implied_by == (packed, bill, refund)
    assert rules[(packed,), (bill,)].implied_by == ()
    behind = {packed, check, bill, refund, reserved, rejected}
    assert set(rules[(placed,), (paid,)].implied_by) == behind
    assert ends([flow(WHOLE)]) == {"order": ((bill,), (refund, "stock send released"))}


def test_a_pause_grants_its_own_time() -> None:
    declared = flow(WHOLE)
    rules = declared_rules(declared)
    [stock] = [rule for rule in rules if len(rule.any_of) == 2]
    known = Wait("order", stock.rule, stock.requires[0], 50, 1.0, 1.0, 2.0, 9.0, 1.0, (), 0.05)
    paused = replace(known, last="fraud process check", n=7)
    for waits in ([known], [known, paused]):
        plain, long = sorted(waits_merged(waits, rules, [declared]), key=lambda w: w.limit_s)
        assert waits_merged(waits_merged(waits, rules, [declared]), rules, [declared])[0] == long
        assert plain == known
        assert (long.rule, long.last, long.limit_s) == (stock.rule, paused.last, 28800.0)
        assert long.n == (7 if paused in waits else 0)
