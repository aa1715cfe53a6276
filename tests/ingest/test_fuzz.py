"""Real requests, mutated, over both protocols: no answer is a 5xx, and no good request suffers."""

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from backports import zstd
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from collector.engine import Engine
from collector.receivers.limits import Limits
from collector.receivers.otlp_grpc import SERVICE
from collector.receivers.redaction import Redaction
from collector.receivers.request import Rules
from tests.ingest.rig import Front, running
from tests.ingest.spans import request, span

DATA = Path(__file__).parent.parent / "data" / "otlp"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}


def whole() -> bytes:
    """A request that has every field, with values of every kind."""
    document = json.loads((Path(__file__).parent / "every_field.json").read_text("utf-8"))
    return json_format.ParseDict(document, ExportTraceServiceRequest()).SerializeToString()


BODIES = {
    PROTOBUF: [whole(), request(span("plain"), span(trace_id=b"short")), b""],
    JSON: [(Path(__file__).parent / "every_field.json").read_bytes(), b"{}"],
}
# What fuzzing has found; each stays a case of its own.
FOUND = {
    "text that isn't UTF-8 in an event": (PROTOBUF, whole().replace(b"exception", b"excepti\xffn")),
}

few = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
many = settings(few, max_examples=3000, derandomize=False)


@st.composite
def mutants(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """One of the bodies with up to four changes, each of a few bytes or of a slice."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 20))
        other = draw(st.sampled_from(bodies))
        start = draw(st.integers(0, len(other)))
        body[place : place + length] = draw(
            st.one_of(
                st.binary(max_size=12),
                st.just(bytes(body[place : place + length]) * 3),
                st.just(other[start : start + length * 4]),
                st.sampled_from(
                    [b"\xff\xff\xff\xff\x0f", b"\x00", b"\xf8\xff", b"[[[[", b"1e999", b"null"]
                ),
            )
        )
    return bytes(body)


@st.composite
def posts(draw: st.DrawFn) -> tuple[dict[str, str], bytes]:
    content_type = draw(st.sampled_from([PROTOBUF, JSON]))
    body = draw(mutants(BODIES[content_type]))
    encoding = draw(st.sampled_from(list(PACKERS)))
    packed = PACKERS[encoding](body)
    if draw(st.integers(0, 3)) == 0:
        packed = draw(mutants([packed]))
    claimed = encoding if draw(st.integers(0, 5)) else draw(st.sampled_from([*PACKERS, "br", "é"]))
    headers = {"Content-Type": content_type if draw(st.integers(0, 9)) else JSON + ";charset=x"}
    return (headers | {"Content-Encoding": claimed} if claimed else headers), packed


@pytest.fixture(scope="module")
def fuzzed(store: Engine) -> Iterator[Front]:
    """With everything on that touches a request, and short waits."""
    rules = Rules(Limits(5, 200), Redaction(["user.*"], ["*.id"], "secret"))
    with running(store, rules=rules, linger_s=0.0) as front:
        yield front


@pytest.fixture(scope="module")
def client(fuzzed: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fuzzed.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def export(fuzzed: Front) -> Iterator[Callable[[bytes], Any]]:
    with grpc.insecure_channel(fuzzed.grpc_address) as channel:
        yield channel.unary_unary(f"/{SERVICE}/Export")


def posted(client: httpx.Client, headers: dict[str, str], body: bytes) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = client.post("/v1/traces", content=body, headers=raw)  # type: ignore[arg-type]
    assert answer.status_code in (200, 400, 413, 415), (answer.status_code, answer.text, body)
    expected = ExportTraceServiceResponse if answer.is_success else Status
    if answer.headers["content-type"] == PROTOBUF:
        expected.FromString(answer.content)
    else:
        json_format.Parse(answer.text, expected())


def exported(export: Callable[[bytes], Any], body: bytes) -> None:
    try:
        ExportTraceServiceResponse.FromString(export(body))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, (error, body)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def still_takes_spans(
    client: httpx.Client, stored: Callable[[str], list[str]], request_count: list[int]
) -> Iterator[None]:
    """After each test a good request is stored."""
    yield
    request_count[0] += 1
    body = request(span(f"good {request_count[0]}"), service="after the storm")
    assert client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF}).is_success
    assert len(stored("after the storm")) == request_count[0]


@pytest.fixture(scope="module")
def request_count() -> list[int]:
    return [0]


def test_every_field_is_taken_as_it_is(client: httpx.Client) -> None:
    for content_type, bodies in BODIES.items():
        answer = client.post(
            "/v1/traces", content=bodies[0], headers={"Content-Type": content_type}
        )
        assert answer.status_code == 200, answer.text


@few
@given(post=posts())
def test_http(post: tuple[dict[str, str], bytes], client: httpx.Client) -> None:
    posted(client, *post)


@few
@given(body=mutants(BODIES[PROTOBUF]))
def test_grpc(body: bytes, export: Callable[[bytes], Any]) -> None:
    exported(export, body)


@pytest.mark.matrix
@pytest.mark.timeout(1200)
@many
@given(post=posts())
def test_http_at_length(post: tuple[dict[str, str], bytes], client: httpx.Client) -> None:
    posted(client, *post)


@pytest.mark.matrix
@pytest.mark.timeout(1200)
@many
@given(body=mutants(BODIES[PROTOBUF]))
def test_grpc_at_length(body: bytes, export: Callable[[bytes], Any]) -> None:
    exported(export, body)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str, client: httpx.Client) -> None:
    content_type, body = FOUND[name]
    posted(client, {"Content-Type": content_type}, body)


HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@few
@given(
    raw=mutants(
        [
            HEAD + b"Content-Length: 2\r\n\r\n{}",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}" * 2,
            b"GET /%ff%00?\xff HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        ]
    )
)
def test_bytes_that_are_hardly_http(raw: bytes, fuzzed: Front) -> None:
    host, port = fuzzed.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert b"HTTP/1.1 5" not in answer, (raw, answer)
