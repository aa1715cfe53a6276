"""Counts → rules, without engine or clock."""

from collector.jobs.learn import PairCount, block_share, expectations, late_after


def pair(after: str, step: str, seen: list[int], of: list[int], **more: int) -> PairCount:
    counts = {"step_orders": sum(seen), "causeless": 0, "direct": sum(seen), "before": sum(seen)}
    return PairCount(
        workflow="order",
        after=after,
        step=step,
        service=step.split(maxsplit=1)[0],
        role="process",
        operation="x",
        destination="x",
        block_of=of,
        block_seen=seen,
        block_median_s=[0.5] * len(of),
        block_p99_s=[1.0] * len(of),
        **{**counts, **more},
    )


def rules(*pairs: PairCount) -> list[tuple[str, str]]:
    return [(rule.after, rule.step) for rule in expectations(pairs)]


def test_a_step_that_always_follows_is_expected() -> None:
    assert rules(pair("a", "b", [100] * 12, [100] * 12)) == [("a", "b")]


def test_an_outage_does_not_erase_the_rule_that_it_breaks() -> None:
    assert rules(pair("a", "b", [100] * 8 + [0] * 4, [100] * 12)) == [("a", "b")]


def test_misses_spread_evenly_are_a_variant() -> None:
    assert rules(pair("a", "b", [92] * 12, [100] * 12)) == []


def test_small_blocks_do_not_round_a_variant_up() -> None:
    """Nine of ten take the step: the median of blocks of three would be 1."""
    assert block_share([3] * 12, [3, 3, 2, 3, 3, 3, 2, 3, 3, 2, 3, 3]) < 0.97


def test_a_burst_in_few_orders_is_an_outage() -> None:
    assert block_share([4] * 12, [4] * 9 + [1, 0, 0]) >= 0.97


def test_one_miss_in_few_orders_is_forgiven() -> None:
    assert block_share([2] * 12, [2] * 5 + [1] + [2] * 6) >= 0.97


def test_no_rule_from_fewer_than_twenty_orders() -> None:
    assert rules(pair("a", "b", [2] * 9, [2] * 9)) == []
    assert rules(pair("a", "b", [2] * 10, [2] * 10)) == [("a", "b")]


def test_without_causes_the_nearest_forerunner_counts() -> None:
    unknown = {"direct": 0, "causeless": 1200}
    near = pair("b", "c", [100] * 12, [100] * 12, **unknown)
    far = pair("a", "c", [100] * 12, [100] * 12, **unknown)
    far = PairCount(**{**far.__dict__, "block_median_s": [2.0] * 12})
    assert rules(near, far) == [("b", "c")]


def test_what_seldom_led_to_a_step_is_no_reason_to_expect_it() -> None:
    odd = pair("a", "c", [100] * 12, [100] * 12, direct=40)
    assert rules(pair("b", "c", [100] * 12, [100] * 12), odd) == [("b", "c")]


def test_later_steps_that_never_come_alone_imply_a_step() -> None:
    chain = [
        pair("a", "b", [100], [100]),
        pair("b", "c", [100], [100]),
        pair("c", "d", [60], [100]),
    ]
    implied = {rule.step: rule.implied_by for rule in expectations(chain)}
    assert implied["b"] == ("c", "d")
    assert implied["c"] == ("d",)


def test_the_limit_is_wide_while_little_is_known() -> None:
    assert late_after(0.1, 1000) == 5
    assert late_after(10, 20) > late_after(10, 1000) > 30


def test_the_same_counts_in_any_order_give_the_same_rules() -> None:
    pairs = [pair(a, b, [50] * 12, [50] * 12) for a, b in [("a", "b"), ("b", "c"), ("a", "c")]]
    assert expectations(pairs) == expectations(reversed(pairs))
