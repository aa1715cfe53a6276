"""Declared rules among learned ones, without engine or clock."""

import dataclasses

from collector.flows.model import Rule, step
from collector.jobs.declared import merged
from collector.jobs.learn import Expectation


def declared(after: str, coming: str, within_s: float | None = None) -> Rule:
    first, second = step(after), step(coming)
    assert first and second
    return Rule("order", first, second, within_s)


LEARNED = Expectation(
    workflow="order",
    after="a send x",
    step="b process x",
    service="b",
    role="process",
    operation="x",
    destination="x",
    source="learned",
    share=0.99,
    seen=99,
    of=100,
    median_s=1.0,
    p99_s=2.0,
    limit_s=9.0,
    implied_by=("b send y",),
)


def test_nothing_declared_changes_nothing() -> None:
    assert merged([LEARNED], []) == [LEARNED]
    assert merged([], []) == []


def test_the_declared_rule_wins_and_keeps_what_was_counted() -> None:
    same = dataclasses.replace(LEARNED, source="declared", share=1.0)
    rule = declared("a send x", "b process x", 30.0)
    assert merged([LEARNED], [rule]) == [dataclasses.replace(same, limit_s=30.0)]
    assert merged([LEARNED], [declared("a send x", "b process x")]) == [same]


def test_a_pair_of_another_workflow_is_another_rule() -> None:
    other = dataclasses.replace(LEARNED, workflow="claim")
    rules = merged([other], [declared("a send x", "b process x", 30.0)])
    assert [(rule.workflow, rule.source) for rule in rules] == [
        ("claim", "learned"),
        ("order", "declared"),
    ]


def test_what_nobody_has_taken_yet_says_its_limit() -> None:
    found, usual = merged(
        [], [declared("b send y", "c call POST /z"), declared("a send x", "b process x", 5.0)]
    )
    assert (found.of, found.limit_s, found.p99_s, found.destination) == (0, 5.0, 5.0, "x")
    assert (usual.limit_s, usual.role, usual.operation, usual.destination) == (
        60.0,
        "call",
        "POST /z",
        "",
    )
