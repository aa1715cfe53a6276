"""A service's own telemetry: its resource, its tracer provider and its way to the collector.

Every service has its own, also when all of them share a process, so that the collector sees many
services and not one.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from random import Random
from typing import ClassVar
from uuid import uuid4

from opentelemetry import baggage, context, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
    OTLPSpanExporter as HttpSpanExporter,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

logger = logging.getLogger(__name__)

SCHEDULE_DELAY_MS = 500
"""How long an ended span waits for its batch; a stuck order is seen that much later."""

QUEUE_SPANS = 8192
"""Spans a service keeps while the collector is away: some four minutes at 5 orders/s."""

ATTEMPT_S = 3.0
"""The exporter's own limit for one batch, its back-off included."""

GIVE_UP_S = 120.0
"""A batch that can't be sent for so long is dropped: perhaps it is the batch that is wrong."""

PROTOCOLS = ("http/protobuf", "grpc")


def carry(key: str, value: str) -> None:
    """Put an id on the current span and, as baggage, on all that is called from here on.

    Call it once, where the id is known first: HTTP clients send baggage along, and
    `BaggageOnSpans` puts it on the spans of whoever is called.
    """
    trace.get_current_span().set_attribute(key, value)
    context.attach(baggage.set_baggage(key, value))


class BaggageOnSpans(SpanProcessor):
    """Every span that starts takes over what came as baggage."""

    def on_start(self, span: Span, parent_context: context.Context | None = None) -> None:
        """Copy the baggage to the span's attributes."""
        for key, value in baggage.get_all(parent_context).items():
            span.set_attribute(key, str(value))


class Outbox(SpanExporter):
    """The OTLP exporter, patient with an absent collector and brief about it.

    The exporter gives a batch up after some seconds and logs every attempt; here a batch is kept
    until the collector is back, and only the change is said, once for all services.
    """

    _absent: ClassVar[set[str]] = set()
    """Addresses where no collector answers."""

    def __init__(self, exporter: SpanExporter, address: str) -> None:
        self._exporter = exporter
        self._address = address
        self._closed = threading.Event()
        self._hurry = threading.Event()
        self._chances = Random(address)
        self._dropped_share = 0.0
        self._delay_s = 0.0

    def drop(self, share: float) -> None:
        """Lose a share of the spans from now on, 0 for none."""
        self._dropped_share = share

    def delay(self, seconds: float) -> None:
        """Hold every batch back for so long, 0 for not at all (any more)."""
        self._delay_s = seconds
        if seconds:
            self._hurry.clear()
        else:
            self._hurry.set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; may block for `GIVE_UP_S`. Called by the batch processor's own thread."""
        if self._delay_s:
            self._hurry.wait(self._delay_s)
        if self._dropped_share:
            spans = [s for s in spans if self._chances.random() >= self._dropped_share]
            if not spans:
                return SpanExportResult.SUCCESS
        give_up_at = time.monotonic() + GIVE_UP_S
        while not self._closed.is_set():
            if self._exporter.export(spans) is SpanExportResult.SUCCESS:
                if self._address in self._absent:
                    self._absent.discard(self._address)
                    logger.info("the collector at %s answers again", self._address)
                return SpanExportResult.SUCCESS
            if self._closed.is_set() or time.monotonic() > give_up_at:
                break
            if self._address not in self._absent:
                self._absent.add(self._address)
                logger.warning("no collector answers at %s; keeping the spans", self._address)
            self._closed.wait(0.5)
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Close the connection; what isn't sent yet is lost, also what is being tried."""
        self._hurry.set()
        if not self._closed.is_set():
            self._closed.set()
            self._exporter.shutdown()


class Telemetry:
    """One service's tracer provider, and the means to end it gently or like a crash."""

    def __init__(
        self, service: str, namespace: str, version: str, otlp: str, protocol: str = PROTOCOLS[0]
    ) -> None:
        self.instance_id = f"{service}-{uuid4().hex[:8]}"
        self.provider = TracerProvider(
            resource=Resource.create(
                {
                    "service.name": service,
                    "service.namespace": namespace,
                    "service.version": version,
                    "service.instance.id": self.instance_id,
                }
            ),
            shutdown_on_exit=False,
        )
        self.outbox = Outbox(_exporter(otlp, protocol), otlp)
        self.provider.add_span_processor(BaggageOnSpans())
        self.provider.add_span_processor(
            BatchSpanProcessor(
                self.outbox,
                max_queue_size=QUEUE_SPANS,
                schedule_delay_millis=SCHEDULE_DELAY_MS,
            )
        )

    async def stop(self, seconds: float = 2.0) -> None:
        """Send what is left, but for no longer than `seconds`: the collector may be away."""
        self.outbox.delay(0)
        flush = asyncio.create_task(asyncio.to_thread(self.provider.shutdown))
        done, _ = await asyncio.wait([flush], timeout=seconds)
        if not done:
            self.outbox.shutdown()
            await flush

    async def lose(self) -> None:
        """End at once; spans that were not sent yet are lost."""
        self.outbox.shutdown()
        await asyncio.to_thread(self.provider.shutdown)


def _exporter(otlp: str, protocol: str) -> SpanExporter:
    if protocol == "grpc":
        return GrpcSpanExporter(
            endpoint=otlp, insecure=not otlp.startswith("https"), timeout=ATTEMPT_S
        )
    return HttpSpanExporter(endpoint=f"{otlp.rstrip('/')}/v1/traces", timeout=ATTEMPT_S)
