"""All six systems, with a fault in each at the same time: what the product says of them.

The tests share one demo and go through its life in the order of this file.
"""

import time
from collections.abc import Callable
from itertools import chain
from typing import Any

import httpx
import pytest

from tests.cli.processes import wait_until

from .demo import Demo
from .pictures import designed

pytestmark = pytest.mark.slow

SYSTEMS = ("fulfilment", "saga", "marketplace", "aggregator", "store", "sync")
KEYED = ("fulfilment", "saga", "marketplace", "aggregator", "store", "login")
KEYLESS = ("store-catalog GET /search", "sync-recommendation GET /recommendations/{customer}")
CD, NOTIFICATION, MERCHANT = "fulfilment-cd", "marketplace-notification", "aggregator-merchant"
EMAIL, LOYALTY = "store-email", "marketplace-loyalty"
FAULTS = (
    (CD, "silent_consumer", 1.0),
    (NOTIFICATION, "silent_consumer", 1.0),
    (MERCHANT, "error", 1.0),
    (EMAIL, "poison_message", 0.5),
    ("saga-cd", "declined", 1.0),
)
PATIENCE_S = 45.0
UNDONE = (
    "saga-cd serve DELETE /parcels/{order_id}",
    "saga-stock serve DELETE /reservations/{order_id}",
    "saga-payment serve DELETE /payments/{order_id}",
    "saga-checkout serve DELETE /checkouts/{order_id}",
)


@pytest.fixture(scope="module")
def broken(demo: Demo) -> Demo:
    """The demo with all faults at once."""
    for service, fault, share in FAULTS:
        demo.fault(fault, "--service", service, "--share", str(share))
    return demo


def listed(demo: Demo, workflow: str, **asked: str) -> list[dict[str, Any]]:
    """All orders of a workflow, as the API lists them."""
    params: dict[str, Any] = {"workflow": workflow, "limit": 1000, "trivial": "true", **asked}
    found: list[dict[str, Any]] = []
    while True:
        page = httpx.get(f"{demo.collector}/api/v1/orders", params=params, timeout=30)
        page.raise_for_status()
        found += page.json()["orders"]
        if not (following := page.json()["next"]):
            return found
        params["next"] = following


def some(demo: Demo, workflow: str, state: str, fits: Callable[[dict[str, Any]], bool]) -> Any:
    """Wait for an order in that state that fits, and return the oldest such order whole."""

    def seen() -> list[dict[str, Any]]:
        return [order for order in listed(demo, workflow, state=state) if fits(order)]

    order = wait_until(seen, f"a {state} order of {workflow} that fits", PATIENCE_S)[-1]
    return demo.ask("order", order["order_id"], "--workflow", workflow)


def steps(order: dict[str, Any]) -> dict[str, str]:
    """What became of each step that was taken."""
    return {step["step"]: step["state"] for step in order["steps"]}


def late(order: dict[str, Any]) -> list[tuple[str, str]]:
    """Who owes what, as far as it is late: (step, diagnosis)."""
    return [(owed["step"], owed["diagnosis"]) for owed in order["owed"] if owed["late"]]


def edges(demo: Demo) -> set[tuple[str, str, str]]:
    """The map's."""
    found = httpx.get(f"{demo.collector}/api/v1/map", timeout=30).raise_for_status().json()
    return {(edge["source"], edge["target"], edge["kind"]) for edge in found["edges"]}


@pytest.mark.timeout(240)
def test_orders_of_every_system_complete(demo: Demo) -> None:
    def known() -> set[str]:
        workflows = demo.summary()["workflows"]
        return {w["workflow"] for w in workflows if w["orders"]["completed"] > 2}

    wait_until(lambda: known() >= set(KEYED), "completed orders of every workflow", 150)


def test_the_map_is_what_was_designed_and_nothing_else(demo: Demo) -> None:
    expected = set(chain.from_iterable(designed(system) for system in SYSTEMS))
    wait_until(lambda: edges(demo) >= expected, "all edges", PATIENCE_S)
    assert edges(demo) == expected
    shop = {source for source, target, _ in expected if target == "db:sqlite:shop"}
    assert shop == {"store-customer", "store-order", "store-payment"}


def test_a_silent_consumer_is_named_and_nobody_else(broken: Demo) -> None:
    step = f"{CD} process stock.reserved"
    order = some(broken, "fulfilment", "stuck", lambda order: order["step"] == step)
    assert late(order) == [(step, "not_consumed")]
    assert order["owed"][0]["sentence"].startswith(f"{CD} did not consume stock.reserved")
    assert steps(order)["fulfilment-stock send stock.reserved"] == "done"


def test_one_branch_is_stuck_and_the_others_go_on(broken: Demo) -> None:
    step = f"{NOTIFICATION} process marketplace.order.placed"
    order = some(broken, "marketplace", "stuck", lambda order: order["step"] == step)
    assert late(order) == [(step, "not_consumed")]
    for other in ("seller", "logistics"):
        assert steps(order)[f"marketplace-{other} process marketplace.order.placed"] == "done"


def test_an_error_of_one_callee_is_an_error_of_the_whole(broken: Demo) -> None:
    order = some(broken, "aggregator", "failed", lambda order: True)
    assert order["service"] in (MERCHANT, "aggregator-aggregation")
    taken = steps(order)
    assert taken["aggregator-balance serve POST /charges"] == "done"
    assert taken[f"{MERCHANT} serve POST /payouts"] == "failed"
    assert "aggregator-email serve POST /letters" not in taken
    [payout] = [s for s in order["steps"] if s["step"] == f"{MERCHANT} serve POST /payouts"]
    assert payout["attempts"] == 3


def test_a_poison_message_fails_its_order_and_is_a_dead_letter(broken: Demo) -> None:
    step = f"{EMAIL} process store.order.placed"
    order = some(broken, "store", "failed", lambda order: order["step"] == step)
    assert "UnreadableError" in str([s["error"] for s in order["steps"] if s["step"] == step])
    assert steps(order)["store-activity process store.order.placed"] == "done"
    assert f"{EMAIL} send store.dead_letter" in steps(order)


def test_what_was_undone_is_compensated(broken: Demo) -> None:
    order = some(broken, "saga", "compensated", lambda order: True)
    undone = [step["step"] for step in order["steps"] if " serve DELETE " in step["step"]]
    assert sorted(undone) == sorted(UNDONE)
    assert "saga-invoice serve POST /invoices" not in steps(order)


def test_half_a_compensation_is_stuck(broken: Demo) -> None:
    began = time.time()
    broken.fault("half_compensation", "--service", "saga-orchestrator")
    order = some(broken, "saga", "stuck", lambda order: order["verdict"] == "compensation_stuck")
    assert [step for step, _ in late(order)][:1] == [UNDONE[2]]
    assert time.time() - began < PATIENCE_S


def test_a_fourth_listener_appears_by_itself(broken: Demo) -> None:
    assert broken.start(LOYALTY) == f"{LOYALTY} runs\n"
    listening = ("topic:marketplace.order.placed", LOYALTY, "messaging")
    wait_until(lambda: listening in edges(broken), "loyalty on the map", PATIENCE_S)


def test_everything_clears_when_the_faults_end(broken: Demo) -> None:
    for service in ("saga-orchestrator", *(service for service, *_ in FAULTS)):
        broken.fault("--clear", service)

    def stuck() -> list[str]:
        return [
            order["order_id"] for name in KEYED for order in listed(broken, name, state="stuck")
        ]

    wait_until(lambda: not stuck(), "nobody to be stuck any more", 90)
    causes = broken.ask("causes")["causes"]
    assert {cause["state"] for cause in causes} <= {"failed"}


def test_it_told_what_became_of_orders(broken: Demo) -> None:
    assert broken.said(f"services  fault on:  {CD} silent_consumer")
    assert broken.said(f"services  fault off: {CD} silent_consumer")
    assert broken.said(f"stuck: {CD} did not consume stock.reserved")
    wait_until(lambda: broken.said(f"orders    ✓ cleared: {CD} did not consume"), "the other line")
    assert broken.fault().startswith("Nothing goes wrong at the moment.")


def test_what_was_sent_was_seen_exactly_once(broken: Demo) -> None:
    """Of what was refused, orders are known that had an id before it failed: aggregator's."""
    httpx.post(f"{broken.control}/traffic", json={"rate": 0}).raise_for_status()

    def traffic() -> dict[str, dict[str, int]]:
        systems = httpx.get(f"{broken.control}/traffic", timeout=10).json()["systems"]
        return {w["workflow"]: w for system in systems for w in system["workflows"]}

    def answered(sent: dict[str, int]) -> bool:
        return sent["sent"] == sent["accepted"] + sent["declined"] + sent["refused"]

    wait_until(lambda: all(answered(sent) for sent in traffic().values()), "all answers")
    time.sleep(2)
    wait_until(lambda: broken.summary()["judged"]["settled"], "rest", 90)
    seen = {name: listed(broken, name) for name in (*KEYED, *KEYLESS)}
    for name, sent in traffic().items():
        ids = [order["order_id"] for order in seen[name]]
        assert len(set(ids)) == len(ids)
        answered_for = sent["accepted"] + sent["declined"]
        assert answered_for <= len(ids) <= sent["sent"], name
        assert sent["refused"] or len(ids) == answered_for, name
    assert len(seen["aggregator"]) > traffic()["aggregator"]["accepted"]
