"""OpenTelemetry's own exporters, of Python and JavaScript, against both receivers."""

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind

from collector.engine import Engine
from tests.ingest.rig import Front, running
from tests.ingest.spans import request, span

EXPORTERS: dict[str, Callable[[Front], SpanExporter]] = {
    "http": lambda front: HttpExporter(f"{front.url}/v1/traces"),
    "http gzip": lambda front: HttpExporter(f"{front.url}/v1/traces", compression=Compression.Gzip),
    "grpc": lambda front: GrpcExporter(f"http://{front.grpc_address}", insecure=True),
    "grpc gzip": lambda front: GrpcExporter(
        f"http://{front.grpc_address}", insecure=True, compression=grpc.Compression.Gzip
    ),
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


@pytest.mark.parametrize("name", ["http", "grpc"])
def test_an_exporter_comes_again_when_a_busy_collector_says_so(
    name: str, store: Engine, stored: Callable[[str], list[str]]
) -> None:
    service = f"patient {name}"
    body = request(span("first"), service=service)
    with running(store, max_queue_bytes=len(body)) as front:
        provider = TracerProvider(
            resource=Resource.create({"service.name": service}), shutdown_on_exit=False
        )
        provider.add_span_processor(BatchSpanProcessor(EXPORTERS[name](front)))
        front.engine.open.clear()
        held = front.writer.submit(body)
        provider.get_tracer("shop").start_span("second").end()
        flushing = threading.Thread(target=provider.force_flush)
        flushing.start()
        while not front.writer.counts().refused_spans.get("overload"):
            assert flushing.is_alive()
            threading.Event().wait(0.02)
        assert stored(service) == []
        front.engine.open.set()
        held.result()
        flushing.join(30)
        provider.shutdown()
    assert stored(service) == ["first", "second"]


JS = Path(__file__).parent / "js"


@pytest.fixture(scope="module")
def javascript() -> Path:
    """The script beside its packages, which npm installs once for each version of the list."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs Node.js and npm")
    packages = (JS / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "choreoscope-tests"
    folder = cache / f"exporters-{hashlib.sha256(packages).hexdigest()[:12]}"
    if not folder.exists():
        making = folder.with_suffix(f".{os.getpid()}")
        making.mkdir(parents=True)
        (making / "package.json").write_bytes(packages)
        flags = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
        npm = ("npm", "install", *flags)
        done = subprocess.run(npm, cwd=making, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        making.rename(folder)
    return Path(shutil.copy(JS / "export.js", folder))


@pytest.mark.parametrize(("encoding", "compression"), [("json", "none"), ("protobuf", "gzip")])
def test_a_javascript_exporters_spans_arrive(
    encoding: str, compression: str, javascript: Path, front: Front, store: Engine
) -> None:
    service = f"javascript {encoding}"
    done = subprocess.run(
        ["node", javascript, encoding, compression, f"{front.url}/v1/traces", service],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    checkout, process = store.query(
        """
        SELECT SpanName, SpanKind, SpanAttributes, Links.TraceId AS links, Events.Name AS events,
               TraceId, SpanId, ParentSpanId, ScopeVersion, StatusCode, StatusMessage
        FROM otel_traces FINAL WHERE ServiceName = {service:String} ORDER BY SpanName
        """,
        {"service": service},
    ).to_pylist()
    attributes = dict(checkout["SpanAttributes"])
    assert {name: attributes[name] for name in ("order.id", "items", "paid", "weight")} == {
        "order.id": "A-17",
        "items": "3",
        "paid": "true",
        "weight": "0.5",
    }
    assert attributes["tags"]
    assert (checkout["SpanKind"], checkout["ScopeVersion"]) == ("Server", "1.2")
    assert (process["SpanKind"], process["ParentSpanId"]) == ("Consumer", checkout["SpanId"])
    assert (process["links"], process["events"]) == ([checkout["TraceId"]], ["picked"])
    assert (process["StatusCode"], process["StatusMessage"]) == ("Error", "broken")
