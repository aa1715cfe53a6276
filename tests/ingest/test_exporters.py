"""OpenTelemetry's own Python exporters against both receivers."""

from collections.abc import Callable

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind

from collector.engine import Engine
from tests.ingest.rig import Front

EXPORTERS: dict[str, Callable[[Front], SpanExporter]] = {
    "http": lambda front: HttpExporter(f"{front.url}/v1/traces"),
    "http gzip": lambda front: HttpExporter(f"{front.url}/v1/traces", compression=Compression.Gzip),
    "grpc": lambda front: GrpcExporter(f"http://{front.grpc_address}", insecure=True),
}


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_exporters_spans_arrive(name: str, front: Front, store: Engine) -> None:
    service = f"exporter {name}"
    provider = TracerProvider(
        resource=Resource.create({"service.name": service}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(EXPORTERS[name](front)))
    tracer = provider.get_tracer("shop", "1.2")
    with tracer.start_as_current_span("checkout", kind=SpanKind.SERVER) as parent:
        parent.set_attribute("order.id", "A-17")
        parent.set_attribute("items", 3)
    with tracer.start_as_current_span(
        "process", kind=SpanKind.CONSUMER, links=[Link(parent.get_span_context())]
    ) as child:
        child.add_event("picked", {"shelf": "B2"})
        child.record_exception(ValueError("broken"))
    assert provider.force_flush()
    provider.shutdown()
    rows = store.query(
        """
        SELECT SpanName, SpanKind, SpanAttributes, Links.TraceId AS links, Events.Name AS events,
               TraceId, ScopeName, ScopeVersion
        FROM otel_traces FINAL WHERE ServiceName = {service:String} ORDER BY SpanName
        """,
        {"service": service},
    ).to_pylist()
    checkout, process = rows
    assert (checkout["SpanName"], checkout["SpanKind"]) == ("checkout", "Server")
    assert dict(checkout["SpanAttributes"]) == {"order.id": "A-17", "items": "3"}
    assert (checkout["ScopeName"], checkout["ScopeVersion"]) == ("shop", "1.2")
    assert (process["SpanName"], process["SpanKind"]) == ("process", "Consumer")
    assert process["links"] == [checkout["TraceId"]]
    assert process["events"] == ["picked", "exception"]
