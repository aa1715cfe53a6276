"""What the other faults do: to messages, to requests, to undoing, to telemetry, by a deploy."""

from collections.abc import Callable

from .demo_process import DemoProcess, wait_until
from .orders import spans_of, steps_of, wait_for
from .otlp_receiver import OtlpReceiver, Span

EMAIL, PLACED = "store-email", "store.order.placed process"
UNDONE = [
    ("saga-cd", "DELETE /parcels/{order_id}"),
    ("saga-stock", "DELETE /reservations/{order_id}"),
    ("saga-payment", "DELETE /payments/{order_id}"),
    ("saga-checkout", "DELETE /checkouts/{order_id}"),
]


def undoing(receiver: OtlpReceiver, order_id: str) -> list[tuple[str, str]]:
    """What was undone, in its order."""
    spans = sorted(spans_of(receiver, order_id), key=lambda span: span.started_at)
    return [
        (s.service, s.name) for s in spans if s.name.startswith("DELETE /") and s.kind == "SERVER"
    ]


def test_a_poison_message_ends_as_a_dead_letter(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin(EMAIL, "poison_message")
    [order_id] = demo.place(1, "store")
    wait_for(receiver, [order_id], (EMAIL, PLACED))
    demo.end(EMAIL)  # that doesn't heal it
    healthy = demo.place(1, "store")
    wait_for(receiver, [order_id], (EMAIL, "store.dead_letter publish"))
    wait_for(receiver, healthy, (EMAIL, PLACED))
    tries = [s for s in spans_of(receiver, order_id) if (s.service, s.name) == (EMAIL, PLACED)]
    assert [span.failed for span in tries] == [True] * 3
    wait_until(lambda: demo.waiting(EMAIL) == 0, "nothing to wait any more")


def test_a_message_that_comes_twice_is_handled_twice_and_does_no_harm(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("store-order", "duplicate")
    [order_id] = demo.place(1, "store")

    def handled() -> list[Span]:
        return [s for s in spans_of(receiver, order_id) if (s.service, s.name) == (EMAIL, PLACED)]

    wait_until(lambda: len(handled()) == 2, "both")
    wait_for(receiver, [order_id], ("store-order", "POST /orders"))
    published = [s for s in spans_of(receiver, order_id) if s.name == "store.order.placed publish"]
    assert len(published) == 1
    assert not any(span.failed for span in handled())


def test_a_declined_payment_cancels_an_order(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin("fulfilment-payment", "declined")
    [order_id] = demo.place()
    wait_for(receiver, [order_id], ("fulfilment-checkout", "payment.declined process"))
    spans = spans_of(receiver, order_id)
    assert not any(span.failed for span in spans), "saying no is no error"
    assert not [span for span in spans if span.service == "fulfilment-stock"]


def test_a_declined_step_is_undone_in_reverse_order(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("saga-cd", "declined")
    [order_id] = demo.place(1, "saga", status=409)
    wait_for(receiver, [order_id], *UNDONE)
    assert undoing(receiver, order_id) == UNDONE


def test_a_failing_step_is_tried_again_and_then_undone(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("saga-stock", "error")
    url = demo.service("saga-orchestrator")["url"]
    answer = demo.client.post(f"{url}/orders", json=demo.basket)
    assert (answer.status_code, answer.json()["state"]) == (409, "undoing"), "stock can't undo now"
    order_id = answer.json()["order_id"]
    demo.end("saga-stock")
    wait_for(receiver, [order_id], *UNDONE[1:])  # taken up again
    tries = [s for s in spans_of(receiver, order_id) if s.name == "POST /reservations"]
    assert [span.failed for span in tries if span.kind == "SERVER"] == [True] * 3
    assert {s.attributes["error.type"] for s in tries if s.failed} == {"503"}


def test_half_a_compensation_is_taken_up_when_the_fault_ends(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("saga-orchestrator", "half_compensation")
    demo.begin("saga-cd", "declined")
    [order_id] = demo.place(1, "saga", status=409)
    wait_for(receiver, [order_id], *UNDONE[:2])
    wait_for(receiver, [order_id], ("saga-orchestrator", "POST /orders"))
    assert undoing(receiver, order_id) == UNDONE[:2], "the money is still taken"
    demo.end("saga-orchestrator")
    wait_for(receiver, [order_id], *UNDONE)
    assert undoing(receiver, order_id) == UNDONE
    assert len({span.trace_id for span in spans_of(receiver, order_id)}) == 2


def test_a_crashed_callee_fails_the_whole(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin("aggregator-merchant", "crash")
    url = demo.service("aggregator-aggregation")["url"]
    answer = demo.client.post(f"{url}/purchases", json=demo.basket)
    assert answer.status_code == 503
    assert answer.json()["detail"] == "aggregator-merchant does not answer (ConnectError)"
    demo.end("aggregator-merchant")
    assert demo.place(1, "aggregator")

    def unanswered() -> list[Span]:
        failed = [span for span in receiver.spans if span.failed and span.kind == "CLIENT"]
        return [s for s in failed if s.attributes["service.peer.name"] == "aggregator-merchant"]

    wait_until(lambda: len(unanswered()) == 3, "three calls that nobody answered")


def test_dropped_telemetry_hides_a_service_that_works(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("store-payment", "telemetry_dropped")
    [order_id] = demo.place(1, "store")
    wait_for(receiver, [order_id], (EMAIL, PLACED), ("store-order", "POST /orders"))
    assert "store-payment" not in {service for service, _ in steps_of(receiver, order_id)}
    demo.end("store-payment")
    wait_for(receiver, demo.place(1, "store"), ("store-payment", "POST /payments"))


def test_late_telemetry_comes_when_the_fault_ends(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin("store-payment", "telemetry_late")
    [order_id] = demo.place(1, "store")
    wait_for(receiver, [order_id], (EMAIL, PLACED), ("store-order", "POST /orders"))
    assert "store-payment" not in {service for service, _ in steps_of(receiver, order_id)}
    demo.end("store-payment")
    wait_for(receiver, [order_id], ("store-payment", "POST /payments"))


def test_a_deploy_renames_an_event_and_nothing_is_lost(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    payment = "fulfilment-payment"
    before = demo.service(payment)["version"]
    demo.begin(payment, "deploy")
    assert demo.service(payment)["version"] == "1.9.0" != before
    [renamed] = demo.place()
    stock, shipped = "fulfilment-stock", ("fulfilment-checkout", "order.shipped process")
    wait_for(receiver, [renamed], (stock, "payment.captured process"), shipped)
    demo.end(payment)
    assert demo.service(payment)["version"] == before
    [usual] = demo.place()
    wait_for(receiver, [usual], (stock, "payment.taken process"), shipped)
    assert "payment.captured process" not in {name for _, name in steps_of(receiver, usual)}


def test_faults_that_do_not_suit_are_refused(demo: DemoProcess) -> None:
    asked: list[tuple[str, str, Callable[[str], bool]]] = [
        ("aggregator-email", "silent_consumer", lambda s: "can't have" in s),
        ("marketplace-loyalty", "crash", lambda s: "isn't started" in s),
        ("store-email", "half_compensation", lambda s: "can't have" in s),
        ("store-email", "deploy", lambda s: "can't have" in s),
    ]
    for service, fault, explained in asked:
        answer = demo.post("/faults", service=service, fault=fault)
        assert answer.status_code == 422
        assert explained(answer.json()["detail"])
    known = {fault["fault"]: fault["services"] for fault in demo.get("/faults")["known"]}
    assert known["half_compensation"] == ["saga-orchestrator"]
    assert known["deploy"] == ["fulfilment-payment"]
    assert all(known.values())
