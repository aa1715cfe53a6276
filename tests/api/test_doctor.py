"""What telemetry lacks is found, by service, with lines to copy; what is whole is called so."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.api.doctor import doctor
from collector.api.doctor_fixes import PROBLEMS, fix
from collector.api.models import Doctor, Finding
from tests.golden.spans import joined
from tests.golden.world import LATER, World, world
from tests.shapes import kafka, kafka_python, nats
from tests.shapes.shape import CONSUMER, PRODUCER, Shape, placed, span

Place = Callable[[str], str]
_RESOURCE = {
    "telemetry.sdk.language": "java",
    "service.version": "1.0",
    "service.instance.id": "a",
}
_TOPIC = {"messaging.system": "kafka", "messaging.destination.name": "~orders"}


def told(shape: Shape, **resource: str) -> list[ExportTraceServiceRequest]:
    requests = list(shape.requests(LATER - 10**9))
    for request in requests:
        request.resource_spans[0].resource.attributes.extend(
            KeyValue(key=key.replace("_", "."), value=AnyValue(string_value=value))
            for key, value in resource.items()
        )
    return requests


def many(shape: Shape, n: int) -> list[ExportTraceServiceRequest]:
    """The same shape n times over, each with its own traces."""
    return [
        request
        for k in range(n)
        for request in told(
            Shape(f"{shape.name}{k}", "", shape.spans, {}, {}, {}), telemetry_sdk_language="nodejs"
        )
    ]


WHOLE = Shape(
    "whole",
    "Everything is there.",
    [
        placed(),
        span(
            "sent",
            "shop",
            "send ~orders",
            PRODUCER,
            {**_TOPIC, "messaging.operation.type": "send", "messaging.message.id": "~1"},
            under="placedA",
        ),
        span(
            "got",
            "stock",
            "process ~orders",
            CONSUMER,
            {**_TOPIC, "messaging.operation.type": "process", "messaging.message.id": "~1"},
            under="sent",
            at=0.1,
        ),
    ],
    {},
    {},
    {},
)
DETACHED = Shape(
    "detached",
    "The consumer knows nothing of its producer; the id has a name that nobody told us.",
    [
        span("sent", "shop", "send ~orders", PRODUCER, {**_TOPIC, "cart_no": "~4711"}),
        span("got", "stock", "process ~orders", CONSUMER, {**_TOPIC, "cart_no": "~4711"}),
        span("odd", "stock", "handle", CONSUMER, {"messaging.system": "kafka"}, under="gone"),
    ],
    {},
    {},
    {},
)


def by_problem(found: Doctor, service: str) -> dict[str, Finding]:
    return {finding.problem: finding for finding in found.findings if finding.service == service}


def test_nothing_and_nothing_wrong(engine_url: Place) -> None:
    with world(engine_url("chdb")) as here:
        empty = doctor(here.parts.reader)
        assert (empty.spans, empty.findings, empty.candidates) == (0, [], [])
        here.take(joined(told(WHOLE, **{k.replace(".", "_"): v for k, v in _RESOURCE.items()})))
        here.settle()
        whole = doctor(here.parts.reader)
        assert whole.spans == 3
        assert whole.services == ["whole-shop", "whole-stock"]
        assert whole.findings == []


@pytest.fixture(scope="module")
def lacking(engine_url: Place) -> Iterator[World]:
    """A world of services that lack all kinds of things."""
    spans = [
        *told(kafka_python.KAFKA_PYTHON, telemetry_sdk_language="python"),
        *told(kafka.JAVA_KAFKA),
        *told(nats.NAMELESS),
        *many(DETACHED, 12),
    ]
    spans[-1].resource_spans[0].scope_spans[0].spans[0].trace_state = "ot=th:8"
    with world(engine_url("chdb")) as here:
        here.take(joined(spans))
        here.settle()
        yield here


@pytest.fixture(scope="module")
def found(lacking: World) -> Doctor:
    return doctor(lacking.parts.reader)


def test_an_order_knows_that_it_is_sampled(lacking: World) -> None:
    rows = lacking.parts.engine.query(
        "SELECT countIf(sampled) AS yes, countIf(NOT sampled) AS no FROM order_facts FINAL"
    ).to_pylist()
    assert rows[0]["yes"] == 1
    assert rows[0]["no"] > 10


def test_handlers_that_begin_new_traces(found: Doctor) -> None:
    finding = by_problem(found, "kafka_python-stock")["handler_detached"]
    assert finding.severity == "error"
    assert kafka_python.KAFKA_PYTHON.trace_of("reserved") in finding.examples
    assert "propagate.extract" in finding.fix


def test_consumers_without_a_parent_or_link(found: Doctor) -> None:
    finding = by_problem(found, "detached0-stock")["consumer_detached"]
    assert finding.share == pytest.approx(0.5)
    assert "SpanKind.CONSUMER" in finding.fix
    assert "no_order_key" in by_problem(found, "detached0-shop")
    assert "consumer_detached" not in by_problem(found, "java_kafka-stock")


def test_what_else_is_missing(found: Doctor) -> None:
    stock = by_problem(found, "detached11-stock")
    assert {"no_destination", "sampled", "no_service_version", "no_instance"} <= set(stock)
    assert "no_destination" in by_problem(found, "nameless-stock")
    old = by_problem(found, "kafka_python-shop")["old_names"]
    assert "messaging.destination" in old.sentence


def test_the_key_is_proposed(found: Doctor) -> None:
    assert [candidate.key for candidate in found.candidates] == ["cart_no"]
    assert "cart_no" in found.candidates[0].fix


def test_every_finding_has_lines_and_the_gravest_come_first(found: Doctor) -> None:
    assert all(finding.fix and finding.sentence for finding in found.findings)
    assert {finding.problem for finding in found.findings} <= set(PROBLEMS)
    rank = {"error": 0, "warning": 1, "info": 2}
    order = [(finding.service, rank[finding.severity]) for finding in found.findings]
    assert order == sorted(order)
    assert all(fix(problem, "cobol") for problem in PROBLEMS)
