"""What a client is told: one table from failures to HTTP and gRPC, and OTLP's answers as bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.receivers.request import Checked, Undecodable
from collector.writer import Overloaded, Refused, Unavailable

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

# google.rpc.Code
INVALID_ARGUMENT, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 3, 8, 13, 14, 16


@dataclass(frozen=True)
class Failure:
    """A refusal in both protocols' words; with `retry_after_s` the client should try again."""

    http: int
    grpc: int
    message: str
    retry_after_s: float | None = None

    def status(self) -> Status:
        """The `google.rpc.Status` that OTLP wants in the body or the trailers."""
        status = Status(code=self.grpc, message=self.message)
        if self.retry_after_s is not None:
            nanos = int(self.retry_after_s * 1e9)
            delay = Duration(seconds=nanos // 1_000_000_000, nanos=nanos % 1_000_000_000)
            status.details.add().Pack(RetryInfo(retry_delay=delay))
        return status

    def headers(self) -> dict[str, str]:
        """HTTP's headers for it."""
        if self.http == 401:
            return {"WWW-Authenticate": "Bearer"}
        if self.retry_after_s is not None:
            return {"Retry-After": str(math.ceil(self.retry_after_s))}
        return {}


def failure(error: Exception) -> Failure:
    """What a failure of `Door.take` means to the client."""
    match error:
        case Undecodable() | Refused():
            return Failure(400, INVALID_ARGUMENT, str(error))
        case Overloaded():
            return Failure(429, RESOURCE_EXHAUSTED, str(error), error.retry_after_s)
        case Unavailable():
            return Failure(503, UNAVAILABLE, str(error), error.retry_after_s)
        case _:
            return Failure(500, INTERNAL, "the collector failed; its log says why")


def too_large(limit: int) -> Failure:
    """The request is over the limit, as sent or unpacked."""
    return Failure(413, RESOURCE_EXHAUSTED, f"the request is larger than {limit} bytes")


def unauthenticated() -> Failure:
    """The token is missing or wrong."""
    return Failure(401, UNAUTHENTICATED, "a valid bearer token is needed")


def success(checked: Checked) -> Message:
    """The answer to a stored request; it names the spans that were refused one by one."""
    response = ExportTraceServiceResponse()
    if checked.refused:
        response.partial_success.rejected_spans = checked.refused
        response.partial_success.error_message = checked.why
    return response


def encoded(message: Message, content_type: str) -> bytes:
    """A message in the encoding of the request."""
    if content_type == JSON:
        return json_format.MessageToJson(message, indent=None).encode()
    return message.SerializeToString()
