"""Requests that read aloud: `request(span("placed"), service="orders")`."""

import itertools
import os

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

NOW = 1_700_000_000_000_000_000

_number = itertools.count(1)


def span(name: str = "work", **fields: object) -> Span:
    values: dict[str, object] = {
        "trace_id": os.urandom(16),
        "span_id": os.urandom(8),
        "name": name,
        "kind": Span.SPAN_KIND_SERVER,
        "start_time_unix_nano": NOW + next(_number),
        "end_time_unix_nano": NOW + next(_number),
    }
    return Span(**{**values, **fields})


def unnamed(value: object) -> str | None:
    """For parameters of tests: bytes, which may differ from run to run, aren't part of a name."""
    return type(value).__name__ if isinstance(value, bytes | dict) else None


def request(*spans: Span, service: str = "orders") -> bytes:
    resource = ResourceSpans(scope_spans=[ScopeSpans(spans=spans)])
    attribute = resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = service
    return ExportTraceServiceRequest(resource_spans=[resource]).SerializeToString()
