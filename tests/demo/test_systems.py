"""One healthy order in each of the systems, seen as the collector sees it."""

from collections.abc import Iterable
from itertools import pairwise

from .demo_process import DemoProcess, wait_until
from .orders import spans_of, wait_for
from .otlp_receiver import OtlpReceiver, Span


def entries(spans: Iterable[Span]) -> set[tuple[str, str]]:
    """What services did when they were asked or told: no calls, no publications, no statements."""
    return {(span.service, span.name) for span in spans if span.kind in ("SERVER", "CONSUMER")}


def test_three_listeners_hear_of_an_order(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    heard = "marketplace.order.placed process"
    listeners = [(f"marketplace-{name}", heard) for name in ("notification", "seller", "logistics")]
    [order_id] = demo.place(1, "marketplace")
    wait_for(receiver, [order_id], *listeners)
    assert entries(spans_of(receiver, order_id)) == {
        ("marketplace-orders", "POST /orders"),
        *listeners,
    }


def test_a_fourth_listener_joins_and_hears_only_what_is_new(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    loyalty, heard = "marketplace-loyalty", "marketplace.order.placed process"
    before = demo.place(2, "marketplace")
    assert demo.post(f"/services/{loyalty}/start").json()["up"]
    [order_id] = demo.place(1, "marketplace")
    wait_for(receiver, [order_id], (loyalty, heard))
    [own] = [span for span in spans_of(receiver, order_id) if span.service == loyalty][-1:]
    assert "order.id" not in own.attributes, "it is known from the rest of the trace"
    state = demo.post(f"/services/{loyalty}/stop").json()
    assert (state["up"], state["instance_id"]) == (False, None)
    for old in before:
        assert not [span for span in spans_of(receiver, old) if span.service == loyalty]


def test_the_orchestrator_asks_six_in_their_order(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    # The distribution centre has no use for some orders: take one that is fulfilled.
    order_id = next(iter(demo.place(4, "saga", status=201)))
    wait_for(receiver, [order_id], ("saga-orchestrator", "POST /orders"))
    wait_for(receiver, [order_id], ("saga-shipping", "POST /shipments"))
    spans = sorted(spans_of(receiver, order_id), key=lambda span: span.started_at)
    served = [span.service for span in spans if span.kind == "SERVER"]
    names = ("orchestrator", "checkout", "payment", "stock", "cd", "invoice", "shipping")
    assert served == [f"saga-{name}" for name in names]
    told = {span.service for span in spans if span.attributes.get("order.id") == order_id}
    assert told == set(served), "as baggage, it is on the spans of all"
    calls = [span for span in spans if span.kind == "CLIENT" and "url.full" in span.attributes]
    assert [call.attributes["service.peer.name"] for call in calls] == served[1:]


def test_aggregation_asks_four_in_turn(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    [purchase_id] = demo.place(1, "aggregator")
    wait_for(receiver, [purchase_id], ("aggregator-aggregation", "POST /purchases"))
    spans = spans_of(receiver, purchase_id)
    [whole] = [span for span in spans if not span.parent_id]
    calls = [s for s in spans if s.parent_id == whole.span_id and "url.template" in s.attributes]
    calls.sort(key=lambda span: span.started_at)
    asked = [(c.attributes["service.peer.name"], c.attributes["url.template"]) for c in calls]
    assert asked == [
        ("aggregator-member", "/members/{customer}"),
        ("aggregator-balance", "/charges"),
        ("aggregator-merchant", "/payouts"),
        ("aggregator-email", "/letters"),
    ]
    for earlier, later in pairwise(calls):
        assert earlier.ended_at <= later.started_at, "in turn, not at once"


def test_the_store_asks_where_it_needs_an_answer_and_tells_where_not(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    [order_id] = demo.place(1, "store")
    told = "store.order.placed process"
    wait_for(receiver, [order_id], ("store-email", told), ("store-activity", told))
    wait_for(receiver, [order_id], ("store-payment", "POST /payments"))
    wait_for(receiver, [order_id], ("store-order", "POST /orders"))
    spans = spans_of(receiver, order_id)
    assert entries(spans) == {
        ("store-order", "POST /orders"),
        ("store-customer", "GET /customers/{customer}"),
        ("store-product", "GET /products/{sku}"),
        ("store-payment", "POST /payments"),
        ("store-email", told),
        ("store-activity", told),
    }
    shop = {s.service for s in spans if s.attributes.get("db.namespace") == "shop"}
    assert shop == {"store-order", "store-customer", "store-payment"}
    [email] = [s for s in spans if s.service == "store-email" and s.kind == "CONSUMER"]
    assert "order.id" not in email.attributes


def test_a_login_is_two_requests_and_one_id(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    login = demo.service("sync-login")["url"]
    begun = demo.client.post(f"{login}/logins", json={"customer": "CUST-001"}).json()
    wrong = demo.client.post(f"{login}/logins/{begun['login_id']}/code", json={"code": "x"})
    assert wrong.status_code == 401
    right = demo.client.post(
        f"{login}/logins/{begun['login_id']}/code", json={"code": begun["hint"]}
    )
    assert right.json() == {"customer": "CUST-001"}

    def traces() -> set[str]:
        named = [s for s in receiver.spans if s.attributes.get("login.id") == begun["login_id"]]
        return {span.trace_id for span in named if span.kind == "SERVER"}

    wait_until(lambda: len(traces()) == 3, "three requests with the login's id")


def test_recommendations_are_enriched_before_they_are_given(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    url = demo.service("sync-recommendation")["url"]
    items = demo.client.get(f"{url}/recommendations/CUST-001").json()["items"]
    assert len(items) == 3
    assert all(item["price"] > 0 and item["left"] > 0 for item in items)
    wait_until(
        lambda: [s for s in receiver.spans if s.service == "sync-inventory" and s.kind == "SERVER"],
        "inventory's span",
    )


def test_traffic_of_all_systems_is_counted_by_workflow(demo: DemoProcess) -> None:
    demo.post("/traffic", rate=8).raise_for_status()
    wait_until(lambda: demo.get("/traffic")["sent"] > 60, "journeys")
    demo.post("/traffic", rate=0).raise_for_status()

    def answered() -> bool:
        sums = demo.get("/traffic")
        done = sums["accepted"] + sums["declined"] + sums["refused"]
        return bool(sums["sent"] == done)

    wait_until(answered, "all answers")
    traffic = demo.get("/traffic")
    assert traffic["refused"] == 0
    workflows = {w["workflow"]: w for system in traffic["systems"] for w in system["workflows"]}
    assert len(workflows) == 8
    assert all(workflow["sent"] > 0 for workflow in workflows.values())
    assert {name for name, w in workflows.items() if w["declined"]} <= {"saga"}
    assert traffic["sent"] == sum(system["sent"] for system in traffic["systems"])
