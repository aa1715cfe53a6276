"""What a client is told: one table from failures to HTTP and gRPC, and OTLP's answers as bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.receivers.request import Checked, Undecodable
from collector.writer import Overloaded, Refused, Unavailable

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

# google.rpc.Code
INVALID_ARGUMENT, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED = 3, 4, 7, 8
UNIMPLEMENTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 12, 13, 14, 16
# Of an engine's error. Clients read 4 MiB of an answer at most, and gRPC's trailers hold far less.
_MESSAGE_CHARACTERS = 1000


@dataclass(frozen=True)
class Failure:
    """A refusal in both protocols' words; with `retry_after_s` the client should try again."""

    http: int
    grpc: int
    message: str
    retry_after_s: float | None = None

    @property
    def short(self) -> str:
        """The message, cut where it is long."""
        if len(self.message) <= _MESSAGE_CHARACTERS:
            return self.message
        return self.message[: _MESSAGE_CHARACTERS - 1] + "…"

    def status(self) -> Status:
        """The `google.rpc.Status` that OTLP wants in the body or the trailers."""
        status = Status(code=self.grpc, message=self.short)
        if self.retry_after_s is not None:
            nanos = int(self.retry_after_s * 1e9)
            delay = Duration(seconds=nanos // 1_000_000_000, nanos=nanos % 1_000_000_000)
            status.details.add().Pack(RetryInfo(retry_delay=delay))
        if self.http == 400:
            fault = BadRequest.FieldViolation(description=self.short)
            status.details.add().Pack(BadRequest(field_violations=[fault]))
        return status

    def headers(self) -> dict[str, str]:
        """HTTP's headers for it."""
        if self.http == 401:
            return {"WWW-Authenticate": "Bearer"}
        if self.http == 405:
            return {"Allow": "POST"}
        if self.http in (408, 413):
            return {"Connection": "close"}  # what may still come isn't read
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


def too_slow(patience_s: float) -> Failure:
    """The body stopped coming."""
    return Failure(408, DEADLINE_EXCEEDED, f"nothing of the request came for {patience_s:g} s")


def wrong_method(method: str) -> Failure:
    """Spans are posted."""
    return Failure(405, UNIMPLEMENTED, f"spans come by POST, not by {method}")


def unknown_host() -> Failure:
    """Somebody let a name of theirs point to us."""
    return Failure(
        403,
        PERMISSION_DENIED,
        "without a token this collector answers to localhost and addresses only",
    )


def unauthenticated() -> Failure:
    """The token is missing or wrong."""
    return Failure(401, UNAUTHENTICATED, "a valid bearer token is needed")


def success(checked: Checked) -> Message:
    """The answer to a stored request; it names spans refused one by one, and what was cut."""
    response = ExportTraceServiceResponse()
    if checked.why:
        # With no span rejected the message is a warning, as the specification has it.
        response.partial_success.rejected_spans = checked.refused
        response.partial_success.error_message = checked.why
    return response


def encoded(message: Message, content_type: str) -> bytes:
    """A message in the encoding of the request."""
    if content_type == JSON:
        return json_format.MessageToJson(message, indent=None).encode()
    return message.SerializeToString()
