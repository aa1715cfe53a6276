"""Jaeger's JSON becomes OTLP as OpenTelemetry's own translator has it."""

import io
import json
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from collector.receivers.files import Piece, SpanFile

TRACE = "00000000000000000000000000000a1b"


def read(document: object) -> tuple[dict[str, tuple[Span, ResourceSpans]], list[str]]:
    """Spans by their names, each with its resource; and what is wrong."""
    content = json.dumps(document).encode()
    spans: dict[str, tuple[Span, ResourceSpans]] = {}
    problems: list[str] = []
    for found in SpanFile(lambda: io.BytesIO(content)).pieces():
        if isinstance(found, Piece):
            request = ExportTraceServiceRequest.FromString(found.request.body)
            for resource in request.resource_spans:
                for span in resource.scope_spans[0].spans:
                    spans[span.name] = span, resource
        else:
            problems.append(found.reason)
    return spans, problems


def tag(key: str, value: object, type_: str = "string") -> dict[str, object]:
    return {"key": key, "type": type_, "value": value}


def span(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "traceID": "a1b",
        "spanID": f"{number:x}",
        "operationName": name,
        "references": [],
        "startTime": 1_700_000_000_000_000 + number,
        "duration": 1500,
        "tags": [],
        "logs": [],
        "processID": "p1",
        **more,
    }


def refers(kind: str, number: int, trace: str = "a1b") -> dict[str, str]:
    return {"refType": kind, "traceID": trace, "spanID": f"{number:x}"}


def answer(*spans: dict[str, Any]) -> dict[str, Any]:
    process = {"serviceName": "orders", "tags": [tag("hostname", "h1"), tag("ip", "10.0.0.1")]}
    return {
        "data": [{"traceID": "a1b", "spans": list(spans), "processes": {"p1": process}}],
        "errors": None,
    }


def attributes(of: Any) -> dict[str, object]:
    return {
        attribute.key: getattr(attribute.value, attribute.value.WhichOneof("value"))
        for attribute in of.attributes
    }


def test_a_span_with_everything() -> None:
    tags = [
        tag("span.kind", "producer"),
        tag("retries", 3, "int64"),
        tag("big", "9007199254740993", "int64"),
        tag("share", 0.5, "float64"),
        tag("first", True, "bool"),
        tag("blob", "AAE=", "binary"),
        tag("message_bus.destination", "order.placed"),
        tag("otel.scope.name", "kafka"),
        tag("otel.scope.version", "1.2"),
        tag("otel.status_code", "ERROR"),
        tag("otel.status_description", "no broker"),
        tag("w3c.tracestate", "ot=th:8"),
    ]
    log = {"timestamp": 1_700_000_000_000_100, "fields": [tag("event", "sent"), tag("size", "9")]}
    spans, problems = read(answer(span("publish", 7, tags=tags, logs=[log])))
    assert not problems
    found, resource = spans["publish"]
    assert (found.trace_id.hex(), found.span_id.hex()) == (TRACE, f"{7:016x}")
    assert (found.kind, found.trace_state) == (Span.SPAN_KIND_PRODUCER, "ot=th:8")
    assert found.start_time_unix_nano == 1_700_000_000_000_007_000
    assert found.end_time_unix_nano - found.start_time_unix_nano == 1_500_000
    assert (found.status.code, found.status.message) == (Status.STATUS_CODE_ERROR, "no broker")
    assert attributes(found) == {
        "retries": 3,
        "big": 9007199254740993,
        "share": 0.5,
        "first": True,
        "blob": b"\0\1",
        "message_bus.destination": "order.placed",
        "messaging.destination.name": "order.placed",
    }
    [event] = found.events
    assert (event.name, attributes(event)) == ("sent", {"size": "9"})
    assert event.time_unix_nano == 1_700_000_000_000_100_000
    scope = resource.scope_spans[0].scope
    assert (scope.name, scope.version) == ("kafka", "1.2")
    told = attributes(resource.resource)
    assert (told["service.name"], told["host.name"], told["ip"]) == ("orders", "h1", "10.0.0.1")


def test_references_are_parents_and_links() -> None:
    spans, problems = read(
        answer(
            span("child", 2, references=[refers("CHILD_OF", 1)]),
            span("after", 3, references=[refers("FOLLOWS_FROM", 1)]),
            span("both", 4, references=[refers("FOLLOWS_FROM", 3), refers("CHILD_OF", 2)]),
            span("elsewhere", 5, references=[refers("FOLLOWS_FROM", 9, "ff" * 16)]),
            span("from afar", 6, references=[refers("CHILD_OF", 9, "ff" * 16)]),
            span("own parent", 7, references=[refers("CHILD_OF", 7)]),
        )
    )
    assert not problems
    told = {
        name: (
            int(found.parent_span_id.hex() or "0", 16),
            [(link.trace_id.hex()[-2:], link.span_id[-1]) for link in found.links],
        )
        for name, (found, _) in spans.items()
    }
    assert told == {
        "child": (1, []),
        "after": (1, [("1b", 1)]),  # the only one within the trace
        "both": (2, [("1b", 3)]),
        "elsewhere": (0, [("ff", 9)]),
        "from afar": (0, [("ff", 9)]),
        "own parent": (0, []),
    }


def test_what_has_failed() -> None:
    server, client = tag("span.kind", "server"), tag("span.kind", "client")
    told = {"timestamp": 1, "fields": [tag("event", "error"), tag("message", "card declined")]}
    spans, _ = read(
        answer(
            span("error", 1, tags=[tag("error", True, "bool")], logs=[told]),
            span("error as text", 2, tags=[tag("error", "true"), tag("otel.status_code", "OK")]),
            span("no error", 3, tags=[tag("error", False, "bool")]),
            span("ok", 4, tags=[tag("otel.status_code", "OK"), tag("http.status_code", 500)]),
            span("served 500", 5, tags=[server, tag("http.status_code", 500, "int64")]),
            span("served 404", 6, tags=[server, tag("http.status_code", 404, "int64")]),
            span("called 404", 7, tags=[client, tag("http.status_code", "404")]),
        )
    )
    codes = {name: found.status.code for name, (found, _) in spans.items()}
    assert codes == {
        "error": 2,
        "error as text": 2,
        "no error": 0,
        "ok": 1,
        "served 500": 2,
        "served 404": 0,
        "called 404": 2,
    }
    assert spans["error"][0].status.message == "card declined"


def test_a_trace_alone_spans_alone_and_several() -> None:
    [trace] = answer(span("in a trace", 1))["data"]
    alone = span("alone", 2, process={"serviceName": "stock", "tags": []})
    for document in (trace, [trace], {"data": [trace, trace]}):
        spans, problems = read(document)
        assert (list(spans), problems) == (["in a trace"], [])
    spans, problems = read(alone)
    assert not problems
    assert attributes(spans["alone"][1].resource)["service.name"] == "stock"


def test_one_bad_span_doesnt_take_the_others_with_it() -> None:
    spans, problems = read(
        answer(
            span("good", 1),
            span("bad time", 2, startTime="noon"),
            span("bad tags", 3, tags=["x"]),
            span("long id", 4, spanID="a" * 48),
            span("no process", 5, processID="p9", duration=None),
            span("before", 6, startTime=-5, duration=-7),
        )
    )
    assert sorted(spans) == ["before", "good", "no process"]
    assert len(problems) == 2  # the id is refused at the door
    assert "'noon' is no time in microseconds" in problems[0]
    assert attributes(spans["no process"][1].resource)["service.name"] == "unknown_service:p9"
    before = spans["before"][0]
    assert before.start_time_unix_nano == before.end_time_unix_nano == 0


def test_an_answer_without_traces_says_why() -> None:
    told = {"data": None, "total": 0, "errors": [{"code": 404, "msg": "trace not found"}]}
    assert read(told) == ({}, ["Jaeger answered: trace not found"])


def test_a_trace_that_is_cut_off_keeps_its_whole_spans() -> None:
    """Services are named behind the spans, so they are lost then."""
    content = json.dumps(answer(span("one", 1), span("two", 2), span("three", 3))).encode()
    content = content[: content.index(b'"three"')]
    found = list(SpanFile(lambda: io.BytesIO(content)).pieces())
    assert [piece.request.spans for piece in found if isinstance(piece, Piece)] == [2]
    assert len(found) == 2
