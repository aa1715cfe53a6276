"""Rules in force → file → the same rules, whatever their steps are called."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.flows.export import export, text
from collector.flows.model import Flow, InForce, Step
from collector.flows.reader import read
from collector.flows.writer import seconds, written
from collector.jobs.declared import declared_rules
from tests.flows.test_reader import WHOLE, flow

PLACED, PAID = "shop send placed", "payment send paid"
RESERVED, REJECTED = Step("stock", "send", "reserved"), Step("stock", "send", "rejected")
PACKED = Step("cd", "serve", "POST /parcels/{id}")
RULES = [
    InForce((PLACED,), (Step("payment", "process", "placed"),), note="99 of 100"),
    InForce((PAID,), (RESERVED, REJECTED), ("fraud process check",), 60.0),
    InForce((RESERVED.name, PAID), (PACKED,)),
    InForce((REJECTED.name,), (PACKED,), critical=False),
    InForce((REJECTED.name,), (Step("payment", "send", "refunded"),), compensates=(PAID,)),
    InForce((), (Step("stock", "call", "DELETE /lots/{id}"),), compensates=(RESERVED.name,)),
]


def loaded(content: str) -> Flow:
    return read(content.encode(), "exported.yaml")


def said(rules: list[InForce]) -> set[Any]:
    return {
        (
            frozenset(rule.requires),
            frozenset((s.service, s.role, s.operation, s.destination) for s in rule.any_of),
            frozenset(rule.handover),
            rule.within_s,
            rule.critical,
            frozenset(rule.compensates),
        )
        for rule in rules
    }


def rules_of(declared: Flow) -> list[InForce]:
    return [
        InForce(
            rule.requires,
            tuple(Step(s.service, s.role, s.operation, s.destination) for s in rule.any_of),
            rule.handover,
            rule.within_s,
            rule.critical,
            rule.compensates,
        )
        for rule in declared_rules(declared)
    ]


def test_the_file_reads_aloud() -> None:
    made = text(export("order", RULES), head=["Workflow order"], tail=["The end"])
    assert (
        made
        == """\
# Workflow order
workflow: order

steps:
  "cd serve POST /parcels/{id} after payment send paid and stock send reserved":
    step: cd serve POST /parcels/{id}
    after:
      - payment send paid
      - stock send reserved
  "cd serve POST /parcels/{id} after stock send rejected":
    step: cd serve POST /parcels/{id}
    after: stock send rejected
    critical: false
  fraud process check:
    pauses: stock send rejected or stock send reserved
  # 99 of 100
  payment process placed:
    after: shop send placed
  payment send refunded:
    after: stock send rejected
    compensates: payment send paid
  stock call DELETE /lots/{id}:
    compensates: stock send reserved
  stock send rejected or stock send reserved:
    any_of:
      - stock send rejected
      - stock send reserved
    after: payment send paid
    within: 1m
  # The end
""".replace('"cd serve POST /parcels/{id} after', "cd serve POST /parcels/{id} after")
        .replace('reserved":', "reserved:")
        .replace('rejected":', "rejected:")
    )
    assert said(rules_of(loaded(made))) == said(RULES)
    assert text(export("order", reversed(RULES)), head=["Workflow order"], tail=["The end"]) == made


def test_what_rules_do_not_show_is_taken_from_the_declared_flow() -> None:
    declared = flow(WHOLE)
    made = export("order", rules_of(declared), declared)
    again = loaded(text(made))
    assert again == made.flow
    assert said(rules_of(again)) == said(rules_of(declared))
    assert (again.namespace, again.services) == (declared.namespace, declared.services)
    assert (again.ends_success, again.ends_failure) == (
        declared.ends_success,
        declared.ends_failure,
    )
    [review] = [entry for entry in again.entries if entry.optional]
    assert (review.name, review.within_s) == ("fraud process check", 28800.0)
    assert text(export("order", rules_of(again), again)) == text(made)


def test_an_option_that_is_demanded_still_is_left_out() -> None:
    declared = flow("workflow: order\nsteps:\n  paid: {on: payment process placed, optional: true}")
    made = export("order", RULES, declared)
    assert said(rules_of(loaded(text(made)))) == said(RULES)


def test_circles_are_left_out_and_named() -> None:
    back = InForce((PACKED.name,), (Step("shop", "send", "placed"),))
    start = InForce(("payment process placed",), (Step("payment", "send", "paid"),))
    made = export("order", [*RULES, back, start])
    assert len(made.left_out) == 2  # one way back for each way there
    content = text(made)
    assert content.count("# Left out, for it closes a circle: ") == 2
    assert said(rules_of(loaded(content))) == said([*RULES, back, start]) - said(
        list(made.left_out)
    )


def test_a_flow_is_written_as_it_was_read() -> None:
    declared = flow(WHOLE)
    assert loaded(written(declared)) == declared
    only_ends = flow("workflow: order\nends: {failure: a send b}")
    assert loaded(written(only_ends)) == only_ends


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.5, "500ms"), (30.0, "30s"), (90.0, "90s"), (60.0, "1m"), (86400.0, "1d"), (1.25, "1250ms")],
)
def test_times_are_written_as_people_would(value: float, shown: str) -> None:
    assert seconds(value) == shown


# Any characters, and those that trouble YAML or the names of steps often.
WORDS = st.one_of(
    st.text(max_size=8).filter(lambda s: s.isprintable() or max(s, default="") < "\ud800"),
    st.sampled_from(
        ["send", "a send b", "on", "null", "1", "#", ": ", "- x", "{id}", "a, b", "ä😀"]
    ),
    st.just("long " * 45),
)
STEPS = st.lists(
    st.builds(
        Step,
        WORDS,
        st.sampled_from(["process", "receive", "send", "serve", "call"]),
        WORDS,
        st.one_of(st.none(), WORDS),
    ),
    min_size=3,
    max_size=7,
    unique_by=lambda step: step.name,
)


@st.composite
def models(draw: st.DrawFn) -> list[InForce]:
    """Rules that lead from earlier steps to later ones, each once."""
    steps = draw(STEPS)
    names = [step.name for step in steps]
    rules: dict[Any, InForce] = {}
    for _ in range(draw(st.integers(1, 6))):
        cut = draw(st.integers(1, len(steps) - 1))
        before, after = st.sampled_from(names[:cut]), st.sampled_from(steps[cut:])
        any_of = draw(st.lists(after, min_size=1, max_size=3, unique=True))
        compensates = draw(st.lists(before, max_size=2, unique=True))
        requires = draw(st.lists(before, min_size=not compensates, max_size=2, unique=True))
        handover = draw(st.lists(st.sampled_from(names), max_size=1))
        mine = {step.name for step in any_of}
        rule = InForce(
            tuple(requires),
            tuple(any_of),
            tuple(set(handover) - mine - set(requires)),
            draw(st.sampled_from([0.0, 0.5, 90.0, 1.7, 0.1 + 0.2])),
            draw(st.booleans()),
            tuple(compensates),
            note=draw(WORDS),
        )
        rules[frozenset(requires), frozenset(mine)] = rule
    return list(rules.values())


@settings(max_examples=30, deadline=None, database=None)
@given(models())
def test_any_rules_come_back_the_same(rules: list[InForce]) -> None:
    made = export("some workflow: #1", rules)
    content = text(made, head=["\x00\u2028 head"])
    again = read(content.encode(), "exported.yaml")
    assert again == made.flow
    assert not made.left_out
    assert said(rules_of(again)) == said(rules)
