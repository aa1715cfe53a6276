"""Worlds with workflows of their own, and spans of any shape for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.app import parts
from collector.clock import VirtualClock
from collector.keys import Workflow
from tests.golden.world import DAWN, World, settings

Attributes = Mapping[str, Any]


@contextmanager
def world_of(engine_url: str, *workflows: Workflow, **others: Any) -> Iterator[World]:
    """A world with these workflows; the jobs run only when told."""
    clock = VirtualClock(DAWN + 3_600_000_000_000)
    chosen = replace(settings(engine_url), **others)
    if workflows:
        chosen = replace(chosen, workflows=workflows)
    with parts(chosen, clock) as opened:
        yield World(clock, opened)


def digest(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()


@dataclass(frozen=True)
class Told:
    """A span: `trace`, `id` and `under` are names; `links` are (trace, id, attributes)."""

    trace: str
    id: str
    service: str = "shop"
    name: str = "work"
    kind: int = Span.SPAN_KIND_SERVER
    under: str = ""
    at: float = 0.0
    took: float = 0.05
    attributes: Attributes = field(default_factory=dict)
    resource: Attributes = field(default_factory=dict)
    events: tuple[Attributes, ...] = ()
    links: tuple[tuple[str, str, Attributes], ...] = ()
    state: str = ""


def exported(*told: Told) -> bytes:
    """The spans as one request."""
    export = ExportTraceServiceRequest()
    for one in told:
        batch = export.resource_spans.add()
        batch.resource.attributes.extend(_pairs({"service.name": one.service, **one.resource}))
        start = DAWN + int(one.at * 1e9)
        span = Span(
            trace_id=digest(one.trace, 16),
            span_id=digest(one.id, 8),
            parent_span_id=digest(one.under, 8) if one.under else b"",
            name=one.name,
            kind=one.kind,
            start_time_unix_nano=start,
            end_time_unix_nano=start + int(one.took * 1e9),
            attributes=_pairs(one.attributes),
            trace_state=one.state,
        )
        for attributes in one.events:
            span.events.add(name="noted", time_unix_nano=start, attributes=_pairs(attributes))
        for trace, linked, attributes in one.links:
            span.links.add(
                trace_id=digest(trace, 16),
                span_id=digest(linked, 8),
                attributes=_pairs(attributes),
            )
        batch.scope_spans.add().spans.append(span)
    return export.SerializeToString()


def _pairs(attributes: Attributes) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Any) -> AnyValue:
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_value(v) for v in value]))
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(string_value=value)


def spans(here: World, columns: str) -> dict[str, dict[str, Any]]:
    """What the jobs read of each span, by its id in hex."""
    here.clock.advance(1)
    here.parts.runner.tick()
    rows = here.parts.engine.query(f"SELECT SpanId, {columns} FROM spans FINAL").to_pylist()
    return {row.pop("SpanId"): row for row in rows}
