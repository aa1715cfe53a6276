"""Spans of made-up orders as OTLP requests, made faster than the collector can take them.

An order passes six services in one trace; each handles a message, writes to its database and
publishes the next message: 18 spans with 12 attributes. As from real exporters, a request holds
spans of one service. Requests are built once, by protobuf; then only ids and times change.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

CHAIN = (
    ("checkout", "order.placed"),
    ("payment", "payment.taken"),
    ("stock", "stock.reserved"),
    ("cd", "parcel.packed"),
    ("invoice", "invoice.issued"),
    ("shipping", "order.shipped"),
)
SPANS_A_STEP = 3
SPANS_AN_ORDER = SPANS_A_STEP * len(CHAIN)
BEGAN_NS = 2_000_000_000
"""How long ago the orders of a group began; they take under a second."""

Bytes = NDArray[np.uint8]
Rows = dict[str, Bytes]
"""Values by kind: `trace` and `order` a row an order; `span`, `start` and `end` a row a span."""

_DIGITS = np.frombuffer(b"0123456789ABCDEF", np.uint8)


@dataclass(frozen=True)
class Place:
    """Where values stand in a request: `values[rows[i]]` at `offsets[i]`."""

    kind: str
    offsets: NDArray[np.intp]
    rows: NDArray[np.intp]

    def write(self, body: Bytes, values: Rows) -> None:
        """Put the values there."""
        value = values[self.kind]
        body[self.offsets[:, None] + np.arange(value.shape[1])] = value[self.rows]


@dataclass(frozen=True)
class Template:
    """The request of one service, and the places to fill."""

    body: Bytes
    places: list[Place]


class Orders:
    """Makes groups of `orders` orders: one request a service, to be sent in this order."""

    def __init__(self, orders: int, seed: int) -> None:
        self._orders = orders
        self._random = np.random.default_rng(seed)
        self._templates = [self._template(step) for step in range(len(CHAIN))]

    def others(self, seed: int) -> Orders:
        """The same requests for other orders; building them takes a second or more."""
        made = copy(self)
        made._random = np.random.default_rng(seed)
        return made

    @property
    def spans_a_request(self) -> int:
        """Each request has as many."""
        return self._orders * SPANS_A_STEP

    @property
    def bytes_a_span(self) -> float:
        """Mean size of a span in OTLP."""
        total = sum(len(template.body) for template in self._templates)
        return total / (self.spans_a_request * len(CHAIN))

    def group(self, now_ns: int) -> list[bytes]:
        """The requests of new orders that began two seconds ago."""
        values = self._values(now_ns)
        requests = []
        for template in self._templates:
            body = template.body.copy()
            for place in template.places:
                place.write(body, values)
            requests.append(body.tobytes())
        return requests

    def _values(self, now_ns: int) -> Rows:
        orders, spans = self._orders, self._orders * SPANS_AN_ORDER
        waits = self._random.lognormal(np.log(20e6), 0.6, (orders, SPANS_AN_ORDER))
        ends = np.cumsum(waits, axis=1)
        starts = ends - waits
        # What handles a message ends after the two spans within it.
        ends[:, ::SPANS_A_STEP] = ends[:, SPANS_A_STEP - 1 :: SPANS_A_STEP]
        return {
            "trace": self._bytes(orders, 16),
            "order": _DIGITS[self._bytes(orders, 16) & 15],
            "span": self._bytes(spans, 8),
            "start": _fixed64(now_ns - BEGAN_NS + starts.astype(np.int64)),
            "end": _fixed64(now_ns - BEGAN_NS + ends.astype(np.int64)),
        }

    def _bytes(self, rows: int, width: int) -> Bytes:
        return self._random.integers(1, 256, (rows, width), np.uint8)

    def _template(self, step: int) -> Template:
        """Every order gets the same marks; the n-th found is the n-th order's."""
        marks: Rows = {
            "trace": self._bytes(1, 16),
            "order": _DIGITS[self._bytes(1, 16) & 15],
            **{kind: self._bytes(SPANS_AN_ORDER, 8) for kind in ("span", "start", "end")},
        }
        body = _request(step, self._orders, marks)
        places = []
        for kind, mark in marks.items():
            for row, value in enumerate(mark):
                offsets = _all_of(value.tobytes(), body)
                order = np.arange(len(offsets)) * self._orders // max(len(offsets), 1)
                places.append(Place(kind, offsets, order * len(mark) + row))
        return Template(np.frombuffer(body, np.uint8), [p for p in places if len(p.offsets)])


def _all_of(mark: bytes, body: bytes) -> NDArray[np.intp]:
    found = []
    at = body.find(mark)
    while at >= 0:
        found.append(at)
        at = body.find(mark, at + len(mark))
    return np.array(found, np.intp)


def _fixed64(times: NDArray[np.int64]) -> Bytes:
    return np.ascontiguousarray(times.reshape(-1, 1), "<i8").view(np.uint8)


def _request(step: int, orders: int, marks: Rows) -> bytes:
    service, topic = CHAIN[step]
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.extend(
        _attributes(
            {
                "service.name": service,
                "service.namespace": "benchmark",
                "service.version": "1.4.2",
                "service.instance.id": f"{service}-7d9f8b6c5-x2x4q",
                "host.name": "node-3.eu-central.internal",
                "telemetry.sdk.language": "python",
                "telemetry.sdk.name": "opentelemetry",
            }
        )
    )
    scope = resource.scope_spans.add()
    scope.scope.name = "opentelemetry.instrumentation.benchmark"
    order_id = marks["order"][0].tobytes().decode()
    ids = [row.tobytes() for row in marks["span"]]
    first = step * SPANS_A_STEP
    for position, (name, kind, attributes) in enumerate(_step(step, service, topic)):
        number = first + position
        parent = first if position else first - 1  # the publish span of the step before
        scope.spans.add(
            trace_id=marks["trace"][0].tobytes(),
            span_id=ids[number],
            parent_span_id=ids[parent] if parent >= 0 else b"",
            name=name,
            kind=kind,
            start_time_unix_nano=int.from_bytes(marks["start"][number].tobytes(), "little"),
            end_time_unix_nano=int.from_bytes(marks["end"][number].tobytes(), "little"),
            attributes=_attributes({**attributes, "order.id": order_id}),
        )
    one = list(scope.spans)
    for _ in range(orders - 1):
        scope.spans.extend(one)
    return request.SerializeToString()


def _step(
    step: int, service: str, topic: str
) -> list[tuple[str, Span.SpanKind, dict[str, str | int]]]:
    """What a service does for an order: name, kind and eleven attributes of each span."""
    before = CHAIN[step - 1][1]
    messaging: dict[str, str | int] = {
        "messaging.system": "nats",
        "messaging.client.id": f"{service}-7d9f8b6c5-x2x4q",
        "messaging.message.body.size": 412,
        "messaging.message.conversation_id": "3f1c9a52-8a42-4f0e-9a0e-1d2b3c4d5e6f",
        "server.address": "nats.messaging.svc.cluster.local",
        "server.port": 4222,
        "network.transport": "tcp",
        "thread.name": "asyncio_0",
    }
    taken = {
        **messaging,
        "messaging.operation.type": "process",
        "messaging.destination.name": before,
        "messaging.consumer.group.name": f"{service}-{before}",
    }
    asked: dict[str, str | int] = {
        "http.request.method": "POST",
        "http.route": "/orders",
        "http.response.status_code": 202,
        "url.path": "/orders",
        "url.scheme": "http",
        "server.address": "checkout.shop.svc.cluster.local",
        "server.port": 8000,
        "client.address": "10.42.0.17",
        "network.protocol.version": "1.1",
        "user_agent.original": "python-httpx/0.28.1",
        "thread.name": "asyncio_0",
    }
    stored: dict[str, str | int] = {
        "db.system.name": "postgresql",
        "db.namespace": service,
        "db.collection.name": f"{service}_orders",
        "db.operation.name": "INSERT",
        "db.query.text": f"INSERT INTO {service}_orders (id, state) VALUES ($1, $2)",
        "db.response.returned_rows": 1,
        "server.address": f"{service}-db.shop.svc.cluster.local",
        "server.port": 5432,
        "network.transport": "tcp",
        "thread.name": "asyncio_0",
        "code.function.name": f"{service}.repository.insert",
    }
    sent = {
        **messaging,
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
        "code.function.name": f"{service}.events.publish",
    }
    return [
        (f"{before} process", Span.SPAN_KIND_CONSUMER, taken)
        if step
        else ("POST /orders", Span.SPAN_KIND_SERVER, asked),
        (f"INSERT {service}_orders", Span.SPAN_KIND_CLIENT, stored),
        (f"{topic} send", Span.SPAN_KIND_PRODUCER, sent),
    ]


def _attributes(values: dict[str, str | int]) -> list[KeyValue]:
    return [
        KeyValue(
            key=key,
            value=AnyValue(int_value=value)
            if isinstance(value, int)
            else AnyValue(string_value=value),
        )
        for key, value in values.items()
    ]
