"""A shape: the spans that one way of instrumenting makes, and what must become of them.

Spans are told like this: `span("sent", "shop", "~orders send", PRODUCER, under="placed", …)`. `id`
names the span within its shape; `under` is its parent, whose trace it joins unless `trace` says
otherwise; `links` are the spans it links to (`{"sentA": {…}}` where links have attributes). Every
name of a service gets the shape's name in front, and `~` stands for it in topics, ids and names, so
that many shapes live in one world. `at` and `took` are seconds from the shape's start.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

INTERNAL = Span.SPAN_KIND_INTERNAL
SERVER = Span.SPAN_KIND_SERVER
CLIENT = Span.SPAN_KIND_CLIENT
PRODUCER = Span.SPAN_KIND_PRODUCER
CONSUMER = Span.SPAN_KIND_CONSUMER

Links = Sequence[str] | Mapping[str, Mapping[str, object]]

_NONE: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Told:
    id: str
    service: str
    name: str
    kind: Span.SpanKind.ValueType
    attributes: Mapping[str, object]
    under: str = ""
    trace: str = ""
    links: Links = ()
    at: float = 0.0
    took: float = 0.02
    error: str = ""


@dataclass(frozen=True)
class Shape:
    """`orders`: the ids of the spans of each order, its steps with their causes and its messages.

    `runs`: traces that stay runs of their own, by the ids of their spans. `calls`: what the map
    must show, `source > target` with the number of messages or calls; edges without a topic or a
    database at either end are rpc.
    """

    name: str
    story: str
    spans: Sequence[Told]
    orders: Mapping[str, str]
    steps: Mapping[str, Sequence[str]]
    calls: Mapping[str, int]
    messages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    runs: Sequence[str] = ()

    def named(self, text: str) -> str:
        """Text with the shape's name in it."""
        return text.replace("~", f"{self.name}.")

    def service(self, name: str) -> str:
        return f"{self.name}-{name}"

    def order_id(self, order: str) -> str:
        return f"{self.name}.{order}"

    def trace_of(self, id_: str) -> str:
        told = {one.id: one for one in self.spans}
        one = told[id_]
        while one.under and not one.trace and one.under in told:
            one = told[one.under]
        name = one.trace or one.id
        return hashlib.blake2b(f"{self.name}/{name}".encode(), digest_size=16).hexdigest()

    def span_of(self, id_: str) -> str:
        return hashlib.blake2b(f"{self.name}//{id_}".encode(), digest_size=8).hexdigest()

    def requests(self, start_ns: int) -> Iterator[ExportTraceServiceRequest]:
        """One export request a span."""
        for told in self.spans:
            began = start_ns + int(told.at * 1e9)
            made = Span(
                trace_id=bytes.fromhex(self.trace_of(told.id)),
                span_id=bytes.fromhex(self.span_of(told.id)),
                parent_span_id=bytes.fromhex(self.span_of(told.under)) if told.under else b"",
                name=self.named(told.name),
                kind=told.kind,
                start_time_unix_nano=began,
                end_time_unix_nano=began + int(told.took * 1e9),
                attributes=self._pairs(told.attributes),
            )
            links: Mapping[str, Mapping[str, object]] = (
                told.links if isinstance(told.links, Mapping) else dict.fromkeys(told.links, _NONE)
            )
            for target, attributes in links.items():
                made.links.add(
                    trace_id=bytes.fromhex(self.trace_of(target)),
                    span_id=bytes.fromhex(self.span_of(target)),
                    attributes=self._pairs(attributes),
                )
            if told.error:
                made.status.code = Status.STATUS_CODE_ERROR
                made.status.message = told.error
            export = ExportTraceServiceRequest()
            resource = export.resource_spans.add()
            resource.resource.attributes.extend(
                self._pairs({"service.name": self.service(told.service)})
            )
            resource.scope_spans.add().spans.append(made)
            yield export

    def _pairs(self, attributes: Mapping[str, object]) -> list[KeyValue]:
        return [KeyValue(key=key, value=self._value(value)) for key, value in attributes.items()]

    def _value(self, value: object) -> AnyValue:
        if isinstance(value, bool):
            return AnyValue(bool_value=value)
        if isinstance(value, int):
            return AnyValue(int_value=value)
        return AnyValue(string_value=self.named(str(value)))


def span(
    id: str,
    service: str,
    name: str,
    kind: Span.SpanKind.ValueType,
    attributes: Mapping[str, object] | None = None,
    *,
    order: str = "",
    under: str = "",
    trace: str = "",
    links: Links = (),
    at: float = 0.0,
    took: float = 0.02,
    error: str = "",
) -> Told:
    """A span; `order` puts the order's id on it."""
    keys = {"order.id": f"~{order}"} if order else {}
    return Told(
        id,
        service,
        name,
        kind,
        {**(attributes or {}), **keys},
        under,
        trace,
        links,
        at,
        took,
        error,
    )


def placed(order: str = "A", at: float = 0.0) -> Told:
    """The request that places an order; where nothing else is said, the only span with the key."""
    return span(
        f"placed{order}",
        "shop",
        "POST /orders",
        SERVER,
        {"http.request.method": "POST", "http.route": "/orders"},
        order=order,
        at=at,
        took=0.1,
    )
