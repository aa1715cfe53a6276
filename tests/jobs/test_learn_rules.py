"""Counts → rules that may hold → rules that hold, without engine or clock."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from collector.jobs.accept import Learned, Measure, accept
from collector.jobs.pair_counts import PairCount
from collector.jobs.propose import Candidate, propose
from collector.jobs.rules import Rule, Step
from collector.jobs.shares import block_share, late_after, tail

B = Step("b", "send", "b", "b")


def rule(*requires: str, to: Step = B, source: str = "learned") -> Rule:
    return Rule("order", requires, (to,), source=source)


def kept(what: Rule, seen: list[int], of: list[int], **more: Any) -> Measure:
    return Measure(
        "order", what.rule, "", of=sum(of), seen=sum(seen), block_of=of, block_seen=seen, **more
    )


def accepted(*measures: Measure, of: list[Candidate], mature: int = 1200) -> Learned:
    return accept(of, measures, mature_orders={"order": mature}, min_orders=20)


def holds(seen: list[int], of: list[int], mature: int = 1200, **more: Any) -> bool:
    what = rule("a")
    learned = accepted(kept(what, seen, of, **more), of=[Candidate(what)], mature=mature)
    return bool(learned.rules)


def test_misses_that_burst_are_a_fault_and_misses_spread_evenly_a_variant() -> None:
    assert holds([100] * 12, [100] * 12)
    assert holds([100] * 8 + [0] * 4, [100] * 12)
    assert not holds([92] * 12, [100] * 12)


def test_small_blocks_do_not_round_a_variant_up() -> None:
    """Nine of ten take the step: the median of blocks of three would be 1."""
    assert block_share([3] * 12, [3, 3, 2, 3, 3, 3, 2, 3, 3, 2, 3, 3]) < 0.97
    assert block_share([4] * 12, [4] * 9 + [1, 0, 0]) >= 0.97
    assert block_share([2] * 12, [2] * 5 + [1] + [2] * 6) >= 0.97
    assert block_share([], []) == 0.0


def test_a_large_block_weighs_more_than_a_small_one() -> None:
    assert block_share([300, 300, 8, 8, 8], [300, 300, 0, 0, 0]) == 1.0


def test_of_few_orders_every_one_must_have_kept_the_rule() -> None:
    assert holds([6], [6])
    assert not holds([5], [6])
    assert not holds([4], [4])
    assert not holds([6], [6], mature=60)  # of a workflow that is hardly known
    assert holds([19], [20])


def test_a_step_that_nobody_takes_any_more_is_not_expected() -> None:
    assert holds([100] * 11 + [81], [100] * 12, since=19)
    assert not holds([100] * 11 + [80], [100] * 12, since=20)


def test_a_rule_that_came_with_a_deploy_is_valid_from_then_on() -> None:
    what = rule("a")
    later = accepted(kept(what, [40], [40], before=300, armed_first=77), of=[Candidate(what)]).rules
    always = accepted(kept(what, [40], [40], before=3, armed_first=77), of=[Candidate(what)]).rules
    assert [r.valid_from for r in (*later, *always)] == [77, 0]


def test_the_second_best_rule_holds_only_if_the_best_does_not() -> None:
    join, one = rule("a", "x"), rule("a")
    candidates = [Candidate(one, unless=join.rule), Candidate(join)]
    full, empty = [100] * 12, [50] * 12
    both = accepted(kept(join, full, full), kept(one, full, full), of=candidates)
    assert [r.requires for r in both.rules] == [("a", "x")]
    second = accepted(kept(join, empty, full), kept(one, full, full), of=candidates)
    assert [r.requires for r in second.rules] == [("a",)]


def test_a_declared_rule_holds_whatever_was_counted() -> None:
    what = rule("a", source="declared")
    (found,) = accepted(kept(what, [10], [100]), of=[Candidate(what)]).rules
    assert (found.seen, found.of) == (10, 100)
    assert len(accepted(of=[Candidate(what)]).rules) == 1


def test_waits_follow_the_latest_blocks() -> None:
    what = rule("a")
    edge = Measure(
        "order",
        what.rule,
        "a",
        n=1200,
        block_median_s=[1.0] * 30 + [2.0] * 12,
        block_p99_s=[4.0] * 30 + [9.0] * 12,
    )
    learned = accepted(kept(what, [100], [100]), edge, of=[Candidate(what)])
    (wait,), (found,) = learned.waits, learned.rules
    assert (wait.median_s, wait.p99_s) == (2.0, 9.0)
    assert found.limit_s == wait.limit_s == late_after(9.0, 1200)


def test_the_limit_is_wide_while_little_is_known() -> None:
    assert late_after(0.1, 1000) == 5
    assert late_after(10, 20) > late_after(10, 1000) > 30


def test_the_tail_of_waits_is_estimated_and_kept_in_bounds() -> None:
    chance = random.Random(1)
    pareto = sorted((chance.paretovariate(4) for _ in range(5000)), reverse=True)
    assert tail(pareto[:100]) == pytest.approx(0.25, abs=0.08)
    assert tail([1000.0, 1.0]) == 0.5
    assert tail([1.0, 1.0, 1.0]) == 0.05
    assert tail([]) == 0.3


def pair(first: str, then: str, both: int, **more: Any) -> PairCount:
    counts: dict[str, Any] = {
        "blocks": [0],
        "both": [both],
        "before": [both],
        "led": both if first != then else 0,
        "direct": both if first != then else 0,
        "beside": 0,
        "caused": both,
        "excused": [0],
        "awaited": [0],
    }
    service, role, operation = then.split()
    return PairCount("order", first, then, service, role, operation, "", **{**counts, **more})


def chain() -> list[PairCount]:
    steps = ("a send a", "b send b", "c send c")
    counts = [pair(step, step, 100) for step in steps]
    counts += [pair(steps[0], steps[1], 100), pair(steps[1], steps[2], 100)]
    counts += [pair(steps[0], steps[2], 100, direct=0)]
    counts += [pair(b, a, 100, before=[0], led=0, direct=0) for a, b in pairwise(steps)]
    return counts


def test_the_same_counts_in_any_order_give_the_same_rules() -> None:
    said = [
        (c.rule.requires, tuple(s.name for s in c.rule.any_of), c.rule.implied_by)
        for c in propose(chain())
    ]
    assert sorted(said) == [
        (("a send a",), ("b send b",), ("c send c",)),
        (("b send b",), ("c send c",), ()),
    ]
    for seed in range(5):
        counts = chain()
        random.Random(seed).shuffle(counts)
        assert propose(counts) == propose(chain())


def test_two_steps_that_each_lead_to_the_other_do_not_hang() -> None:
    loop = [
        pair("a send a", "a send a", 50),
        pair("b send b", "b send b", 50),
        pair("a send a", "b send b", 50, before=[50]),
        pair("b send b", "a send a", 50, before=[50]),
    ]
    assert len(propose(loop)) == 1
