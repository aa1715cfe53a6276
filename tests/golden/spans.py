"""Spans that read aloud: `{"does": "payment process order.placed", "under": "sent"}` → OTLP.

`does` is a service, a verb (serve, call, send, create, receive, process, query, work) and what it
is done to. `id` names the span within its order, `under` its parent, `links` the spans it links to;
`trace` names its trace within the order ("" by default). `at` and `took` are seconds from the
order's start. `order` puts the order's id on it (as `order.id`, or under the name given).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

_KINDS = {
    "serve": Span.SPAN_KIND_SERVER,
    "call": Span.SPAN_KIND_CLIENT,
    "query": Span.SPAN_KIND_CLIENT,
    "send": Span.SPAN_KIND_PRODUCER,
    "create": Span.SPAN_KIND_PRODUCER,
    "receive": Span.SPAN_KIND_CLIENT,
    "process": Span.SPAN_KIND_CONSUMER,
    "work": Span.SPAN_KIND_INTERNAL,
}


def trace_id(order: str, trace: str = "") -> bytes:
    """The id of an order's trace; a trace named `shared:…` belongs to all orders of that name."""
    owner = "" if trace.startswith("shared:") else order
    return hashlib.blake2b(f"{owner}/{trace}".encode(), digest_size=16).digest()


def span_id(order: str, trace: str, name: str) -> bytes:
    """The id of a span of an order."""
    owner = "" if trace.startswith("shared:") else order
    return hashlib.blake2b(f"{owner}/{trace}/{name}".encode(), digest_size=8).digest()


def request(order: str, start_ns: int, told: Mapping[str, Any]) -> ExportTraceServiceRequest:
    """One span as an export request of its service."""
    service, verb, what = told["does"].split(" ", 2)
    trace = told.get("trace", "")
    name = told.get("id", told["does"])
    began = start_ns + int(told.get("at", 0) * 1e9)
    attributes = {**_attributes(verb, what), **told.get("attributes", {})}
    if key := told.get("order"):
        attributes["order.id" if key is True else key] = order
    span = Span(
        trace_id=trace_id(order, trace),
        span_id=span_id(order, trace, name),
        parent_span_id=span_id(order, trace, told["under"]) if "under" in told else b"",
        name=f"{what} {verb}" if verb in ("send", "create", "receive", "process") else what,
        kind=_KINDS[verb],
        start_time_unix_nano=began,
        end_time_unix_nano=began + int(told.get("took", 0.05) * 1e9),
        attributes=_pairs(attributes),
    )
    for linked_trace, linked in told.get("links", []):
        span.links.add(
            trace_id=trace_id(told.get("of", order), linked_trace),
            span_id=span_id(told.get("of", order), linked_trace, linked),
        )
    for linked_order, linked_trace, linked in told.get("links_to", []):
        span.links.add(
            trace_id=trace_id(linked_order, linked_trace),
            span_id=span_id(linked_order, linked_trace, linked),
        )
    if error := told.get("error"):
        span.status.code = Status.STATUS_CODE_ERROR
        span.status.message = error
    export = ExportTraceServiceRequest()
    resource = export.resource_spans.add()
    resource.resource.attributes.extend(_pairs({"service.name": service}))
    resource.scope_spans.add().spans.append(span)
    return export


def joined(requests: Iterable[ExportTraceServiceRequest]) -> bytes:
    """Several requests as one."""
    return b"".join(request.SerializeToString() for request in requests)


def _attributes(verb: str, what: str) -> dict[str, str]:
    if verb in ("serve", "call"):
        method, _, route = what.partition(" ")
        return {"http.request.method": method, "http.route": route}
    if verb == "query":
        return {"db.system.name": what}
    if verb == "work":
        return {}
    return {
        "messaging.system": "nats",
        "messaging.destination.name": what,
        "messaging.operation.type": verb,
    }


def _pairs(attributes: Mapping[str, str]) -> list[KeyValue]:
    return [
        KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in attributes.items()
    ]
