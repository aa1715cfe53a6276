"""docs/instrument.md: its lines for Python run as they stand, and their spans are what it says."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from .otlp_receiver import OtlpReceiver, Span

PAGE = (Path(__file__).parents[2] / "docs" / "instrument.md").read_text("utf-8")
CALLEE = """
@app.post("/charges")
async def charges() -> None:
    pass

"""
VISITS = """
import asyncio
import threading

import uvicorn
from faststream.nats import TestNatsBroker
from starlette.testclient import TestClient

server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    pass
assert httpx.post("http://127.0.0.1:PORT/orders/ORD-1").is_success
assert httpx.post("http://127.0.0.1:PORT/purchases/ORD-2").is_success


async def deliver() -> None:
    async with TestNatsBroker(broker) as tested:
        await tested.publish({"order_id": "ORD-3"}, "order.placed")


asyncio.run(deliver())
server.should_exit = True
thread.join()
provider.shutdown()
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def exports() -> dict[str, str]:
    """The variables of the page's first block."""
    return dict(re.findall(r"^export (\w+)=(.*)$", blocks("")[0], re.MULTILINE))


def ran(receiver: OtlpReceiver) -> list[Span]:
    port = str(receiver.port + 1 if receiver.port < 65_000 else receiver.port - 1)
    code = "".join([*blocks("python"), CALLEE, VISITS]).replace("8001", port).replace("PORT", port)
    variables = {**exports(), "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return receiver.spans


def test_the_lines_for_python_do_what_the_page_says() -> None:
    with OtlpReceiver() as receiver:
        spans = ran(receiver)
    ids = {span.name: span.attributes.get("order.id") for span in spans if span.kind != "CLIENT"}
    assert ids["POST /orders/{order_id}"] == "ORD-1"
    assert ids["POST /purchases/{order_id}"] == "ORD-2"
    assert ids["POST /charges"] == "ORD-2", "as baggage, with no line of its own"
    assert ids["order.placed process"] == "ORD-3"
    assert not [name for name in ids if "http send" in name or "http receive" in name]
    [charge] = [span for span in spans if span.name == "POST /charges"]
    assert charge.attributes["http.route"] == "/charges", "the stable names"
    [statement] = [span for span in spans if "db.system.name" in span.attributes]
    assert statement.attributes["db.namespace"] == "shop"
    assert {span.service for span in spans} == {"checkout"}


def test_the_lines_for_the_collector_are_yaml_that_hangs_together() -> None:
    forward, rename = map(yaml.safe_load, blocks("yaml"))
    [exporter] = forward["exporters"]
    assert forward["service"]["pipelines"]["traces"]["exporters"] == [exporter]
    assert forward["exporters"][exporter]["endpoint"] == exports()["OTEL_EXPORTER_OTLP_ENDPOINT"]
    [action] = rename["processors"]["attributes/order"]["actions"]
    assert action["key"] == "order.id"
