"""The README's own code, run as by a newcomer: its services' spans arrive, with the order's id."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.project.tree import text

VISITS = """
import asyncio
from faststream.nats import TestNatsBroker
from starlette.testclient import TestClient

assert TestClient(app).post("/orders/ORD-1").is_success

async def deliver() -> None:
    async with TestNatsBroker(broker) as tested:
        await tested.publish({"order_id": "ORD-2"}, "order.placed")

asyncio.run(deliver())
provider.shutdown()
"""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


def test_the_services_of_the_readme_send_spans_with_the_orders_id(
    receiver: tuple[str, list[bytes]],
) -> None:
    url, bodies = receiver
    blocks = re.findall(r"^```python\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)
    service = "".join(block for block in blocks if "import" in block)
    ran = subprocess.run(
        [sys.executable, "-c", service + VISITS],
        env={"OTEL_SERVICE_NAME": "checkout", "OTEL_EXPORTER_OTLP_ENDPOINT": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    resources = [resource for request in requests for resource in request.resource_spans]
    names = {a.value.string_value for r in resources for a in r.resource.attributes}
    assert "checkout" in names
    ids = {
        attribute.value.string_value
        for resource in resources
        for scope in resource.scope_spans
        for span in scope.spans
        for attribute in span.attributes
        if attribute.key == "order.id"
    }
    assert ids == {"ORD-1", "ORD-2"}
