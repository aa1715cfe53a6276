"""What is learned from orders, by the whole learner on a real engine.

Every story is a workflow of its own; one lesson learns them all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.flows import model as flows
from collector.flows.model import Entry, Flow
from collector.jobs.learning import Learner, Lesson
from collector.schema.migrate import migrate
from tests.jobs import told_orders as told
from tests.jobs.told_orders import DAWN, SECOND, Order, shop, tell, wait

NOW = DAWN + 100_000 * SECOND
A, B, C, D, E = (f"{name} send {name}" for name in ("a", "b", "c", "d", "e"))
SEEDS = (1, 2, 3, 4, 5)
DECLARED = Flow(
    "declared",
    (
        Entry("begin", (flows.Step("a", "send", "a"),)),
        Entry("end", (flows.Step("b", "send", "b"),), after=((A,),), within_s=77.0),
    ),
    ends_success=(B,),
)


@dataclass
class Taught:
    """What the model in force says."""

    before: Lesson
    lesson: Lesson
    rules: list[dict[str, Any]]
    waits: list[dict[str, Any]]
    models: dict[str, dict[str, Any]]

    def says(self, workflow: str) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
        return {(tuple(r["requires"]), tuple(r["steps"])) for r in self.of(workflow)}

    def of(self, workflow: str) -> list[dict[str, Any]]:
        return [rule for rule in self.rules if rule["workflow"] == workflow]

    def rule(self, workflow: str, *requires: str) -> dict[str, Any]:
        (found,) = [r for r in self.of(workflow) if tuple(r["requires"]) == requires]
        return found

    def edge(self, workflow: str, last: str) -> dict[str, Any]:
        (found,) = [w for w in self.waits if w["workflow"] == workflow and w["last"] == last]
        return found


def chain(count: int, *steps: str, first: float = 0.0, took: float = 0.3) -> list[Order]:
    """Orders that take these steps one after the other, one order a second."""
    orders = []
    for number in range(count):
        order = Order(first + number)
        last = None
        for step in steps:
            last = order.take(step, last, took)
        orders.append(order)
    return orders


def blind(orders: list[Order]) -> list[Order]:
    """The same orders when nothing is known to have led to anything."""
    for order in orders:
        for step in order.steps:
            step.cause = ""
    return orders


def lost(orders: list[Order], numbers: range, *steps: str) -> list[Order]:
    return [o.without(*steps) if n in numbers else o for n, o in enumerate(orders)]


def notified_first(count: int) -> list[Order]:
    """Every order is mailed about long before it is sent, but not sent because of that."""
    orders = []
    for number in range(count):
        order = Order(number)
        a = order.take(A)
        order.take(B, a, 0.2)
        order.take(C, a, 30.0)
        orders.append(order)
    return orders


def late_branch(count: int) -> list[Order]:
    """Two branches meet; the quick one is never last, and stops in one order of eight."""
    orders = []
    for number in range(count):
        order = Order(number)
        a = order.take(A)
        slow = order.take("meet process slow", a, 1.0)
        if number % 8:
            order.take("meet process quick", a, 0.1)
            order.take("meet send met", slow, 0.1)
        else:
            order.take(D, a, 0.1)
        orders.append(order)
    return orders


def another_way(count: int) -> list[Order]:
    """One order in fifty gets to c another way than by b."""
    orders = []
    for number in range(count):
        order = Order(number)
        a = order.take(A)
        by = order.take(B if number % 50 else D, a, 0.2)
        order.take(C, by, 0.3)
        orders.append(order)
    return orders


def seen_at_once(count: int) -> list[Order]:
    """The spans of all but the last step arrive together; one order in ten takes a detour."""
    orders = []
    for number in range(count):
        order = Order(number)
        a = order.take(A)
        by = order.take(D, a, 0.2) if number % 10 == 0 else a
        order.take(C, by, 0.3)
        for step in order.steps[:-1]:
            step.seen = 1.0
        order.steps[-1].seen = 4.0 if number % 10 == 0 else 2.0
        orders.append(order)
    return orders


def calls(count: int) -> list[Order]:
    """A page of a shop calls one service after the other; which of two it then calls, varies, and
    so does whether these two, which it doesn't wait for, come in this or that order."""
    orders = []
    for number in range(count):
        order = Order(number)
        page = order.take("front serve /")
        order.take("cart serve /cart", page, 0.1)
        order.take(f"{'ads' if number % 3 else 'offers'} serve /show", page, 0.2)
        order.take("mail process seen", page, 0.1 + number % 2)
        order.take("log process seen", page, 0.6)
        orders.append(order)
    return orders


def messy(count: int) -> list[Order]:
    """Runs of forty operations each, of a thousand that there are."""
    chance = random.Random(1)
    orders = []
    for number in range(count):
        order = Order(number)
        last = order.take("front serve /")
        for _ in range(40):
            after = chance.choice([last, order.steps[0]])
            last = order.take(f"s{chance.randrange(1000)} serve /x", after, 0.01)
        orders.append(order)
    return orders


def tell_stories(engine: Engine) -> None:
    for seed in SEEDS:
        tell(engine, shop(300, seed, declined=0.05, rejected=0.05), f"shop {seed}")
    tell(engine, blind(shop(300, 7)), "shop in the dark")
    tell(engine, chain(25, A, B, C), "few")
    tell(engine, chain(15, A, B, C), "too few")
    tell(engine, lost(chain(25, A, B), range(7, 8), B), "one lost")
    tell(engine, lost(chain(300, A, B), range(250, 270), B), "burst")
    tell(engine, lost(chain(400, A, B), range(0, 400, 12), B), "variant")
    tell(engine, lost(chain(400, A, B), range(0, 400, 12), B), "declared")
    tell(engine, notified_first(60), "mail first")
    tell(engine, blind(chain(60, A, B, C)), "in the dark")
    tell(engine, messy(300), "messy")
    tell(engine, calls(60), "calls")
    tell(engine, late_branch(80), "late branch")
    tell(engine, another_way(400), "another way")
    tell(engine, seen_at_once(200), "at once")

    stopped = lost(chain(300, A, B, C), range(100, 300), B, C)
    tell(engine, stopped, "stopped")
    wait(engine, stopped[100:], "edge_stopped", B, workflow="stopped")

    renamed = chain(300, A, B, C) + chain(40, A, D, C, first=300)
    tell(engine, renamed, "renamed")
    wait(engine, renamed[300:], "flow_changed", B, workflow="renamed", state="in_progress")
    just = chain(300, A, B, C) + chain(8, A, D, C, first=300)
    tell(engine, just, "just renamed")
    wait(engine, just[300:], "flow_changed", B, workflow="just renamed", state="in_progress")
    inserted = chain(300, A, C) + chain(40, A, B, C, first=300)
    tell(engine, inserted, "inserted")
    removed = chain(300, A, B, C) + chain(40, A, C, first=300)
    tell(engine, removed, "removed")
    added = chain(300, A, B) + chain(40, A, B, C, first=300)
    tell(engine, added, "added")

    failing = chain(200, A, B, C)
    for order in failing[::10]:
        order.steps = order.steps[:2]
        order.steps[1].failed = True
    tell(engine, failing, "failing")
    wait(engine, failing[::10], "dead", B, workflow="failing", state="failed")

    gaps = chain(200, A, B, C)
    for order in gaps[::20]:
        del order.steps[1]
    tell(engine, gaps, "gaps")

    overtaken = chain(300, A, B, took=1.0)
    overtaken[150].steps[1].at = 31.0
    tell(engine, overtaken, "overtaken")
    queue = chain(300, A, B, took=1.0)
    for number, order in enumerate(queue[200:238]):
        order.steps[1].at = 21.0 - 0.5 * number
    tell(engine, queue, "queue")

    tell(engine, shop(120, 3), "told")
    tell(engine, shop(120, 3)[::-1], "told backwards")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taught]:
    engine = open_engine(f"chdb://{tmp_path_factory.mktemp('lessons')}")
    try:
        migrate(engine, NOW)
        tell_stories(engine)
        learner = Learner(engine)
        before = learner.learn(NOW, 0, [DECLARED])
        lesson = learner.learn(NOW + SECOND, before.model_at, [DECLARED])
        inside = "WHERE model_at = (SELECT max(model_at) FROM models)"
        yield Taught(
            before,
            lesson,
            engine.query(
                "SELECT *, any_of.step AS steps, toUnixTimestamp64Nano(valid_from) AS valid "
                f"FROM rules {inside} ORDER BY rule"
            ).to_pylist(),
            engine.query(f"SELECT * FROM waits {inside}").to_pylist(),
            {m["workflow"]: m for m in engine.query(f"SELECT * FROM models {inside}").to_pylist()},
        )
    finally:
        engine.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_flow_from_three_hundred_orders(taught: Taught, seed: int) -> None:
    """Choices, a join of branches, a join of ways, a detour: nothing missing, nothing more."""
    assert taught.says(f"shop {seed}") == told.SHOP_RULES
    for rule in taught.of(f"shop {seed}"):
        detour = (told.REVIEWED,) if told.RESERVED in rule["steps"] else ()
        assert tuple(rule["handover"]) == detour
        assert rule["share"] >= 0.97
    # there is another way to what follows, but not from here
    assert taught.rule(f"shop {seed}", told.REJECTED)["implied_by"] == [told.CANCELLED]


def test_a_branch_that_is_never_last_is_waited_for_too(taught: Taught) -> None:
    met = [r for r in taught.of("late branch") if r["steps"] == ["meet send met"]]
    assert [r["requires"] for r in met] == [["meet process quick", "meet process slow"]]


def test_a_rare_way_to_a_step_is_a_rule_of_its_own(taught: Taught) -> None:
    assert taught.says("another way") == {((A,), (B, D)), ((B,), (C,)), ((D,), (C,))}


def test_a_detour_has_waits_of_its_own(taught: Taught) -> None:
    """Also when it is seen in the same moment as what it hands over from."""
    assert taught.says("at once") == {((A,), (C,))}
    assert taught.rule("at once", A)["handover"] == [D]
    waits = {last: taught.edge("at once", last) for last in (A, D)}
    assert {last: (edge["n"], edge["median_s"]) for last, edge in waits.items()} == {
        A: (180, pytest.approx(1.0)),
        D: (20, pytest.approx(3.0)),
    }


def test_without_causes_most_of_the_flow(taught: Taught) -> None:
    found = taught.says("shop in the dark")
    assert len(found & told.SHOP_RULES) >= 6


def test_twenty_orders_are_enough_and_fifteen_are_not(taught: Taught) -> None:
    assert taught.says("few") == {((A,), (B,)), ((B,), (C,))}
    assert taught.says("too few") == set()


def test_one_lost_order_does_not_cost_the_rule(taught: Taught) -> None:
    assert taught.says("one lost") == {((A,), (B,))}


def test_a_burst_of_losses_is_a_fault_and_even_misses_are_a_variant(taught: Taught) -> None:
    assert taught.says("burst") == {((A,), (B,))}
    assert taught.says("variant") == set()


def test_an_outage_longer_than_all_health_unlearns_nothing(taught: Taught) -> None:
    assert taught.says("stopped") == {((A,), (B,)), ((B,), (C,))}


def test_order_in_time_is_no_cause(taught: Taught) -> None:
    assert taught.says("mail first") == {((A,), (B,)), ((A,), (C,))}


def test_without_causes_the_nearest_forerunner_counts(taught: Taught) -> None:
    assert taught.says("in the dark") == {((A,), (B,)), ((B,), (C,))}


def test_a_renamed_step_takes_the_old_ones_place(taught: Taught) -> None:
    assert taught.says("renamed") == {((A,), (D,)), ((D,), (C,))}
    assert taught.rule("renamed", A)["valid"] == DAWN + round(300.8 * SECOND)


def test_a_few_orders_after_a_deploy_either_step_will_do(taught: Taught) -> None:
    assert ((A,), (B, D)) in taught.says("just renamed")
    assert taught.rule("just renamed", A)["valid"] == 0


def test_a_step_put_between_two_others(taught: Taught) -> None:
    assert taught.says("inserted") == {((A,), (B,)), ((B,), (C,))}


def test_a_removed_step_is_not_waited_for(taught: Taught) -> None:
    assert taught.says("removed") == {((A,), (C,))}


def test_a_step_that_a_deploy_adds_is_owed_from_then_on(taught: Taught) -> None:
    assert taught.says("added") == {((A,), (B,)), ((B,), (C,))}
    assert taught.rule("added", B)["valid"] == DAWN + round(301.1 * SECOND)
    assert taught.rule("added", A)["valid"] == 0


def test_a_declared_rule_holds_and_is_measured(taught: Taught) -> None:
    rule = taught.rule("declared", A)
    assert (rule["source"], rule["limit_s"], rule["of"]) == ("declared", 77.0, 399)
    assert taught.edge("declared", A)["n"] == 366
    assert taught.models["declared"]["ends_success"] == [B]


def test_failures_are_no_variant(taught: Taught) -> None:
    assert taught.says("failing") == {((A,), (B,)), ((B,), (C,))}


def test_missing_spans_are_told_from_missing_steps(taught: Taught) -> None:
    """One order in twenty has no span of b, though c came: b happened."""
    rule = taught.rule("gaps", A)
    assert (rule["steps"], rule["share"], rule["implied_by"]) == ([B], 1.0, [C])
    assert taught.models["gaps"]["dropped"] == [("b", pytest.approx(0.05, abs=0.01))]


def test_the_wait_after_having_been_overtaken(taught: Taught) -> None:
    edge = taught.edge("overtaken", A)
    assert edge["n"] == 300
    assert edge["late"] == [pytest.approx(28.0)]  # the next one came and got through in two seconds
    assert edge["median_s"] == pytest.approx(1.0)
    assert edge["armed_per_s"] == pytest.approx(1.0, rel=0.01)


def test_a_queue_overtakes_nobody(taught: Taught) -> None:
    edge = taught.edge("queue", A)
    assert edge["late"] == []
    assert edge["gap_s"] < 20.5


def test_names_without_end_stay_bounded(taught: Taught) -> None:
    assert len(taught.of("messy")) < 100
    assert len(taught.models["messy"]["steps"]) <= 500


def test_models_know_steps_and_how_many_orders_stand_behind_them(taught: Taught) -> None:
    few = taught.models["few"]
    assert (few["mature_orders"], few["steps"]) == (25, [A, B, C])
    assert taught.models["too few"]["mature_orders"] == 15
    assert not taught.lesson.young


def test_the_same_orders_teach_the_same(taught: Taught) -> None:
    """Again, and told in another order: rule for rule, number for number."""
    assert taught.lesson.says == taught.before.says
    numbers = ("requires", "steps", "handover", "seen", "of", "share", "median_s", "p99_s")
    once, twice = (
        sorted([rule[number] for number in numbers] for rule in taught.of(workflow))
        for workflow in ("told", "told backwards")
    )
    assert once == twice != []


def test_what_a_service_calls_next_is_expected(taught: Taught) -> None:
    page, cart = "front serve /", "cart serve /cart"
    assert taught.says("calls") == {
        ((page,), (cart,)),
        ((cart,), ("ads serve /show", "offers serve /show")),
        ((page,), ("mail process seen",)),
        ((page,), ("log process seen",)),
    }
    assert [rule["beside"] for rule in taught.of("calls")].count(True) == 1
    assert taught.rule("calls", cart)["beside"]
