"""Every way of instrumenting comes out as the same orders, steps, messages and map."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from collector.api import graph
from collector.api import order as order_api
from collector.api.models import MapEdge, Message, Order
from tests.golden.spans import joined
from tests.golden.world import DAWN, World, world
from tests.shapes import conventions, kafka, kafka_python, nats, rabbitmq, sqs
from tests.shapes.shape import Shape

ALL = [
    shape
    for module in (kafka_python, kafka, rabbitmq, sqs, nats, conventions)
    for shape in module.SHAPES
]
NAMES = [shape.name for shape in ALL]
_MINUTE = 60_000_000_000


@pytest.fixture(scope="module")
def told(engine_url: Callable[[str], str]) -> Iterator[World]:
    """All shapes at once, each the others' counter-example, the last span first."""
    spans = [
        request for n, shape in enumerate(ALL) for request in shape.requests(DAWN + n * _MINUTE)
    ]
    with world(engine_url("chdb")) as here:
        here.take(joined(reversed(spans)))
        here.settle()
        yield here


def order_of(here: World, shape: Shape, order: str) -> Order:
    return order_api.order(here.parts.reader, workflow="order", id=shape.order_id(order))


@pytest.mark.parametrize("shape", ALL, ids=NAMES)
def test_spans_find_their_orders(told: World, shape: Shape) -> None:
    names = {(shape.trace_of(one.id), shape.span_of(one.id)): one.id for one in shape.spans}
    for order, ids in shape.orders.items():
        found = order_api.spans(told.parts.reader, workflow="order", id=shape.order_id(order))
        assert {names[one.trace_id, one.span_id] for one in found.spans} == set(ids.split()), order
    known = {row.order_id: row.span_count for row in told.orders() if row.workflow != "order"}
    runs = {shape.trace_of(ids.split()[0]): len(ids.split()) for ids in shape.runs}
    mine = {shape.trace_of(one.id) for one in shape.spans}
    assert {id_: n for id_, n in known.items() if id_ in mine} == runs


@pytest.mark.parametrize("shape", ALL, ids=NAMES)
def test_steps_know_their_causes(told: World, shape: Shape) -> None:
    for order, steps in shape.steps.items():
        found = [
            step.step
            + (f" ×{step.attempts}" if step.attempts > 1 else "")
            + (f" ← {', '.join(step.causes)}" if step.causes else "")
            for step in order_of(told, shape, order).steps
            if step.state != "owed"
        ]
        wanted = [shape.named(step).split(" ") for step in steps]
        services = {one.service for one in shape.spans}
        assert found == [
            " ".join(
                shape.service(word)
                if word in services and (i == 0 or words[i - 1] == "←")
                else word
                for i, word in enumerate(words)
            )
            for words in wanted
        ], order


@pytest.mark.parametrize("shape", ALL, ids=NAMES)
def test_the_map_counts_messages_once(told: World, shape: Shape) -> None:
    services = {one.service for one in shape.spans}

    def node(name: str) -> str:
        return shape.service(name) if name in services else shape.named(name)

    wanted = {
        (node(edge.split(" > ")[0]), node(edge.split(" > ")[1])): n
        for edge, n in shape.calls.items()
    }
    mine = {shape.service(name) for name in services}
    edges = graph.service_map(told.parts.reader).edges
    found = {
        (edge.source, edge.target): edge.calls
        for edge in edges
        if edge.source in mine or edge.target in mine
    }
    assert found == wanted
    for edge in edges:
        if edge.source in mine or edge.target in mine:
            assert edge.kind == kind_of(shape, edge), edge


def kind_of(shape: Shape, edge: MapEdge) -> str:
    if edge.target.startswith("db:"):
        return "database"
    named = edge.source.startswith("topic:") or edge.target.startswith("topic:")
    nameless = shape.name == "nameless" and edge.source == shape.service("shop")
    return "messaging" if named or nameless else "rpc"


@pytest.mark.parametrize("shape", [one for one in ALL if one.messages], ids=lambda one: one.name)
def test_messages_are_told_by_who_and_whom(told: World, shape: Shape) -> None:
    for order, messages in shape.messages.items():
        found = [said(shape, one) for one in order_of(told, shape, order).messages]
        assert found == [shape.named(message) for message in messages], order


def said(shape: Shape, message: Message) -> str:
    """A message as the shapes tell it."""
    ends = {shape.service(one.service): one.service for one in shape.spans}
    return (
        f"{message.destination}: {ends.get(message.producer or '', 'nobody')} → "
        f"{ends.get(message.consumer or '', 'nobody')}"
        + (f" ×{message.attempts}" if message.attempts > 1 else "")
        + (f", partition {message.partition}" if message.partition is not None else "")
        + (f", offset {message.offset}" if message.offset is not None else "")
        + (f", id {message.message_id}" if message.message_id is not None else "")
    )


def test_facts_keep_where_the_last_attempt_was(told: World) -> None:
    rows = told.parts.engine.query(
        "SELECT `steps.role` AS roles, `steps.partition` AS partitions "
        "FROM order_facts FINAL WHERE order_id = {id:String}",
        {"id": "aiokafka_getone.A"},
    ).to_pylist()
    assert rows[0]["roles"] == ["serve", "send", "receive"]
    assert rows[0]["partitions"] == ["", "0", "0"]


def test_a_message_that_was_taken_twice_is_a_duplicate(told: World) -> None:
    order = order_api.order(told.parts.reader, workflow="order", id="aiokafka_getone.A")
    assert [step.duplicates for step in order.steps] == [0, 0, 1]
    assert [message.duplicates for message in order.messages] == [1]


def test_every_shape_has_a_name_and_a_world_of_its_own() -> None:
    spans: defaultdict[str, set[str]] = defaultdict(set)
    for shape in ALL:
        for one in shape.spans:
            spans[shape.span_of(one.id)].add(f"{shape.name} {one.id}")
    assert len(set(NAMES)) == len(NAMES)
    assert all(len(owners) == 1 for owners in spans.values())
