"""Zipkin's v2 JSON becomes OTLP, and the map what Zipkin's own linker counts."""

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.api import graph
from collector.api import order as order_api
from collector.receivers.files import Piece, SpanFile
from collector.receivers.trouble import Trouble
from tests.golden.world import world

DATA = Path(__file__).parents[1] / "data" / "zipkin"
KAFKA = {f"topic:{topic}" for topic in ("messages", "central.messages", "command-messages")}
TRACE = "463ac35c9f6413ad48485a3953bb6124"


def read(content: bytes) -> list[tuple[str, Span]]:
    """Services and spans; nothing is wrong."""
    found = list(SpanFile(lambda: io.BytesIO(content)).pieces())
    assert all(isinstance(piece, Piece) for piece in found), found
    return [
        (resource.resource.attributes[-1].value.string_value, span)
        for piece in found
        if isinstance(piece, Piece)
        for resource in ExportTraceServiceRequest.FromString(piece.request.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def span(service: str, kind: str, id_: str, **more: Any) -> dict[str, Any]:
    made = {
        "traceId": TRACE,
        "id": id_,
        "name": f"{service} {kind.lower()}",
        "timestamp": 1_700_000_000_000_000,
        "duration": 20,
        "localEndpoint": {"serviceName": service, "ipv4": "10.0.0.1", "port": 80},
        **({"kind": kind} if kind else {}),
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def by_name(*spans: dict[str, Any]) -> dict[str, Span]:
    return {span.name: span for _, span in read(json.dumps(list(spans)).encode())}


def attributes(of: Any) -> dict[str, object]:
    return {
        attribute.key: getattr(attribute.value, attribute.value.WhichOneof("value"))
        for attribute in of.attributes
    }


def test_client_and_server_share_an_id_and_become_two_spans() -> None:
    found = by_name(
        span("shop", "SERVER", "1"),
        span("shop", "CLIENT", "2", parentId="1"),
        span("stock", "SERVER", "2", parentId="1", shared=True),
        span("stock", "", "3", parentId="2"),
        span("shop", "", "4", parentId="2", name="shop's own"),
        # nobody says that it is shared, but it is
        span("stock", "CLIENT", "5", parentId="2"),
        span("bank", "SERVER", "5", parentId="2"),
        # its client is in no file
        span("mail", "SERVER", "6", parentId="1", shared=True),
        span("mail", "", "7", parentId="6"),
    )
    parents = {name: found_.parent_span_id for name, found_ in found.items()}
    ids = {name: found_.span_id for name, found_ in found.items()}
    assert len(set(ids.values())) == len(found) == 9
    assert parents["stock server"] == ids["shop client"]
    assert parents["stock "] == parents["stock client"] == ids["stock server"]
    assert parents["shop's own"] == ids["shop client"]
    assert parents["bank server"] == ids["stock client"]
    assert parents["mail server"] == ids["shop server"]
    assert parents["mail "] == ids["mail server"]


def test_the_same_file_gives_the_same_ids() -> None:
    content = (DATA / "skew.json").read_bytes()
    assert read(content) == read(content)


def test_short_and_long_ids_of_one_trace_join() -> None:
    found = by_name(
        span("a", "CLIENT", "1", traceId=TRACE[16:]),
        span("b", "SERVER", "2", parentId="1"),
        span("c", "SERVER", "3", traceId="ff"),
    )
    assert [found_.trace_id.hex() for found_ in found.values()] == [TRACE, TRACE, f"{255:032x}"]


def test_what_is_missing() -> None:
    found = by_name(
        span("a", "SERVER", "1", duration=None),
        span("b", "SERVER", "2", timestamp=None, duration=None, shared=True),
        span("c", "", "3", remoteEndpoint={"serviceName": "d"}),
        span("e", "", "4", localEndpoint=None, name=None),
        span("f", "", "5", parentId="5", annotations=[{"timestamp": 7, "value": "ws"}]),
    )
    assert found["a server"].end_time_unix_nano == found["a server"].start_time_unix_nano
    assert found["b server"].start_time_unix_nano == found["a server"].start_time_unix_nano
    assert found["c "].kind == Span.SPAN_KIND_CLIENT  # Zipkin has it so, too
    assert found[""].kind == Span.SPAN_KIND_UNSPECIFIED
    assert found["f "].parent_span_id == b""
    assert [(event.name, event.time_unix_nano) for event in found["f "].events] == [("ws", 7000)]


def test_version_1_is_not_taken_for_version_2() -> None:
    content = json.dumps([{"traceId": "1", "id": "2", "binaryAnnotations": []}]).encode()
    [trouble] = SpanFile(lambda: io.BytesIO(content)).pieces()
    assert isinstance(trouble, Trouble)
    assert "v1" in trouble.reason


def test_tags_errors_endpoints_and_links() -> None:
    told = span(
        "shop",
        "CLIENT",
        "1",
        remoteEndpoint={"serviceName": "stock", "ipv6": "::1", "port": 81},
        tags={
            "error": "timeout",
            "http.path": "/stock",
            "service.version": "7",
            "otel.scope.name": "requests",
            "otlp.link.0": f'"{TRACE}"|"00000000000000ff"||{{}}|0',
        },
    )
    empty = span("shop", "", "2", tags={"error": ""})
    [(service, found), (_, other)] = read(json.dumps([told, empty]).encode())
    assert service == "shop"
    assert (found.status.code, found.status.message) == (2, "timeout")
    assert (other.status.code, other.status.message) == (2, "")
    assert [(link.trace_id.hex(), link.span_id.hex()) for link in found.links] == [
        (TRACE, f"{255:016x}")
    ]
    assert attributes(found) == {
        "error": "timeout",
        "http.path": "/stock",
        "url.path": "/stock",
        "network.local.address": "10.0.0.1",
        "network.local.port": 80,
        "network.peer.address": "::1",
        "network.peer.port": 81,
        "peer.service": "stock",
    }


def test_the_map_has_the_calls_that_zipkins_linker_counts(engine_url: Callable[[str], str]) -> None:
    """Topics of one broker are one node to Zipkin, each a node to us."""
    with world(engine_url("chdb")) as here:
        for path in sorted(DATA.glob("*.json")):
            for piece in SpanFile(lambda path=path: path.open("rb")).pieces():  # type: ignore[misc]
                assert isinstance(piece, Piece)
                here.take(piece.request.body)
        here.settle()
        calls: Counter[tuple[str, str]] = Counter()
        for edge in graph.service_map(here.parts.reader).edges:
            ends = ["kafka" if end in KAFKA else end for end in (edge.source, edge.target)]
            calls[ends[0], ends[1]] += edge.calls
            assert edge.p99_ms < 100_000, edge
        short = order_api.order(here.parts.reader, workflow="", id="1e223ff1f80f1c69")
        assert short.order_id == f"{0x1E223FF1F80F1C69:032x}"
    assert calls == {
        ("frontend", "topic:rabbitmq"): 1,
        ("topic:rabbitmq", "backend"): 1,
        ("transfer-service", "topic:rabbitmq"): 1,
        ("topic:rabbitmq", "notification-service"): 1,
        ("mobile-gateway", "auth-service"): 1,
        ("servicea", "kafka"): 9,
        ("kafka", "servicea"): 4,
        ("kafka", "serviceb"): 3,
        ("servicea", "serviceb"): 1,
    }
