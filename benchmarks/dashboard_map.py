"""How fluent the service map is: payload, time to draw, and frames while panning and hovering.

`make bench-dashboard` or `python -m benchmarks.dashboard_map [--services 5000]`. It draws a made-up
map in Debian's Chromium without a GPU. Frames a second need an idle machine; the processor time
that the page's thread takes for a frame says the same on a busy one: below 16.7 ms, 60 frames fit.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, Page, WebSocket

from benchmarks.machine import describe
from tests.dashboard.browsing import Opener, opener
from tests.dashboard.conftest import Dashboard
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene

FRAMES = 180
MOVE = """async ({frames, held}) => {
  const stage = [...document.querySelectorAll("*")].map((e) => e.shadowRoot)
    .find((root) => root?.querySelector(".stage")).querySelector(".stage");
  const box = stage.getBoundingClientRect();
  const at = (i) => held
    ? [box.width / 2 + 160 * Math.sin(i / 9), box.height / 2 + 90 * Math.cos(i / 7)]
    : [box.width / 2 + 250 * Math.sin(i / 15), box.height / 2 + 250 * Math.cos(i / 15)];
  const gaps = [];
  let last = performance.now();
  for (let i = 0; i < frames; i += 1) {
    const [x, y] = at(i);
    stage.dispatchEvent(new PointerEvent("pointermove", {
      pointerId: 1, pointerType: "mouse", bubbles: true, composed: true,
      clientX: box.left + x, clientY: box.top + y,
    }));
    const now = await new Promise((next) => requestAnimationFrame(next));
    gaps.push(now - last);
    last = now;
  }
  return gaps.slice(1);
}"""


def cpu_s(session: CDPSession) -> float:
    """Processor seconds that the page's main thread has taken."""
    found = session.send("Performance.getMetrics")["metrics"]
    return float({one["name"]: one["value"] for one in found}["TaskDuration"])


def moving(page: Page, session: CDPSession, held: bool) -> str:
    """Move the pointer over the map, `held` to pan: frames a second, and the cost of a frame."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    if held:
        page.mouse.down()
    before = cpu_s(session)
    gaps = sorted(page.evaluate(MOVE, {"frames": FRAMES, "held": held}))
    spent = (cpu_s(session) - before) / FRAMES * 1000
    if held:
        page.mouse.up()
    page.wait_for_timeout(500)
    rate = 1000 * len(gaps) / sum(gaps)
    return (
        f"{rate:5.1f} frames/s (p95 {gaps[int(len(gaps) * 0.95)]:.0f} ms between two), "
        f"{spent:.1f} ms of processor time a frame"
    )


def measure(browser: Opener, dashboard: Dashboard, services: int) -> None:
    """Open the map, print what it costs."""
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    opened = browser.open(dashboard.url)
    page = opened.page
    page.set_viewport_size({"width": 1360, "height": 960})
    page.on("websocket", listen)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = time.perf_counter()
    page.goto(f"{dashboard.url}/map")
    page.wait_for_selector(".stage canvas.base[width], .stage svg .node")
    ready = time.perf_counter() - began
    opened.settle()
    print(f"{services} services")
    print(f"  page ready     {ready:5.1f} s, {cpu_s(session):.1f} s of processor time in the page")
    print(f"  largest answer {max(sizes) / 1e6:.2f} MB over the web socket")
    before = cpu_s(session)
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_timeout(400)
        page.get_by_role("button", name="Show all").click()
        page.wait_for_timeout(400)
    print(f"  draw           {(cpu_s(session) - before) / 8 * 1000:5.0f} ms of processor time")
    print(f"  panning        {moving(page, session, held=True)}")
    print(f"  hovering       {moving(page, session, held=False)}")
    if opened.errors:
        raise SystemExit(f"the page logged errors: {opened.errors}")
    opened.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, nargs="+", default=[200, 1000, 5000])
    given = parser.parse_args()
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        for browser in opener():
            for services in given.services:
                with FakeCollector(Scene(f"map-{services}")) as fake:
                    dashboard = Dashboard(fake.url, Path(folder))
                    try:
                        measure(browser, dashboard, services)
                    finally:
                        dashboard.stop()


if __name__ == "__main__":
    main()
