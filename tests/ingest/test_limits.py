"""What is cut before it is stored, and that the client and the counters know."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.engine import Engine
from collector.receivers.framing import largest_part
from collector.receivers.limits import Limits
from collector.receivers.request import Checked, Rules, check
from tests.ingest.rig import running
from tests.ingest.spans import request, span

RULES = Rules(Limits(max_attributes=3, max_value_bytes=100))


def attribute(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def only_span(checked: Checked) -> Span:
    whole = ExportTraceServiceRequest.FromString(checked.body)
    found: Span = whole.resource_spans[0].scope_spans[0].spans[0]
    return found


def test_what_is_within_the_limits_passes_as_it_is() -> None:
    body = request(span("n" * 100, attributes=[attribute("k", "v" * 90)] * 3))
    assert check(body, RULES) == Checked(body, 1)


def test_further_attributes_are_dropped_and_counted_in_the_span() -> None:
    many = [attribute(f"k{n}", "v") for n in range(10)]
    event = Span.Event(name="e", attributes=many[:5])
    checked = check(request(span(attributes=many, events=[event])), RULES)
    found = only_span(checked)
    assert [a.key for a in found.attributes] == ["k0", "k1", "k2"]
    assert (found.dropped_attributes_count, found.events[0].dropped_attributes_count) == (7, 2)
    assert (checked.cut_attributes, checked.cut_texts, checked.refused) == (9, 0, 0)
    assert "9 attributes cut: at most 3" in checked.why


def test_long_texts_are_cut_between_characters() -> None:
    found = only_span(check(request(span("é" * 99, attributes=[attribute("k", "x" * 101)])), RULES))
    assert found.name == "é" * 50
    assert found.attributes[0].value.string_value == "x" * 100


def test_nested_values_keep_their_first_elements() -> None:
    values = [AnyValue(int_value=n) for n in range(200)]
    entries = [attribute(f"{n:03}", "v" * 9) for n in range(200)]
    nested = [
        KeyValue(key="list", value=AnyValue(array_value=ArrayValue(values=values))),
        KeyValue(key="map", value=AnyValue(kvlist_value=KeyValueList(values=entries))),
        KeyValue(key="bytes", value=AnyValue(bytes_value=bytes(101))),
    ]
    checked = check(request(span(attributes=nested)), RULES)
    listed, mapped, raw = (a.value for a in only_span(checked).attributes)
    assert [v.int_value for v in listed.array_value.values] == list(range(25))
    assert [e.key for e in mapped.kvlist_value.values] == [f"{n:03}" for n in range(5)]
    assert len(raw.bytes_value) == 100
    assert checked.cut_texts == 3


def texts(message: Any) -> list[int]:
    """Bytes of every text in a message."""
    found: list[int] = []
    for _, value in message.ListFields():
        items = value if not isinstance(value, str | bytes | int | float | Message) else [value]
        for item in items:
            if isinstance(item, Message):
                found += texts(item)
            elif isinstance(item, str | bytes):
                found.append(len(item.encode() if isinstance(item, str) else item))
    return found


SMALL = st.builds(attribute, st.text(max_size=60), st.text(max_size=80))


@given(st.lists(st.tuples(st.text(max_size=150), st.lists(SMALL, max_size=6)), max_size=4))
def test_nothing_over_a_limit_gets_through(spans: list[tuple[str, list[KeyValue]]]) -> None:
    body = request(*[span(name, attributes=attributes) for name, attributes in spans])
    whole = ExportTraceServiceRequest.FromString(check(body, RULES).body)
    assert max(texts(whole), default=0) <= 100
    assert all(len(s.attributes) <= 3 for s in whole.resource_spans[0].scope_spans[0].spans)


@given(st.binary(max_size=80))
def test_the_largest_part_of_anything_is_found(body: bytes) -> None:
    assert largest_part(body) >= 0
    assert largest_part(request(span("x" * 1000), span()) + body) >= 1000


def test_the_client_is_told_and_nothing_is_lost_without_a_count(
    store: Engine, stored: Callable[[str], list[str]]
) -> None:
    with running(store, rules=RULES) as front, httpx.Client(base_url=front.url) as client:
        headers = {"Content-Type": "application/x-protobuf"}
        body = request(span("long " * 50), service="cut")
        answer = client.post("/v1/traces", content=body, headers=headers)
        told = ExportTraceServiceResponse.FromString(answer.content).partial_success
        as_json = {"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}
        fields = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "n" * 101}
        as_json["resourceSpans"][0]["scopeSpans"][0]["spans"][0] = fields  # type: ignore[assignment]
        warned = client.post("/v1/traces", json=as_json)
    assert (answer.status_code, told.rejected_spans) == (200, 0)
    assert told.error_message == "1 texts cut: at most 100 bytes are stored of one"
    assert json.loads(warned.content) == {"partialSuccess": {"errorMessage": told.error_message}}
    assert front.cut == [(0, 1, 0), (0, 1, 0)]
    assert stored("cut") == [("long " * 20)]


@pytest.mark.parametrize("rules", [Rules(), Rules(Limits(0, 100)), Rules(Limits(3, 0))], ids=str)
def test_zero_is_no_limit(rules: Rules) -> None:
    checked = check(request(span("n" * 101, attributes=[attribute("k", "v")] * 4)), rules)
    most = rules.limits
    assert checked.cut_texts == (1 if most.max_value_bytes else 0)
    assert checked.cut_attributes == (1 if most.max_attributes else 0)
