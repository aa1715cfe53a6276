"""How long a page takes: `make bench-dashboard`.

A folder is filled with orders, a few of which get stuck, and a real collector started on it; then
Debian's Chromium opens every page of a real dashboard, several times. Told are, as median and p95:
the first paint, the whole page (everything asked for, drawn), and the questions that the page asks
the collector, one after the other; the payload over the WebSocket; and the processor time of both
processes for a page, which says the same on a busy machine. Then so many sessions at once, and,
each in a program of its own, the map's and the waterfall's frames.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, WebSocket

from benchmarks import dashboard_sessions
from benchmarks.collector_process import CollectorProcess
from benchmarks.dashboard_sessions import cpu_s
from benchmarks.machine import describe
from benchmarks.queries import fill
from tests.dashboard.browsing import opener
from tests.dashboard.conftest import Dashboard

SESSIONS = (1, 10, 25, 50)
STUCK_OF = 40
"""One of so many orders misses its last two services."""
DRAWN = """() => {
  const still = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  if (!still || document.querySelector("[data-testid=stSkeleton]")) return false;
  const roots = [...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean);
  const parts = roots.map((root) => root.querySelector(".root")).filter(Boolean);
  return parts.length > 1 && parts.some((part) => part.childElementCount) && performance.now();
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass(frozen=True)
class Asked:
    """A page and what it asks the collector."""

    name: str
    address: str
    questions: tuple[str, ...]


@dataclass
class Measured:
    """What was measured of a page. Milliseconds, bytes; processor seconds over all runs."""

    paint_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    payload: list[int] = field(default_factory=list)
    dashboard_s: float = 0.0
    collector_s: float = 0.0


def pages(order: str) -> list[Asked]:
    """Every page; `order` is one that is stuck."""
    summary, hour = "summary", "from={hour}"
    return [
        Asked(
            "Overview",
            "/",
            (summary, f"summary?{hour}", "causes", f"series?{hour}", f"map?{hour}"),
        ),
        Asked("Orders", "/orders?state=stuck", (summary, "orders?state=stuck&limit=50")),
        Asked("Order", f"/order?workflow=order&id={order}", (f"order?workflow=order&id={order}",)),
        Asked("Service map", "/map", (summary, f"map?{hour}")),
        Asked("Service", "/service?id=cd", (f"services/cd?{hour}", "causes")),
        Asked(
            "Workflow model",
            "/model?workflow=order",
            (summary, "expectations?workflow=order", "causes?workflow=order", "flows"),
        ),
        Asked("Health", "/health", (summary, "doctor", "services", "collector")),
    ]


def until(there: Callable[[], bool], patience_s: float = 3600.0) -> None:
    """Wait for it; for as long as `patience_s`."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if there():
            return
        time.sleep(0.5)


def ask(url: str, page: Asked, found: Measured) -> None:
    """The page's questions, one after the other."""
    hour = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    with httpx.Client(base_url=f"{url}/api/v1/", timeout=60) as client:
        began = time.monotonic()
        for question in page.questions:
            client.get(question.format(hour=hour)).raise_for_status()
        found.server_ms.append((time.monotonic() - began) * 1000)


def open_page(context: BrowserContext, url: str, found: Measured) -> None:
    """Open it in a new tab of a browser that knows the dashboard's files."""
    page = context.new_page()
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: sizes.append(len(data)))

    page.on("websocket", listen)
    page.goto(url)
    whole: Any = page.wait_for_function(DRAWN, timeout=120_000, polling="raf").json_value()
    paint = page.evaluate(PAINT)
    found.whole_ms.append(float(whole))
    if paint is not None:
        found.paint_ms.append(float(paint))
    found.payload.append(sum(sizes))
    page.close()


def measure(
    collector: CollectorProcess, dashboard: Dashboard, asked: Sequence[Asked], runs: int
) -> dict[str, Measured]:
    """Open every page so often, with a breath between: answers are kept for two seconds."""
    found = {page.name: Measured() for page in asked}
    for browser in opener():
        context = browser.browser.new_context(viewport={"width": 1280, "height": 900})
        open_page(context, dashboard.url + "/", Measured())  # the browser's files, once
        for page in asked:
            own = found[page.name]
            before = cpu_s(dashboard.process.pid), collector.cpu_s() or 0.0
            for _ in range(runs):
                time.sleep(2.1)
                open_page(context, dashboard.url + page.address, own)
            own.dashboard_s = cpu_s(dashboard.process.pid) - before[0]
            own.collector_s = (collector.cpu_s() or 0.0) - before[1]
            for _ in range(runs):
                ask(collector.url, page, own)
        context.close()
    return found


def tell(found: dict[str, Measured], runs: int) -> None:
    """The table."""
    head = (
        "page",
        "first paint",
        "whole page",
        "questions",
        "payload",
        "CPU: dashboard",
        "collector",
    )
    print("{:<15}{:>14}{:>16}{:>14}{:>11}{:>16}{:>11}".format(*head))
    for name, own in found.items():
        print(
            f"{name:<15}{both(own.paint_ms):>14}{both(own.whole_ms):>16}{both(own.server_ms):>14}"
            f"{statistics.median(own.payload) / 1000:>8.0f} kB"
            f"{own.dashboard_s / runs * 1000:>13.0f} ms{own.collector_s / runs * 1000:>8.0f} ms",
        )
    print("times: median / p95 in ms; CPU: for a page opened once", flush=True)


def both(values: Sequence[float]) -> str:
    """Median and 95th percentile."""
    if not values:
        return "–"
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * (len(ordered) - 1) + 0.5)]:.0f}"


def stuck_order(collector: CollectorProcess) -> str:
    """One that waits; any order when none does."""
    for asked in ("orders?state=stuck&limit=1", "orders?limit=1"):
        answer = httpx.get(f"{collector.url}/api/v1/{asked}", timeout=60).json()
        if answer["orders"]:
            return str(answer["orders"][0]["order_id"])
    raise SystemExit("no order came out of it")


def served(folder: Path, orders: int, runs: int, sessions: Sequence[int]) -> None:
    """The folder's pages, and so many sessions; it is filled first unless it has orders."""
    filled_s = 0.0 if folder.exists() else fill(folder, orders, STUCK_OF)
    with CollectorProcess(folder) as collector, tempfile.TemporaryDirectory() as elsewhere:
        until(lambda: collector.summary()["judged"]["settled"])
        stored = collector.summary()
        print(
            f"{sum(stored['orders'].values()):,} orders, {stored['spans']:,} spans, "
            f"{stored['orders']['stuck']:,} stuck; stored and judged in {filled_s:.0f} s",
            flush=True,
        )
        dashboard = Dashboard(collector.url, Path(elsewhere))
        try:
            asked = pages(stuck_order(collector))
            tell(measure(collector, dashboard, asked, runs), runs)
            if sessions:
                print()
                addresses = [page.address for page in asked]
                found = dashboard_sessions.measure(
                    dashboard.url, dashboard.process.pid, addresses, sessions
                )
                dashboard_sessions.tell(found)
        finally:
            dashboard.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the dashboard's pages.")
    parser.add_argument("--orders", type=int, default=20_000, help="orders stored [20000]")
    parser.add_argument("--runs", type=int, default=10, help="times that a page is opened [10]")
    parser.add_argument(
        "--sessions", type=int, nargs="*", default=SESSIONS, help="at once [1 10 25 50]"
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="keep the orders in this folder; one that is there is measured as it is (pages show "
        "the last hour, so within an hour)",
    )
    parser.add_argument("--pages-only", action="store_true", help="no frames of map and waterfall")
    given = parser.parse_args()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="choreoscope-bench-") as temporary:
        folder = given.data or Path(temporary) / "data"
        served(folder, given.orders, given.runs, given.sessions)
    for module in ("benchmarks.dashboard_map", "benchmarks.dashboard_spans"):
        if not given.pages_only and find_spec(module):
            print(flush=True)
            subprocess.run([sys.executable, "-m", module], check=True)


if __name__ == "__main__":
    main()
