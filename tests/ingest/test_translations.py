"""A recording of the demo, told as Jaeger and as Zipkin would tell it, is the same recording."""

import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.receivers.files import Piece, SpanFile
from collector.receivers.otlp_json import encode

RECORDING = Path(__file__).parents[1] / "data" / "fulfilment-recording.jsonl.gz"
TYPES = {"str": "string", "bool": "bool", "int": "int64", "float": "float64"}
KINDS = ["", "", "server", "client", "producer", "consumer"]
ERROR = 2

Told = tuple[dict[str, Any], Span]  # the resource's attributes, and a span


def told(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield attributes(resource.resource), span


def attributes(of: Any) -> dict[str, Any]:
    return {
        one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value")
        for one in of.attributes
    }


@pytest.fixture(scope="module")
def recorded() -> list[Told]:
    with gzip.open(RECORDING, "rt") as lines:
        return [one for line in lines for one in told(encode(json.loads(line)["request"]))]


def as_jaeger(recorded: list[Told]) -> dict[str, Any]:
    traces: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"spans": [], "processes": {}})
    for resource, span in recorded:
        trace = traces[span.trace_id.hex()]
        service = resource["service.name"]
        process = {name: value for name, value in resource.items() if name != "service.name"}
        trace["processes"][service] = {"serviceName": service, "tags": tags(process)}
        tagged = attributes(span)
        if KINDS[span.kind]:
            tagged["span.kind"] = KINDS[span.kind]
        if span.status.code == ERROR:
            tagged |= {"error": True, "otel.status_description": span.status.message}
        parents = [("CHILD_OF", span.trace_id, span.parent_span_id)] if span.parent_span_id else []
        links = [("FOLLOWS_FROM", link.trace_id, link.span_id) for link in span.links]
        trace["spans"].append(
            {
                **times(span, "startTime"),
                "traceID": span.trace_id.hex().lstrip("0"),
                "spanID": span.span_id.hex(),
                "operationName": span.name,
                "references": [
                    {"refType": type_, "traceID": trace_id.hex(), "spanID": id_.hex()}
                    for type_, trace_id, id_ in parents + links
                ],
                "tags": tags(tagged),
                "processID": service,
            }
        )
    return {"data": [{"traceID": id_, **trace} for id_, trace in traces.items()], "errors": None}


def tags(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "type": TYPES[type(value).__name__], "value": value}
        for key, value in values.items()
    ]


def as_zipkin(recorded: list[Told]) -> list[dict[str, Any]]:
    spans = []
    for resource, span in recorded:
        tagged = {name: str(value) for name, value in (resource | attributes(span)).items()}
        service = tagged.pop("service.name")
        if span.status.code == ERROR:
            tagged["error"] = span.status.message
        for number, link in enumerate(span.links):
            tagged[f"otlp.link.{number}"] = f"{link.trace_id.hex()}|{link.span_id.hex()}||{{}}|0"
        spans.append(
            {
                **times(span, "timestamp"),
                "traceId": span.trace_id.hex(),
                "id": span.span_id.hex(),
                "parentId": span.parent_span_id.hex() or None,
                "name": span.name,
                "kind": KINDS[span.kind].upper() or None,
                "localEndpoint": {"serviceName": service},
                "tags": tagged,
            }
        )
    return spans


def times(span: Span, start: str) -> dict[str, int]:
    """In microseconds."""
    began, ended = span.start_time_unix_nano // 1000, span.end_time_unix_nano // 1000
    return {start: began, "duration": ended - began}


@pytest.mark.parametrize("write", [as_jaeger, as_zipkin])
def test_the_same_spans_come_back(write: Any, recorded: list[Told]) -> None:
    content = json.dumps(write(recorded)).encode()
    found = list(SpanFile(lambda: io.BytesIO(content)).pieces())
    assert all(isinstance(piece, Piece) for piece in found)
    read = {
        span.span_id: one
        for piece in found
        if isinstance(piece, Piece)
        for one in told(piece.request.body)
        for span in [one[1]]
    }
    assert len(read) == len(recorded)
    for resource, span in recorded:
        found_resource, found_span = read[span.span_id]
        assert facts(found_span) == facts(span)
        assert found_resource["service.name"] == resource["service.name"]
        # Zipkin's tags are text, and know no resource
        everything = {n: str(v) for n, v in (found_resource | attributes(found_span)).items()}
        wanted = {n: str(v) for n, v in (resource | attributes(span)).items()}
        assert wanted.items() <= everything.items()


def facts(span: Span) -> tuple[object, ...]:
    return (
        span.trace_id,
        span.parent_span_id,
        span.name,
        max(span.kind, 1) - 1,  # neither tells internal from unspecified
        span.start_time_unix_nano // 1000,
        span.end_time_unix_nano // 1000,
        span.status.code == ERROR and (span.status.code, span.status.message),
        [(link.trace_id, link.span_id) for link in span.links],
    )
