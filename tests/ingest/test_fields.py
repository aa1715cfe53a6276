"""Every field of OTLP has a home: what a span says is stored, or excused here by name."""

import base64
import json

from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.engine import Engine
from collector.receivers.nested import as_text, may_hold
from collector.receivers.request import check, storable
from collector.schema import otlp
from collector.schema.migrate import migrate

NOW = 1_790_000_000_000_000_000
# The columns are those of the OpenTelemetry Collector's exporter, which has none for these.
EXCUSED = {
    "ResourceSpans.schema_url": "names the version of the conventions; nobody reads it",
    "ScopeSpans.schema_url": "the same",
    "Resource.dropped_attributes_count": "what a limit of the SDK cut",
    "Resource.entity_refs": "in development",
    "InstrumentationScope.attributes": "the scope's name and version tell which library it was",
    "InstrumentationScope.dropped_attributes_count": "what a limit of the SDK cut",
    "Span.dropped_attributes_count": "what a limit of the SDK cut",
    "Span.dropped_events_count": "what a limit of the SDK cut",
    "Span.dropped_links_count": "what a limit of the SDK cut",
    "Span.flags": "whether the parent is remote; the parent's span tells",
    "Event.dropped_attributes_count": "what a limit of the SDK cut",
    "Link.dropped_attributes_count": "what a limit of the SDK cut",
    "Link.flags": "whether the linked context is remote",
}
HOMES = {
    "Resource.attributes": "ResourceAttributes",
    "InstrumentationScope.name": "ScopeName",
    "InstrumentationScope.version": "ScopeVersion",
    "Span.trace_id": "TraceId",
    "Span.span_id": "SpanId",
    "Span.parent_span_id": "ParentSpanId",
    "Span.trace_state": "TraceState",
    "Span.name": "SpanName",
    "Span.kind": "SpanKind",
    "Span.start_time_unix_nano": "Timestamp",
    "Span.end_time_unix_nano": "Duration",
    "Span.attributes": "SpanAttributes",
    "Status.message": "StatusMessage",
    "Status.code": "StatusCode",
    "Event.time_unix_nano": "Events.Timestamp",
    "Event.name": "Events.Name",
    "Event.attributes": "Events.Attributes",
    "Link.trace_id": "Links.TraceId",
    "Link.span_id": "Links.SpanId",
    "Link.trace_state": "Links.TraceState",
    "Link.attributes": "Links.Attributes",
}


def full(message, path: str, found: set[str]) -> None:
    """Give every field a value of its own, which is known again by the name of its place."""
    for field in message.DESCRIPTOR.fields:
        place = f"{message.DESCRIPTOR.name}.{field.name}"
        if field.message_type is not None:
            if field.message_type.name == "EntityRef":
                found.add(place)
            elif field.message_type.name == "KeyValue":
                found.add(place)
                getattr(message, field.name).add(
                    key=f"key of {place}", value=AnyValue(string_value=f"value of {place}")
                )
            else:
                inner = getattr(message, field.name)
                full(inner.add() if field.is_repeated else inner, place, found)
            continue
        found.add(place)
        setattr(message, field.name, _value(field, place))


def _value(field: FieldDescriptor, place: str) -> object:
    if field.type == FieldDescriptor.TYPE_STRING:
        return place
    if field.type == FieldDescriptor.TYPE_BYTES:
        return place.encode()[: 16 if field.name == "trace_id" else 8].rjust(8)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return 2
    if field.type == FieldDescriptor.TYPE_FIXED64:
        return NOW + field.number
    return 1


def test_every_field_has_a_home(engine: Engine) -> None:
    request = ExportTraceServiceRequest()
    found: set[str] = set()
    full(request.resource_spans.add(), "", found)
    assert found == HOMES.keys() | EXCUSED.keys(), "a field of OTLP is neither stored nor excused"
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.trace_id, span.links[0].trace_id = b"t" * 16, b"l" * 16
    migrate(engine, NOW)
    checked = check(request.SerializeToString())
    assert (checked.spans, checked.refused) == (1, 0)
    data = checked.body + otlp.received_at(NOW)
    engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
    row = engine.query("SELECT * FROM otel_traces").to_pylist()[0]
    for place, column in HOMES.items():
        assert row[column], f"{place} is not stored in {column}"
        if place.endswith("attributes"):
            held = row[column][0] if column.startswith(("Events", "Links")) else row[column]
            assert dict(held)[f"key of {place}"] == f"value of {place}"
        elif place.endswith(("name", "version", "message", "trace_state")):
            held = row[column][0] if column.startswith(("Events", "Links")) else row[column]
            assert held == place
    assert row["SpanId"] == span.span_id.hex() and row["Links.SpanId"] == [
        span.links[0].span_id.hex()
    ]
    assert (row["SpanKind"], row["StatusCode"]) == ("Server", "Error")


def nested(value) -> AnyValue:
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[nested(item) for item in value]))
    if isinstance(value, dict):
        pairs = [KeyValue(key=key, value=nested(item)) for key, item in value.items()]
        return AnyValue(kvlist_value=KeyValueList(values=pairs))
    for kind, name in ((bool, "bool_value"), (int, "int_value"), (float, "double_value")):
        if isinstance(value, kind):
            return AnyValue(**{name: value})
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    return AnyValue() if value is None else AnyValue(string_value=value)


def test_nested_values_are_json_text(engine: Engine) -> None:
    values = {
        "none": [],
        "empty": {},
        "list": ["a", 'b"\n', "ü<&>"],
        "numbers": [1, -(2**62), 1.5, True, None, float("nan")],
        "map": {"z": 1, "a": {"deep": [[[{"er": b"\x00\xff"}]]]}},
        "long": ["x" * 300] * 100,
        "medium": ["x" * 130],
    }
    span = Span(trace_id=b"t" * 16, span_id=b"s" * 8, name="nested", end_time_unix_nano=NOW)
    span.attributes.extend(KeyValue(key=k, value=nested(v)) for k, v in values.items())
    span.attributes.add(key="bytes", value=AnyValue(bytes_value=b"\x00\xffplain"))
    span.events.add(name="e").attributes.add(key="list", value=nested(["in", "event"]))
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.append(span)
    migrate(engine, NOW)
    data = storable(check(request.SerializeToString())).body + otlp.received_at(NOW)
    engine.insert(otlp.insert_statement(), otlp.FORMAT, data)
    row = engine.query("SELECT SpanAttributes, `Events.Attributes` FROM otel_traces").to_pylist()[0]
    stored = dict(row["SpanAttributes"])
    assert base64.b64decode(stored.pop("bytes")) == b"\x00\xffplain"
    assert {name: json.loads(text) for name, text in stored.items()} == {
        **values,
        "numbers": [1, -(2**62), 1.5, True, None, "nan"],
        "map": {"z": 1, "a": {"deep": [[[{"er": "AP8="}]]]}},
    }
    assert stored["map"].startswith('{"a":') and "ü<&>" in stored["list"]
    assert dict(row["Events.Attributes"][0]) == {"list": '["in","event"]'}


def test_requests_without_nested_values_are_left_alone() -> None:
    span = Span(trace_id=b"t" * 16, span_id=b"s" * 8, name="*" * 200, end_time_unix_nano=NOW)
    span.attributes.add(key="text", value=AnyValue(string_value="*2:" * 100))
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.scope.version = "2.0"
    scope.spans.extend([span] * 50)
    body = request.SerializeToString()
    assert not may_hold(body) and as_text(request) == 0
    assert storable(check(body)).body is body
    assert not may_hold(b"") and not may_hold(b"\x12")
