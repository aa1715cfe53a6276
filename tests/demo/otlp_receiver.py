"""What a collector is to the demo: something that takes OTLP over HTTP and answers 200."""

import base64
import gzip
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


@dataclass(frozen=True)
class Span:
    """A received span as tests like to read it. Ids are lower-case hex, times Unix nanoseconds."""

    service: str
    resource: dict[str, Any]
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    started_at: int
    ended_at: int
    failed: bool
    attributes: dict[str, Any]


class OtlpReceiver:
    """A context manager; `url` is the OTLP base address; `received` and `spans` hold what came."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[int, ExportTraceServiceRequest]] = []
        self.spans: list[Span] = []
        receive = self._receive

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receive(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "OtlpReceiver":
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _receive(self, request: ExportTraceServiceRequest) -> None:
        self.received.append((time.time_ns(), request))
        self.spans.extend(_spans(request))


def to_otlp_json(request: ExportTraceServiceRequest) -> dict[str, Any]:
    """Write a request as OTLP/JSON: camelCase names, integer enums, ids in hex (not base64)."""
    message: dict[str, Any] = MessageToDict(request, use_integers_for_enums=True)
    for resource in message["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for holder in (span, *span.get("links", ())):
                    for name in ("traceId", "spanId", "parentSpanId"):
                        if name in holder:
                            holder[name] = base64.b64decode(holder[name]).hex()
    return message


def to_line(received_at: int, request: ExportTraceServiceRequest) -> str:
    """Write one line of a recording."""
    line = {"received_at": received_at, "request": to_otlp_json(request)}
    return json.dumps(line, separators=(",", ":"))


def _spans(request: ExportTraceServiceRequest) -> list[Span]:
    return [
        Span(
            service=str(_values(resource.resource.attributes)["service.name"]),
            resource=_values(resource.resource.attributes),
            name=span.name,
            kind=KINDS[span.kind],
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            started_at=span.start_time_unix_nano,
            ended_at=span.end_time_unix_nano,
            failed=span.status.code == 2,
            attributes=_values(span.attributes),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _values(attributes: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in attributes}
