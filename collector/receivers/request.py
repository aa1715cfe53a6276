"""Where HTTP, gRPC and files meet: the bytes of a request → checked bytes that may be joined."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receivers.framing import frames, largest_part
from collector.receivers.lenient import with_valid_text
from collector.receivers.limits import Limits
from collector.receivers.nested import as_text, may_hold
from collector.receivers.redaction import Redaction
from collector.writer import Overloaded, Refused, Writer

_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)


class Undecodable(Exception):  # noqa: N818
    """The bytes are no OTLP request: sending them again won't help."""


@dataclass(frozen=True)
class Rules:
    """What becomes of a request before it is stored, besides the check."""

    limits: Limits = Limits()  # noqa: RUF009
    redaction: Redaction | None = None


_AS_IT_IS = Rules()


@dataclass(frozen=True)
class Checked:
    """A request that may be joined with others: what is stored of it, and what isn't."""

    body: bytes
    spans: int
    refused: int = 0
    why: str = ""
    """What the client should know: of spans that were refused, and of what was cut."""
    cut_attributes: int = 0
    cut_texts: int = 0
    redacted: int = 0


def check(body: bytes, rules: Rules = _AS_IT_IS) -> Checked:
    """Check an OTLP request in protobuf, and apply the rules to it; raises Undecodable."""
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
    spans, refused = _without_invalid_ids(request)
    largest = largest_part(body)
    cut = (0, 0) if rules.limits.hold(largest) else rules.limits.cut(request, largest)
    redacted = rules.redaction.apply(request) if rules.redaction else 0
    if not (refused or any(cut) or redacted):
        return Checked(body, spans)
    body = request.SerializeToString()
    return Checked(body, spans, refused, _why(rules, refused, *cut), *cut, redacted)


def storable(checked: Checked) -> Checked:
    """The request as the engine can store it: nested attribute values as JSON text."""
    if not may_hold(checked.body):
        return checked
    request = ExportTraceServiceRequest.FromString(checked.body)
    if not as_text(request):
        return checked
    return replace(checked, body=request.SerializeToString())


def _without_invalid_ids(request: ExportTraceServiceRequest) -> tuple[int, int]:
    """Remove the spans that can't be told apart: how many are left, and how many were removed."""
    spans = refused = 0
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            bad = []
            for position, span in enumerate(scope.spans):
                trace_id, span_id, parent_id = span.trace_id, span.span_id, span.parent_span_id
                if (
                    len(trace_id) != 16
                    or len(span_id) != 8
                    or (parent_id and len(parent_id) != 8)
                    or trace_id == _NO_TRACE
                    or span_id == _NO_SPAN
                ):
                    bad.append(position)
            spans += len(scope.spans) - len(bad)
            refused += len(bad)
            for position in reversed(bad):
                del scope.spans[position]
    return spans, refused


def _why(rules: Rules, refused: int, cut_attributes: int, cut_texts: int) -> str:
    told = []
    if refused:
        told.append(
            f"{refused} spans without a valid id: a trace id is 16 bytes, a span id 8, not all zero"
        )
    if cut_attributes:
        most = rules.limits.max_attributes
        told.append(f"{cut_attributes} attributes cut: at most {most} are stored of a span or part")
    if cut_texts:
        most = rules.limits.max_value_bytes
        told.append(f"{cut_texts} texts cut: at most {most} bytes are stored of one")
    return "; ".join(told)


class Door:
    """Takes requests from any protocol to the writer."""

    def __init__(
        self,
        writer: Writer,
        rules: Rules = _AS_IT_IS,
        *,
        on_stored: Callable[[float], object] | None = None,
        on_cut: Callable[[int, int, int], object] | None = None,
    ) -> None:
        """`on_stored` is told how long a request waited, in seconds, `on_cut` how many attributes
        and texts were cut and how many attributes redacted.
        """
        self._writer = writer
        self._rules = rules
        self._on_stored = on_stored
        self._on_cut = on_cut
        self._arriving_bytes = 0

    @contextmanager
    def arrival(self) -> Iterator[Callable[[int], None]]:
        """Hold room for a request while it is read and unpacked, through the function it gives:
        call it with the bytes that came. That raises Overloaded as soon as they and what waits
        already are more than may wait: a request that is going to be refused isn't read on.

        For the event loop's thread.
        """
        held = 0

        def grow(size: int) -> None:
            nonlocal held
            held += size
            self._arriving_bytes += size
            try:
                self._writer.make_room(held, self._arriving_bytes - held)
            except Overloaded:
                self.refuse("overload")
                raise

        try:
            yield grow
        finally:
            self._arriving_bytes -= held

    async def take(self, body: bytes) -> Checked:
        """Store one OTLP request in protobuf; returns when it is durable.

        Raises Undecodable or a WriteError. Spans refused one by one are in the result.
        """
        try:
            checked = storable(check(body, self._rules))
        except Undecodable:
            self._writer.count_refused("undecodable")
            raise
        if checked.refused:
            self._writer.count_refused("invalid id", checked.refused)
        if self._on_cut and (checked.cut_attributes or checked.cut_texts or checked.redacted):
            self._on_cut(checked.cut_attributes, checked.cut_texts, checked.redacted)
        if checked.spans:
            began = time.monotonic()
            try:
                await self._writer.write(checked.body, checked.spans)
            except Refused as error:
                await self._again(checked, error)
            if self._on_stored:
                self._on_stored(time.monotonic() - began)
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
