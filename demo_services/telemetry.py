"""A service's own telemetry: its resource, its tracer provider and its way to the collector.

Every service has its own, also when all of them share a process, so that the collector sees six
services and not one.
"""

import asyncio
import logging
from collections.abc import Sequence
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
"""Spans kept while the collector is away: some four minutes at 5 orders/s."""

RETRY_S = 30.0
"""How long the exporter retries one batch (with back-off) before it gives the batch up."""

PROTOCOLS = ("http/protobuf", "grpc")


class Outbox(SpanExporter):
    """The OTLP exporter, with one short warning per outage and a switch that loses what is unsent.

    The exporter logs every attempt; with six services that would be a flood, so its own loggers
    are silenced and only the change from reachable to unreachable is said, and back.
    """

    def __init__(self, service: str, exporter: SpanExporter, address: str) -> None:
        self._service = service
        self._exporter = exporter
        self._address = address
        self._reachable = True
        self._losing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; blocks for at most `RETRY_S`. Called by the batch processor's thread."""
        if self._losing:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        reachable = result is SpanExportResult.SUCCESS
        if reachable is not self._reachable and not self._losing:
            if reachable:
                logger.info("%s: the collector answers again", self._service)
            else:
                logger.warning(
                    "%s: no collector at %s, spans are being dropped", self._service, self._address
                )
            self._reachable = reachable
        return result

    def lose(self) -> None:
        """Drop every span not sent yet, as a killed process does, and end a running retry."""
        self._losing = True
        self._exporter.shutdown()

    def shutdown(self) -> None:
        """Close the connection to the collector."""
        if not self._losing:
            self._losing = True
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
        self._outbox = Outbox(service, _exporter(otlp, protocol), otlp)
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
            self._outbox.lose()
            await flush

    async def lose(self) -> None:
        """End at once; spans that were not sent yet are lost."""
        self._outbox.lose()
        await asyncio.to_thread(self.provider.shutdown)


def _exporter(otlp: str, protocol: str) -> SpanExporter:
    if protocol == "grpc":
        return GrpcSpanExporter(
            endpoint=otlp, insecure=not otlp.startswith("https"), timeout=RETRY_S
        )
    return HttpSpanExporter(endpoint=f"{otlp.rstrip('/')}/v1/traces", timeout=RETRY_S)
