"""OTLP/JSON → protobuf: the same request whichever way it is written."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.receivers.otlp_json import to_protobuf
from collector.receivers.request import Undecodable
from tests.ingest.spans import request

DATA = Path(__file__).parents[1] / "data" / "otlp"
SPAN_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")


def parsed(document: Any) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest.FromString(to_protobuf(json.dumps(document).encode()))


def one_span(**fields: object) -> Span:
    (resource,) = parsed({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).resource_spans
    return resource.scope_spans[0].spans[0]


def hex_ids(value: Any) -> Any:
    """Protobuf's own JSON with OTLP's ids: hexadecimal instead of base64."""
    if isinstance(value, list):
        return [hex_ids(item) for item in value]
    if isinstance(value, dict):
        return {
            name: base64.b64decode(item).hex() if name in SPAN_IDS else hex_ids(item)
            for name, item in value.items()
        }
    return value


scalars = st.one_of(
    st.builds(AnyValue, string_value=st.text()),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, double_value=st.floats(allow_nan=False)),
    st.builds(AnyValue, bytes_value=st.binary(max_size=20)),
    st.just(AnyValue()),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(
            lambda items: AnyValue(array_value=ArrayValue(values=items)),
            st.lists(inner, max_size=3),
        ),
        st.builds(
            lambda item: AnyValue(
                kvlist_value=KeyValueList(values=[KeyValue(key="k", value=item)])
            ),
            inner,
        ),
    ),
    max_leaves=4,
)
attributes = st.lists(st.builds(KeyValue, key=st.text(max_size=9), value=values), max_size=3)
times = st.integers(0, 2**64 - 1)
counts = st.integers(0, 2**32 - 1)
spans = st.builds(
    Span,
    trace_id=st.binary(min_size=16, max_size=16),
    span_id=st.binary(min_size=8, max_size=8),
    parent_span_id=st.sampled_from([b"", b"12345678"]),
    trace_state=st.text(max_size=9),
    flags=counts,
    name=st.text(max_size=9),
    kind=st.sampled_from(range(6)),
    start_time_unix_nano=times,
    end_time_unix_nano=times,
    attributes=attributes,
    dropped_attributes_count=counts,
    events=st.lists(
        st.builds(Span.Event, time_unix_nano=times, name=st.text(), attributes=attributes),
        max_size=2,
    ),
    links=st.lists(
        st.builds(Span.Link, trace_id=st.binary(), flags=counts, attributes=attributes), max_size=2
    ),
    status=st.builds(Status, code=st.sampled_from(range(3)), message=st.text(max_size=9)),
)


@given(st.lists(spans, max_size=3), st.booleans(), st.booleans())
def test_every_request_survives_the_detour(
    some: list[Span], snake_case: bool, numbers: bool
) -> None:
    message = ExportTraceServiceRequest.FromString(request(*some))
    document = json_format.MessageToDict(
        message, preserving_proto_field_name=snake_case, use_integers_for_enums=numbers
    )
    assert parsed(hex_ids(document)) == message


def test_numbers_may_be_strings_and_ids_of_any_case() -> None:
    for number in (3, "3", 3.0):
        fields = {"attributes": [{"key": "n", "value": {"intValue": number}}]}
        assert one_span(**fields).attributes[0].value.int_value == 3
    assert one_span(startTimeUnixNano="18446744073709551615").start_time_unix_nano == 2**64 - 1
    assert one_span(traceId="AbCd" * 8).trace_id == bytes.fromhex("abcd" * 8)


def test_enums_are_numbers_or_names() -> None:
    assert one_span(kind="SPAN_KIND_CONSUMER").kind == one_span(kind=5).kind == 5
    assert one_span(status={"code": "STATUS_CODE_ERROR"}).status.code == 2
    assert one_span(kind=42).kind == 42  # a future kind


def test_unknown_fields_and_nulls_are_ignored() -> None:
    assert one_span(name=None, future={"deep": [1]}, kind=2, status=None) == Span(kind=2)
    assert parsed({"resourceSpans": None, "resourceLogs": [{}]}) == ExportTraceServiceRequest()


def test_ids_that_are_no_hexadecimal_are_left_to_the_check() -> None:
    assert len(one_span(traceId="W47/95gDgQPSabYzgT/GDA==").trace_id) != 16
    assert len(one_span(parentSpanId="zz").parent_span_id) not in (0, 8)
    assert one_span(links=[{"spanId": 5, "traceId": "abc"}]).links[0] == Span.Link()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": 5},
        {"attributes": {}},
        {"attributes": [{"key": "k", "value": "bare"}]},
        {"attributes": [{"key": "k", "value": {"boolValue": "true"}}]},
        {"attributes": [{"key": "k", "value": {"intValue": 2**63}}]},
        {"attributes": [{"key": "k", "value": {"intValue": "1_000"}}]},
        {"attributes": [{"key": "k", "value": {"intValue": 1.5}}]},
        {"attributes": [{"key": "k", "value": {"intValue": True}}]},
        {"attributes": [{"key": "k", "value": {"bytesValue": "?"}}]},
        {"attributes": [{"key": "k", "value": {"stringValue": "a", "intValue": 1}}]},
        {"startTimeUnixNano": -1},
        {"kind": "SPAN_KIND_NEVER_HEARD_OF"},
        {"droppedEventsCount": 2**32},
    ],
    ids=str,
)
def test_values_of_the_wrong_kind_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Undecodable):
        one_span(**fields)


def test_the_official_example() -> None:
    message = ExportTraceServiceRequest.FromString(
        to_protobuf((DATA / "spec-example.json").read_bytes())
    )
    (span,) = message.resource_spans[0].scope_spans[0].spans
    assert span.trace_id.hex() == "5b8efff798038103d269b633813fc60c"
    assert span.parent_span_id.hex() == "eee19b7ec3c1b173"
    assert span.kind == Span.SPAN_KIND_SERVER
    assert span.start_time_unix_nano == 1544712660000000000
