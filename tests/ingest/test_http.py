"""OTLP over HTTP: every status code, in both encodings."""

import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest
from backports import zstd
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status as Refusal
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.access import Access
from collector.engine import Engine
from collector.receivers import otlp_http
from tests.ingest.rig import Front, running
from tests.ingest.spans import request, span, unnamed

Stored = Callable[[str], list[str]]
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
LIMIT = 1 << 20
# Would make us hold 128 MiB.
WIDE = zstd.compress(bytes(160 << 20), options={zstd.CompressionParameter.window_log: 27})


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front.url, timeout=30) as client:
        yield client


def traces(client: httpx.Client, body: object, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/traces", content=body, headers={**PROTOBUF, **names})  # type: ignore[arg-type]


def read(message: Message, response: httpx.Response) -> Message:
    assert response.headers["content-type"] == "application/x-protobuf"
    message.ParseFromString(response.content)
    return message


def as_json(name: str, service: str, **fields: object) -> dict[str, object]:
    values = {"traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174"}
    attribute = {"key": "service.name", "value": {"stringValue": service}}
    scope = {"spans": [{**values, "name": name, **fields}]}
    return {"resourceSpans": [{"resource": {"attributes": [attribute]}, "scopeSpans": [scope]}]}


def test_protobuf_is_stored(client: httpx.Client, stored: Stored) -> None:
    response = traces(client, request(span("plain"), service="http"))
    assert response.status_code == 200
    assert read(ExportTraceServiceResponse(), response) == ExportTraceServiceResponse()
    assert stored("http") == ["plain"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:]) + b"\0\0"),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("zstd", zstd.compress),
        ("zstd", lambda body: zstd.compress(body[:50]) + zstd.compress(body[50:])),
        ("identity", bytes),
    ],
    ids=["gzip", "gzip in members", "zlib", "raw deflate", "zstd", "zstd frames", "identity"],
)
def test_packed_bodies(
    client: httpx.Client, stored: Stored, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    service = f"packed {pack}"
    body = pack(request(*[span(f"{n:04}") for n in range(1000)], service=service))
    assert traces(client, body, Content_Encoding=encoding).status_code == 200
    assert len(stored(service)) == 1000


def test_a_body_in_pieces_without_a_length(client: httpx.Client, stored: Stored) -> None:
    body = request(span("dribbled"), service="pieces")
    pieces = (body[n : n + 1] for n in range(len(body)))
    assert traces(client, pieces).status_code == 200
    assert stored("pieces") == ["dribbled"]


def test_json_is_stored(client: httpx.Client, stored: Stored) -> None:
    response = client.post("/v1/traces", json=as_json("as text", "json"))
    assert (response.status_code, response.json()) == (200, {})
    assert response.headers["content-type"] == "application/json"
    packed = gzip.compress(json.dumps(as_json("packed", "json", spanId="ab" * 8)).encode())
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip"}
    assert client.post("/v1/traces", content=packed, headers=headers).status_code == 200
    assert stored("json") == ["as text", "packed"]


def test_an_empty_request_is_fine(client: httpx.Client) -> None:
    assert traces(client, b"").status_code == 200
    assert client.post("/v1/traces", json={}).status_code == 200


def test_spans_without_an_id_are_refused_alone(client: httpx.Client, stored: Stored) -> None:
    bad = [span(trace_id=b""), span(span_id=bytes(8)), span(trace_id=b"x" * 48)]
    body = request(bad[0], span("good"), *bad[1:], span("fine"), service="partial")
    answer = read(ExportTraceServiceResponse(), traces(client, body))
    assert isinstance(answer, ExportTraceServiceResponse)
    assert answer.partial_success.rejected_spans == 3
    assert "16 bytes" in answer.partial_success.error_message
    assert stored("partial") == ["fine", "good"]
    in_base64 = as_json("never", "partial", traceId="W47/95gDgQPSabYzgT/GDA==")
    answer_json = client.post("/v1/traces", json=in_base64).json()
    assert answer_json["partialSuccess"]["rejectedSpans"] == "1"


def test_text_that_is_no_utf8_is_replaced(client: httpx.Client, stored: Stored) -> None:
    event = Span.Event(name="event ????")
    body = request(span("name ????", events=[event], status=Status(message="????")), service="odd")
    assert traces(client, body.replace(b"????", b"\xff\xc3(\xfe")).status_code == 200
    assert stored("odd") == ["name \ufffd\ufffd(\ufffd"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xff\xff\xff", {}),
        (b"\x0a\x7fshort", {}),
        (request(span())[:-1], {}),
        (request(span()) + b"\x0a\x05", {}),
        (b"\x0a\x03\x12\x01\xff", {}),
        (b"not gzip", {"Content_Encoding": "gzip"}),
        (gzip.compress(request(span()))[:-9], {"Content_Encoding": "gzip"}),
        (b"", {"Content_Encoding": "gzip"}),
        (b"\x00", {"Content_Encoding": "deflate"}),
        (zstd.compress(request(span()))[:-3], {"Content_Encoding": "zstd"}),
        (zstd.compress(b"") * 5000, {"Content_Encoding": "zstd"}),
        (gzip.compress(b"") * 5000, {"Content_Encoding": "gzip"}),
        (WIDE, {"Content_Encoding": "zstd"}),
        (b"{}", {}),
    ],
    ids=unnamed,
)
def test_nonsense_is_400(client: httpx.Client, body: bytes, headers: dict[str, str]) -> None:
    response = traces(client, body, **headers)
    assert response.status_code == 400
    status = read(Refusal(), response)
    assert isinstance(status, Refusal)
    assert (status.code, bool(status.message)) == (3, True)
    details = BadRequest()
    assert status.details[0].Unpack(details)
    assert details.field_violations[0].description == status.message
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"resourceSpans": 3}',
        b'{"resourceSpans": [null]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": NaN}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\xff"}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": 1e99}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\\ud800"}]}]}]}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"resourceSpans": [' + b"9" * 5000 + b"]}",
    ],
    ids=unnamed,
)
def test_json_nonsense_is_400(client: httpx.Client, body: bytes) -> None:
    response = client.post("/v1/traces", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["code"] == 3
    assert response.json()["message"]


def test_values_nested_too_deeply_are_400(client: httpx.Client) -> None:
    value: dict[str, object] = {"stringValue": "x"}
    for _ in range(150):
        value = {"arrayValue": {"values": [value]}}
    document = as_json("deep", "deep", attributes=[{"key": "k", "value": value}])
    assert client.post("/v1/traces", json=document).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {**PROTOBUF, "Content-Encoding": "br"},
        {**JSON, "Content-Encoding": "gzip, gzip"},
    ],
    ids=str,
)
def test_unknown_types_and_encodings_are_415(client: httpx.Client, headers: dict[str, str]) -> None:
    response = client.post("/v1/traces", content=b"x", headers=headers)
    assert response.status_code == 415
    assert response.headers["Accept-Encoding"] == "gzip, deflate, zstd"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_405(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/v1/traces")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert response.json()["code"] == 12


@pytest.mark.parametrize("declared", [True, False])
def test_too_large_as_sent_is_413(client: httpx.Client, declared: bool) -> None:
    body: object = b"x" * (LIMIT + 1) if declared else (b"x" * 1000 for _ in range(LIMIT // 999))
    response = traces(client, body)
    assert response.status_code == 413
    assert traces(client, b"").status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_too_large_unpacked_is_413(client: httpx.Client, encoding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress}[encoding]
    bomb = pack(bytes(200 * LIMIT), 9)
    assert len(bomb) < LIMIT
    assert traces(client, bomb, Content_Encoding=encoding).status_code == 413
    assert traces(client, bomb * 2, Content_Encoding="gzip").status_code in (400, 413)


def test_a_token_is_asked_for(store: Engine, stored: Stored) -> None:
    with (
        running(store, access=Access("s3cret-é")) as front,
        httpx.Client(base_url=front.url) as client,
    ):
        body = request(span("let in"), service="guarded")
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret-é"}):
            given = {name: value.encode() for name, value in header.items()}
            response = client.post("/v1/traces", content=body, headers={**PROTOBUF, **given})  # type: ignore[dict-item]
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
        right = {"Authorization": "bearer s3cret-é".encode()}
        response = client.post("/v1/traces", content=body, headers={**PROTOBUF, **right})  # type: ignore[dict-item]
        assert response.status_code == 200
    assert stored("guarded") == ["let in"]


def test_overload_is_429_and_an_absent_engine_503(store: Engine, stored: Stored) -> None:
    body = request(span("kept"), service="busy")
    with (
        running(store, max_queue_bytes=len(body)) as front,
        httpx.Client(base_url=front.url) as client,
    ):
        front.engine.open.clear()
        held = front.writer.submit(body)
        for headers in (PROTOBUF, JSON):
            content = body if headers is PROTOBUF else json.dumps(as_json("x", "busy")).encode()
            response = client.post("/v1/traces", content=content, headers=headers)
            assert response.status_code == 429
            assert 1 <= int(response.headers["Retry-After"]) <= 30
        assert response.json()["details"][0]["@type"].endswith("google.rpc.RetryInfo")
        front.engine.open.set()
        held.result()
        front.engine.cut_off = True
        response = traces(client, body)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        front.engine.cut_off = False
        for _ in range(100):  # what was refused may still fill the queue for a moment
            response = traces(client, body)
            if response.status_code != 429:
                break
            time.sleep(0.05)
        assert response.status_code == 200
    assert stored("busy") == ["kept"]


def test_a_body_that_stops_coming_is_let_go(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp_http, "_PATIENCE_S", 0.2)
    host, port = front.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
            b"Content-Type: application/json\r\n\r\n{"
        )
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_refusal_names_no_more_than_it_must(store: Engine) -> None:
    """An engine's error may quote megabytes; clients read 4 MiB of an answer."""
    from collector.receivers.answers import failure
    from collector.writer import Unavailable

    told = failure(Unavailable("x" * 10_000_000)).status()
    assert len(told.message) == 1000


def test_an_overloaded_collector_refuses_before_it_reads(store: Engine) -> None:
    """Also what isn't even OTLP: it isn't looked at."""
    body = request(span("kept"), service="unread")
    with (
        running(store, max_queue_bytes=len(body)) as front,
        httpx.Client(base_url=front.url) as client,
    ):
        front.engine.open.clear()
        held = front.writer.submit(body)
        bomb = gzip.compress(bytes(200 * LIMIT))
        answers = [
            client.post("/v1/traces", content=b"nonsense", headers=JSON),
            client.post("/v1/traces", content=bomb, headers={**JSON, "Content-Encoding": "gzip"}),
        ]
        front.engine.open.set()
        held.result()
    assert [answer.status_code for answer in answers] == [429, 429]
    assert front.writer.counts().refused_spans == {"overload": 2}
