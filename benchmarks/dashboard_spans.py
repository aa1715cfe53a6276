"""An order of 20,000 spans on the Order page: when it is drawn, frames a second as it scrolls.

A real collector, the dashboard and Chromium. All spans have names of their own, so that none are
joined into one row. `python -m benchmarks.dashboard_spans`; `measure` is for other benchmarks.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from playwright.sync_api import Page, sync_playwright

from benchmarks.collector_process import CollectorProcess, _free_port
from benchmarks.machine import describe

SPANS = 20_000
ORDER = "BIG-1"
SERVICES = ("shop", "payment", "stock", "parcels", "invoice")
A_STEP = 50
"""Spans below each step of a service."""
CHROMIUM = "/usr/bin/chromium"
SECONDS = 4.0
"""How long it scrolls."""
SCROLL = """async (seconds) => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const tree = element.shadowRoot?.querySelector("[role=tree]");
      if (tree) return tree;
    }
  };
  const tree = find(document);
  const times = [];
  const begin = performance.now();
  await new Promise((done) => {
    const frame = (now) => {
      times.push(now);
      tree.scrollTop += 97;
      if (tree.scrollTop + tree.clientHeight >= tree.scrollHeight) tree.scrollTop = 0;
      if (now - begin < seconds * 1000) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  return times.slice(1).map((time, at) => time - times[at]);
}"""


@dataclass(frozen=True)
class Drawn:
    """What was measured: seconds until the rows stand there, bytes received until then, frames."""

    ready_s: float
    received_bytes: int
    rows: str
    frames_per_s: float
    slowest_ms: float
    """The frame of which one in a hundred is slower."""
    work_ms: float
    """Processor time of the page's main thread a frame: what a busy machine doesn't change much."""


def big_order(spans: int = SPANS, order: str = ORDER) -> bytes:
    """An OTLP request with one order in one trace; every span has a name of its own."""
    trace, now = secrets.token_bytes(16), time.time_ns() - 60_000_000_000
    request = ExportTraceServiceRequest()
    scopes = {}
    for service in SERVICES:
        resource = request.resource_spans.add()
        resource.resource.attributes.append(_text("service.name", service))
        scopes[service] = resource.scope_spans.add()
    root = secrets.token_bytes(8)
    parent = root
    for at in range(spans):
        service = SERVICES[at // A_STEP % len(SERVICES)]
        span = scopes[service].spans.add(trace_id=trace, span_id=secrets.token_bytes(8))
        step = at % A_STEP == 0
        span.start_time_unix_nano = now + at * 500_000
        span.end_time_unix_nano = now + (at + (A_STEP if step else 2)) * 500_000
        span.name = f"POST /part/{at // A_STEP}" if step else f"SELECT row {at}"
        span.kind = Span.SPAN_KIND_SERVER if step else Span.SPAN_KIND_INTERNAL
        if at == 0:
            span.span_id = root
            span.end_time_unix_nano = now + (spans + 10) * 500_000
        else:
            span.parent_span_id = root if step else parent
        if step:
            parent = span.span_id
            span.attributes.append(_text("http.route", "/part/{part}"))
        span.attributes.append(_text("order.id", order))
    return request.SerializeToString()


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def measure(page: Page, dashboard: str, order: str = ORDER) -> Drawn:
    """Open the order's spans in a page of Chromium, and scroll through them."""
    received = 0

    def count(payload: str | bytes) -> None:
        nonlocal received
        received += len(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    begin = time.monotonic()
    page.goto(f"{dashboard}/order?workflow=order&id={order}&tab=Spans")
    page.locator("[role=treeitem]").first.wait_for(timeout=180_000)
    ready = time.monotonic() - begin
    got = received
    rows = page.locator(".count").inner_text()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked_s() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))

    before = worked_s()
    times: list[float] = page.evaluate(SCROLL, SECONDS)
    worked = worked_s() - before
    ordered = sorted(times)
    return Drawn(
        ready,
        got,
        rows,
        1000 * len(times) / sum(times),
        ordered[int(len(ordered) * 0.99)],
        1000 * worked / len(times),
    )


@contextmanager
def dashboard_of(collector: str) -> Iterator[str]:
    """A dashboard in a process of its own; its address."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "dashboard", "--port", str(port), "--collector", collector]
    process = subprocess.Popen([*command, "--die-with-parent"], env={**os.environ})
    try:
        for _ in range(300):
            try:
                with urlopen(f"{url}/healthz", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def run(spans: int, times: int) -> list[Drawn]:
    """The whole measurement, so many times, each in a browser of its own."""
    with tempfile.TemporaryDirectory() as folder, CollectorProcess(Path(folder)) as collector:
        told = Request(f"{collector.url}/v1/traces", data=big_order(spans), method="POST")
        told.add_header("Content-Type", "application/x-protobuf")
        urlopen(told, timeout=60).close()
        while not collector.summary()["judged"]["settled"]:
            time.sleep(0.2)
        with dashboard_of(collector.url) as dashboard, sync_playwright() as playwright:
            path = CHROMIUM if Path(CHROMIUM).exists() else None
            found = []
            for _ in range(times):
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 1000})
                found.append(measure(page, dashboard))
                browser.close()
            return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=SPANS)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    print(describe())
    found = run(given.spans, given.times)
    for drawn in found:
        print(
            f"{drawn.rows}: drawn after {drawn.ready_s:.1f} s, "
            f"{drawn.received_bytes / 1e6:.2f} MB, {drawn.frames_per_s:.0f} frames/s, "
            f"one in a hundred over {drawn.slowest_ms:.0f} ms, {drawn.work_ms:.1f} ms of work each"
        )
    print(f"median: {median(drawn.frames_per_s for drawn in found):.0f} frames/s")


if __name__ == "__main__":
    main()
