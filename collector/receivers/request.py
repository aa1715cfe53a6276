"""Where HTTP, gRPC and files meet: the bytes of a request → checked bytes that may be joined."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receivers.framing import frames
from collector.receivers.lenient import with_valid_text
from collector.writer import Refused, Writer

_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_PARENT_SIZES = (8, 0)


class Undecodable(Exception):  # noqa: N818
    """The bytes are no OTLP request: sending them again won't help."""


@dataclass(frozen=True)
class Checked:
    """A request that may be joined with others: what is stored of it, and what is refused."""

    body: bytes
    spans: int
    refused: int = 0
    why: str = ""


def check(body: bytes) -> Checked:
    """Check an OTLP request in protobuf; raises Undecodable."""
    try:
        for _ in frames(body):
            pass
        request = ExportTraceServiceRequest.FromString(body)
    except ValueError as error:
        raise Undecodable(f"not an OTLP trace request: {error}") from None
    except DecodeError:
        try:
            body = with_valid_text(body)
            request = ExportTraceServiceRequest.FromString(body)
        except (DecodeError, RecursionError) as error:
            raise Undecodable(f"not an OTLP trace request: {error}") from None
    spans = refused = 0
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            bad = [
                position
                for position, span in enumerate(scope.spans)
                if len(span.trace_id) != 16
                or len(span.span_id) != 8
                or len(span.parent_span_id) not in _PARENT_SIZES
                or span.trace_id == _NO_TRACE
                or span.span_id == _NO_SPAN
            ]
            spans += len(scope.spans) - len(bad)
            refused += len(bad)
            for position in reversed(bad):
                del scope.spans[position]
    if not refused:
        return Checked(body, spans)
    why = f"{refused} spans without a valid id: a trace id is 16 bytes, a span id 8, not all zero"
    return Checked(request.SerializeToString(), spans, refused, why)


class Door:
    """Takes requests from any protocol to the writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def take(self, body: bytes) -> Checked:
        """Store one OTLP request in protobuf; returns when it is durable.

        Raises Undecodable or a WriteError. Spans refused one by one are in the result.
        """
        try:
            checked = check(body)
        except Undecodable:
            self._writer.count_refused("undecodable")
            raise
        if checked.refused:
            self._writer.count_refused("invalid id", checked.refused)
        if checked.spans:
            try:
                await self._writer.write(checked.body, checked.spans)
            except Refused as error:
                await self._again(checked, error)
        return checked

    def refuse(self, reason: str) -> None:
        """Count a request refused before its spans were known."""
        self._writer.count_refused(reason)

    async def _again(self, checked: Checked, error: Refused) -> None:
        """Write valid protobuf that the engine's stricter reader refused in its plainest form.

        It dislikes two values of a `oneof`, booleans over 1 and unknown fields of odd types.
        """
        request = ExportTraceServiceRequest.FromString(checked.body)
        request.DiscardUnknownFields()
        plain = request.SerializeToString()
        if plain == checked.body:
            raise error
        await self._writer.write(plain, checked.spans)
