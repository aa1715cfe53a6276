"""OTLP over gRPC: raw calls and their status codes."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.access import Access
from collector.engine import Engine
from collector.receivers.otlp_grpc import SERVICE, GrpcReceiver
from tests.ingest.rig import Front, running
from tests.ingest.spans import request, span

Stored = Callable[[str], list[str]]
Export = Callable[..., bytes]


@pytest.fixture
def export(front: Front) -> Iterator[Export]:
    with grpc.insecure_channel(front.grpc_address) as channel:
        yield channel.unary_unary(f"/{SERVICE}/Export")


def refused(call: Callable[[], object]) -> tuple[grpc.StatusCode, Status]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    status = Status()
    status.ParseFromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
    return error.code(), status


def test_requests_are_stored(export: Export, stored: Stored) -> None:
    export(request(span("plain"), service="grpc"))
    export(request(span("packed"), service="grpc"), compression=grpc.Compression.Gzip)
    assert export(b"") == b""
    assert stored("grpc") == ["packed", "plain"]


def test_spans_without_an_id_are_refused_alone(export: Export, stored: Stored) -> None:
    answer = export(request(span("good"), span(trace_id=bytes(16)), service="grpc partial"))
    assert ExportTraceServiceResponse.FromString(answer).partial_success.rejected_spans == 1
    assert stored("grpc partial") == ["good"]


def test_nonsense_is_an_invalid_argument(export: Export) -> None:
    code, status = refused(lambda: export(b"\x0a\x7fshort"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert (status.code, bool(status.message)) == (3, True)


def test_too_large_is_refused_for_good(export: Export) -> None:
    code, status = refused(lambda: export(bytes((1 << 20) + 1)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert not status.details  # no RetryInfo: the client must not try again
    code, _ = refused(lambda: export(bytes(200 << 20), compression=grpc.Compression.Gzip))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_metadata_is_bounded(export: Export) -> None:
    assert export(b"", metadata=(("x", "y" * 30_000),)) == b""
    code, _ = refused(lambda: export(b"", metadata=(("x", "y" * 70_000),)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_token_is_asked_for(store: Engine, stored: Stored) -> None:
    with (
        running(store, access=Access("s3cret")) as front,
        grpc.insecure_channel(front.grpc_address) as channel,
    ):
        export = channel.unary_unary(f"/{SERVICE}/Export")
        body = request(span("let in"), service="grpc guarded")
        for metadata in ((), (("authorization", "Bearer wrong"),)):
            code, _ = refused(lambda metadata=metadata: export(body, metadata=metadata))
            assert code == grpc.StatusCode.UNAUTHENTICATED
        export(body, metadata=(("authorization", "Bearer s3cret"),))
    assert stored("grpc guarded") == ["let in"]


def test_overload_and_an_absent_engine_say_when_to_retry(store: Engine) -> None:
    body = request(span(), service="grpc busy")
    with (
        running(store, max_queue_bytes=len(body)) as front,
        grpc.insecure_channel(front.grpc_address) as channel,
    ):
        export = channel.unary_unary(f"/{SERVICE}/Export")
        front.engine.open.clear()
        held = front.writer.submit(body)
        refusals = [refused(lambda: export(body))]
        front.engine.open.set()
        held.result()
        front.engine.cut_off = True
        refusals.append(refused(lambda: export(body)))
    codes = [code for code, _ in refusals]
    assert codes == [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE]
    for _, status in refusals:
        retry = RetryInfo()
        assert status.details[0].Unpack(retry)
        assert 1 <= retry.retry_delay.seconds <= 30


def test_a_taken_port_is_an_error(front: Front) -> None:
    import asyncio

    from collector.receivers.request import Door

    receiver = GrpcReceiver(
        Door(front.writer), front.grpc_address, access=Access(), max_request_bytes=1
    )
    with pytest.raises(OSError, match="in use"):
        asyncio.run(receiver.start())
