"""Where the id of an order is found on a span."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.keys import Workflow, sources
from tests.correlation.worlds import Told, digest, exported, spans, world_of

Place = Callable[[str], str]

ORDER = Workflow(
    "order",
    ("order.id", "order_id"),
    message_keys=("orders.*",),
    routes=("/shop/{order.id}/**",),
    subjects=("order.{order.id}.>",),
)
PARCEL = Workflow("parcel", ("parcel.id",))
TRIP = Workflow("trip", ("order.id",), namespace="rail")
RIDE = Workflow("ride", ("order.id",), services=("taxi", "bus"))
SENT = {"messaging.system": "kafka", "messaging.operation.type": "send"}

CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "attribute": ({"attributes": {"order.id": "A-1"}}, [("order", "A-1")]),
    "first name wins": ({"attributes": {"order_id": "b", "order.id": "a"}}, [("order", "a")]),
    "empty is none": ({"attributes": {"order.id": "  ", "order_id": "b"}}, [("order", "b")]),
    "trimmed": ({"attributes": {"order.id": " A 1\n"}}, [("order", "A 1")]),
    "number": ({"attributes": {"order.id": 4711}}, [("order", "4711")]),
    "emoji": ({"attributes": {"order.id": "🛒"}}, [("order", "🛒")]),
    "long": ({"attributes": {"order.id": "x" * 20_000}}, [("order", "x" * 10_240)]),
    "two workflows": (
        {"attributes": {"order.id": "a", "parcel.id": "p"}},
        [("order", "a"), ("parcel", "p")],
    ),
    "baggage": ({"attributes": {"baggage.order.id": "a"}}, [("order", "a")]),
    "header": ({"attributes": {"messaging.header.order-id": ["A-1"]}}, [("order", "A-1")]),
    "header as text": ({"attributes": {"messaging.header.order_id": "A-1"}}, [("order", "A-1")]),
    "header as JSON": ({"attributes": {"messaging.header.order-id": '["a"]'}}, [("order", "a")]),
    "event": ({"events": ({}, {"order.id": "a"})}, [("order", "a")]),
    "attribute before event": (
        {"events": ({"order.id": "b"},), "attributes": {"order_id": "a"}},
        [("order", "a")],
    ),
    "links of a batch": (
        {"links": (("t", "a", {"order.id": "a"}), ("t", "b", {"order.id": "b"}))},
        [("order", "a"), ("order", "b")],
    ),
    "resource": ({"resource": {"order.id": "a"}}, [("order", "a")]),
    "message key": (
        {
            "attributes": {
                **SENT,
                "messaging.destination.name": "orders.new",
                "messaging.kafka.message.key": "A-1",
            }
        },
        [("order", "A-1")],
    ),
    "message key elsewhere": (
        {
            "attributes": {
                **SENT,
                "messaging.destination.name": "stock",
                "messaging.kafka.message.key": "A-1",
            }
        },
        [],
    ),
    "route": ({"attributes": {"url.path": "/shop/A%201/items?x=1"}}, [("order", "A 1")]),
    "other route": ({"attributes": {"url.path": "/shops/A1/items"}}, []),
    "named by http.route": (
        {"attributes": {"http.route": "/v1/o/{order_id:str}", "http.target": "/v1/o/A-1"}},
        [("order", "A-1")],
    ),
    "named in another style": (
        {"attributes": {"http.route": "/o/:order_id/x", "url.path": "/o/7/x"}},
        [("order", "7")],
    ),
    "subject": (
        {"attributes": {**SENT, "messaging.destination.name": "order.A1.placed.eu"}},
        [("order", "A1")],
    ),
    "event subject": (
        {"attributes": {**SENT, "cloudevents.event_subject": "order/A1/placed"}},
        [("order", "A1")],
    ),
    "namespace": (
        {"attributes": {"order.id": "a"}, "resource": {"service.namespace": "rail"}},
        [("order", "a"), ("trip", "a")],
    ),
    "service": (
        {"attributes": {"order.id": "a"}, "service": "bus"},
        [("order", "a"), ("ride", "a")],
    ),
    "nothing": ({"attributes": {"customer.id": "a"}}, []),
}


def test_where_a_key_is_found(engine_url: Place) -> None:
    told = [Told(name, name, **given) for name, (given, _) in CASES.items()]
    with world_of(engine_url("chdb"), ORDER, PARCEL, TRIP, RIDE) as here:
        here.take(exported(*told))
        found = spans(here, "orders")
    assert {
        name: [tuple(order.values()) for order in found[digest(name, 8).hex()]["orders"]]
        for name in CASES
    } == {name: orders for name, (_, orders) in CASES.items()}


def test_names_hold_no_ids(engine_url: Place) -> None:
    """name → (attributes, kind, operation, destination)."""
    send = Span.SPAN_KIND_PRODUCER
    uuid = "8f14e45f-ceea-467f-a11b-0123456789ab"
    cases = {
        f"work {uuid}": ({}, 2, "work {id}", ""),
        "charge card of A7x9": ({"order.id": "A7x9"}, 2, "charge card of {id}", ""),
        "plain": ({"order.id": "a"}, 2, "plain", ""),
        "GET": (
            {"http.method": "GET", "url.path": "/carts/abcd/items/17", "order.id": "abcd"},
            2,
            "GET /carts/{id}/items/{id}",
            "",
        ),
        "send": (
            {**SENT, "messaging.destination": "o.a7.x", "order.id": "a7"},
            send,
            "o.{id}.x",
            "o.{id}.x",
        ),
        "send typed": (
            {**SENT, "messaging.destination.name": "orders", "cloudevents.event_type": "placed"},
            send,
            "orders placed",
            "orders",
        ),
        "send header": (
            {**SENT, "messaging.destination.name": "orders", "messaging.header.type": ["paid"]},
            send,
            "orders paid",
            "orders",
        ),
        "send same": (
            {**SENT, "messaging.destination.name": "paid", "messaging.header.type": "paid"},
            send,
            "paid",
            "paid",
        ),
    }
    told = [
        Told(name, name, name=name, kind=kind, attributes=attributes)
        for name, (attributes, kind, _, _) in cases.items()
    ]
    with world_of(engine_url("chdb")) as here:
        here.take(exported(*told))
        found = spans(here, "operation, destination")
    names = {name: tuple(found[digest(name, 8).hex()].values()) for name in cases}
    assert names == {name: case[2:] for name, case in cases.items()}


def test_what_else_a_span_tells(engine_url: Place) -> None:
    told = Told(
        "t",
        "s",
        kind=Span.SPAN_KIND_CONSUMER,
        resource={"service.version": "1.2", "host.name": "box-7"},
        attributes={
            "messaging.system": "kafka",
            "messaging.destination.name": "orders",
            "messaging.kafka.partition": 3,
            "messaging.kafka.message.offset": 99,
            "messaging.message_id": "m1",
        },
        state="x=y,ot=rv:1;th:c",
    )
    whole = Told("t", "whole", state="ot=th:0")
    with world_of(engine_url("chdb")) as here:
        here.take(exported(told, whole))
        found = spans(
            here,
            "service_version, instance, message_partition, message_offset, message_id, sampled",
        )
    assert list(found[digest("s", 8).hex()].values()) == ["1.2", "box-7", "3", "99", "m1", True]
    assert found[digest("whole", 8).hex()]["sampled"] is False


@pytest.mark.parametrize(
    "template", ["/orders", "/orders/{a}/{b}", "/orders/x-{order.id}", "/{order.id}/{order_id}"]
)
def test_templates_that_hold_no_key_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match="one key"):
        sources([Workflow("order", ("order.id", "order_id"), routes=(template,))])
