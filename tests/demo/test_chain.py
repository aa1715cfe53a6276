"""A healthy order, seen as the collector sees it."""

from .demo_process import DemoProcess
from .orders import spans_of, wait_for
from .otlp_receiver import OtlpReceiver

CHAIN = (
    ("fulfilment-payment", "order.placed", None, ["INSERT", "payment.taken create"]),
    ("fulfilment-stock", "payment.taken", "stock.reserved", ["SELECT", "INSERT"]),
    ("fulfilment-cd", "stock.reserved", "parcel.packed", ["INSERT"]),
    ("fulfilment-invoice", "parcel.packed", "invoice.issued", ["INSERT", "SELECT"]),
    ("fulfilment-shipping", "invoice.issued", "order.shipped", ["INSERT"]),
    ("fulfilment-checkout", "order.shipped", None, ["UPDATE"]),
)


def test_an_order_passes_all_six_services(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    [order_id] = demo.place()
    wait_for(receiver, [order_id])
    spans = spans_of(receiver, order_id)
    assert len({span.trace_id for span in spans}) == 1
    [root] = [span for span in spans if not span.parent_id]
    assert (root.service, root.name, root.kind) == (
        "fulfilment-checkout",
        "POST /orders",
        "SERVER",
    )
    assert root.attributes["order.id"] == order_id
    [create] = [span for span in spans if span.name == "order.placed create"]
    assert (create.parent_id, create.kind) == (root.span_id, "PRODUCER")
    [publish] = [span for span in spans if span.name == "order.placed publish"]
    assert (publish.parent_id, publish.kind) == (create.span_id, "PRODUCER")
    [taken] = [span for span in spans if span.name == "payment.taken create"]
    for service, consumed, published, statements in CHAIN:
        [process] = [span for span in spans if span.name == f"{consumed} process"]
        assert (process.service, process.kind) == (service, "CONSUMER")
        # FastStream hangs all that is returned, and what follows from it, under the first message.
        first = create if consumed == "order.placed" else taken
        assert process.parent_id == first.span_id
        assert process.attributes["messaging.destination_publish.name"] == consumed
        inner = [span for span in spans if span.parent_id == process.span_id]
        assert {span.service for span in inner} == {service}
        inner.sort(key=lambda span: span.started_at)
        names = [*statements, *([f"{published} publish"] if published else [])]
        assert [span.name for span in inner] == names
        assert all(s.attributes["db.system.name"] == "sqlite" for s in inner if s.kind == "CLIENT")
        told = process.attributes.get("order.id")
        assert told == (None if service == "fulfilment-invoice" else order_id)


def test_every_service_has_a_resource_of_its_own(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    [order_id] = demo.place()
    wait_for(receiver, [order_id])
    resources = {span.service: span.resource for span in spans_of(receiver, order_id)}
    assert len(resources) == 6
    assert {resource["service.namespace"] for resource in resources.values()} == {"fulfilment"}
    assert all(resource["service.version"] for resource in resources.values())
    assert len({resource["service.instance.id"] for resource in resources.values()}) == 6


def test_health_checks_leave_no_spans(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    for service in demo.get("/state")["services"]:
        if service["service"] == "marketplace-loyalty":
            assert not service["up"], "it isn't there from the beginning"
            continue
        assert demo.client.get(f"{service['url']}/healthz").json() == {"status": "ok"}
    wait_for(receiver, demo.place())
    assert not [span for span in receiver.spans if "healthz" in span.name]


def test_customers_place_orders_at_a_rate(demo: DemoProcess, receiver: OtlpReceiver) -> None:
    before = demo.get("/traffic")["sent"]
    assert demo.post("/traffic", rate=20, system="fulfilment").json()["rate"] == 20
    placed = [span.attributes["order.id"] for span in receiver.spans if span.name == "POST /orders"]
    while demo.get("/traffic")["accepted"] < before + 10:
        pass
    traffic = demo.post("/traffic", rate=0, system="fulfilment").json()
    assert traffic["refused"] == 0
    last = traffic["systems"][0]["last_order_id"]
    assert last not in placed
    wait_for(receiver, [last])
