"""What each fault does to the orders, and that they go on when it ends."""

import pytest

from .demo_process import DemoProcess, wait_until
from .orders import spans_of, steps_of, wait_for
from .otlp_receiver import OtlpReceiver

CD, STOCK, INVOICE = "fulfilment-cd", "fulfilment-stock", "fulfilment-invoice"


def test_orders_wait_for_a_silent_cd_and_go_on_when_it_is_back(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin(CD, "silent_consumer")
    order_ids = demo.place(3)
    wait_for(receiver, order_ids, (STOCK, "payment.taken process"))
    wait_until(lambda: demo.waiting(CD) == 3, "three messages waiting for cd")
    state = demo.service(CD)
    assert (state["up"], state["fault"]["fault"]) == (True, "silent_consumer")
    assert demo.client.get(f"{state['url']}/healthz").status_code == 200
    for order_id in order_ids:
        steps = steps_of(receiver, order_id)
        assert (STOCK, "stock.reserved publish") in steps
        assert not [name for service, name in steps if service in (CD, INVOICE)]
    demo.end(CD)
    wait_for(receiver, order_ids)
    wait_until(lambda: demo.waiting(CD) == 0, "cd to have drained")


def test_a_fault_ends_by_itself(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin(CD, "silent_consumer", seconds=0.5)
    order_ids = demo.place()
    wait_until(lambda: not demo.get("/faults")["active"], "the end of the fault")
    wait_for(receiver, order_ids)


def test_a_crash_loses_spans_and_the_broker_delivers_again(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    instance = demo.service(CD)["instance_id"]
    demo.begin(CD, "slow_consumer")  # so that the crash finds it at work
    [order_id] = demo.place()
    wait_for(receiver, [order_id], (STOCK, "payment.taken process"))
    demo.begin(CD, "crash")
    state = demo.service(CD)
    assert (state["up"], state["instance_id"]) == (False, None)
    assert demo.waiting(CD) == 1
    demo.end(CD)
    wait_for(receiver, [order_id])
    handled = [s for s in spans_of(receiver, order_id) if s.name == "stock.reserved process"]
    assert len(handled) == 1, "the unfinished one was never exported"
    assert handled[0].resource["service.instance.id"] == demo.service(CD)["instance_id"] != instance


def test_a_failing_handler_is_retried(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    demo.begin(STOCK, "error")
    [order_id] = demo.place()

    def attempts() -> list[bool]:
        return [
            s.failed for s in spans_of(receiver, order_id) if s.name.startswith("payment.taken p")
        ]

    wait_until(lambda: any(attempts()), "a failed attempt")
    demo.end(STOCK)
    wait_for(receiver, [order_id])
    handled = [s for s in spans_of(receiver, order_id) if s.name == "payment.taken process"]
    assert [span.failed for span in sorted(handled, key=lambda s: s.started_at)][-1] is False
    assert sum(span.failed for span in handled) == len(handled) - 1 >= 1


def test_a_lost_message_is_published_but_never_arrives(
    demo: DemoProcess, receiver: OtlpReceiver
) -> None:
    demo.begin(STOCK, "lost_message")
    [order_id] = demo.place()
    wait_for(receiver, [order_id], (STOCK, "stock.reserved publish"))
    demo.end(STOCK)
    wait_for(receiver, demo.place())
    assert demo.waiting(CD) == 0
    assert not [service for service, _ in steps_of(receiver, order_id) if service == CD]


@pytest.mark.parametrize("fault", ["silent_consumer", "slow_consumer", "error"])
def test_a_second_fault_ends_the_first(demo: DemoProcess, fault: str) -> None:
    demo.begin(CD, fault)
    demo.begin(CD, "lost_message")
    assert [active["fault"] for active in demo.get("/faults")["active"]] == ["lost_message"]
