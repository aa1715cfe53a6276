"""A service's own telemetry: its resource, its tracer provider and its way to the collector.

Every service has its own, also when all of them share a process, so that the collector sees six
services and not one.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import ClassVar
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
    OTLPSpanExporter as HttpSpanExporter,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
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

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; may block for `GIVE_UP_S`. Called by the batch processor's own thread."""
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
        self._outbox = Outbox(_exporter(otlp, protocol), otlp)
        self.provider.add_span_processor(
            BatchSpanProcessor(
                self._outbox,
                max_queue_size=QUEUE_SPANS,
                schedule_delay_millis=SCHEDULE_DELAY_MS,
            )
        )

    async def stop(self, seconds: float = 2.0) -> None:
        """Send what is left, but for no longer than `seconds`: the collector may be away."""
        flush = asyncio.create_task(asyncio.to_thread(self.provider.shutdown))
        done, _ = await asyncio.wait([flush], timeout=seconds)
        if not done:
            self._outbox.shutdown()
            await flush

    async def lose(self) -> None:
        """End at once; spans that were not sent yet are lost."""
        self._outbox.shutdown()
        await asyncio.to_thread(self.provider.shutdown)


def _exporter(otlp: str, protocol: str) -> SpanExporter:
    if protocol == "grpc":
        return GrpcSpanExporter(
            endpoint=otlp, insecure=not otlp.startswith("https"), timeout=ATTEMPT_S
        )
    return HttpSpanExporter(endpoint=f"{otlp.rstrip('/')}/v1/traces", timeout=ATTEMPT_S)
