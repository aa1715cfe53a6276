"""Writes pictures of every page, dark and light: `make screenshots`. Takes about eight minutes.

Without `--dashboard` it runs the demo, lets go wrong in it what its tour does, and takes the
pictures once orders are stuck; then the map of a thousand made-up services. One page from a
dashboard that runs: `--dashboard URL --page overview --mode dark --width 1280`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Error

from tests.dashboard.browsing import Opened, Opener, Scheme, opener
from tests.dashboard.conftest import Dashboard
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene
from tests.e2e.demo import Demo

ADDRESSES = {
    "overview": "/?range=15m",
    "orders": "/orders?state=stuck",
    "order": "/orders?state=stuck&workflow=fulfilment",
    "order-spans": "/orders?state=stuck&workflow=fulfilment",
    "order-undone": "/orders?state=compensated&workflow=saga",
    "map": "/map?workflow=fulfilment",
    "map-all": "/map",
    "service": "/service?id=fulfilment-cd&range=15m",
    "model": "/model?workflow=fulfilment&step=fulfilment-cd+process+stock.reserved",
    "model-saga": "/model?workflow=saga",
    "health": "/health",
    "demo": "/demo",
}
RING = "map-ring"
"""The map of many services; made up, for the demo has thirty."""
HEIGHT = 1000
PATIENCE_S = 600.0
LEARNED_FROM = 400
"""Orders of all systems."""
STUCK = 12
TRIES = 3


def show(opened: Opened, dashboard: str, name: str) -> None:
    """Bring the page of that name into sight; waits for an order where it shows one."""
    opened.goto(dashboard + ADDRESSES[name])
    page = opened.page
    if name.startswith("order"):
        page.locator("tbody a").first.wait_for(timeout=60_000)
    if name.startswith("order-") or name == "order":
        page.locator("tbody a").first.click()
        page.wait_for_url("**/order?**")
        opened.settle()
    if name == "order-spans":
        page.get_by_role("tab", name="Spans").click()
    opened.settle()
    page.mouse.move(900, 3)  # nothing is pointed at
    page.wait_for_timeout(1500)


def shoot(
    dashboard: str,
    into: Path,
    *,
    names: list[str],
    modes: list[Scheme],
    widths: list[int],
    browser: Opener,
) -> list[str]:
    """Write `{name}-{mode}.png` for each of them; with several widths the width is in the name.

    A page that doesn't come is asked for again. Returns what the browser's console complained of.
    """
    into.mkdir(parents=True, exist_ok=True)
    complaints = []
    for mode in modes:
        for width in widths:
            opened = browser.open(dashboard, mode)
            opened.page.set_viewport_size({"width": width, "height": HEIGHT})
            for name in names:
                again(lambda: show(opened, dashboard, name))  # noqa: B023 (called at once)
                picture = into / f"{name}-{mode}{'' if len(widths) == 1 else f'-{width}'}.png"
                opened.page.screenshot(path=picture)
                print(picture, flush=True)
            complaints += opened.errors
            opened.close()
    return complaints


def shoot_ring(into: Path, modes: list[Scheme], browser: Opener) -> None:
    """Write `map-ring-{mode}.png`: a thousand services, the map alone."""
    with tempfile.TemporaryDirectory() as folder, FakeCollector(Scene("map-1000")) as fake:
        running = Dashboard(fake.url, Path(folder))
        try:
            for mode in modes:
                opened = browser.open(f"{running.url}/map", mode)
                opened.page.set_viewport_size({"width": 1400, "height": 1150})
                opened.page.wait_for_timeout(2000)
                picture = into / f"{RING}-{mode}.png"
                opened.page.locator(".root:has(.stage)").screenshot(path=picture)
                print(picture, flush=True)
                opened.close()
        finally:
            running.stop()


@contextmanager
def troubled() -> Iterator[str]:
    """The address of a demo's dashboard, in which orders are stuck and others have failed."""
    with Demo("--rate", "1", "--no-schedule") as demo:
        print("the demo runs; waiting for orders to learn from", flush=True)
        until(lambda: bool(demo.summary()["judged"]["model_at"]))
        until(lambda: demo.summary()["orders"]["completed"] > LEARNED_FROM)
        demo.fault("error", "--service", "store-payment", "--seconds", "20", "--share", "0.5")
        demo.fault("declined", "--service", "saga-cd", "--seconds", "20")
        demo.fault("silent_consumer", "--service", "fulfilment-cd", "--seconds", "3000")
        until(lambda: demo.summary()["orders"]["stuck"] >= STUCK)
        until(lambda: demo.summary()["orders"]["compensated"] > 0)
        # Few customers from now on: an outage of most of an hour is no part of this story.
        httpx.post(f"{demo.control}/traffic", json={"rate": 0.3}).raise_for_status()
        print("orders are stuck", flush=True)
        yield demo.dashboard


def again(action: Callable[[], None]) -> None:
    """Do it, and once more if the browser had to wait for too long."""
    for left in range(TRIES, 0, -1):
        try:
            return action()
        except Error as error:
            if left == 1:
                raise
            print("once more:", str(error).splitlines()[0], flush=True)
    return None


def until(there: Callable[[], bool]) -> None:
    """Wait for it, or raise RuntimeError."""
    end = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > end:
            raise RuntimeError(f"the demo did not get there in {PATIENCE_S:g} s")
        time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of the dashboard's pages.")
    parser.add_argument("--dashboard", help="one that runs; without: the demo is started")
    parser.add_argument("--into", type=Path, default=Path("docs/images"))
    parser.add_argument("--page", action="append", choices=[*ADDRESSES, RING])
    parser.add_argument("--mode", action="append", choices=("dark", "light"))
    parser.add_argument("--width", action="append", type=int)
    given = parser.parse_args()
    asked = given.page or ([*ADDRESSES] if given.dashboard else [*ADDRESSES, RING])
    names = [name for name in asked if name != RING]
    modes: list[Scheme] = given.mode or ["dark", "light"]
    widths = given.width or [1280]
    Opened.patience_ms = 60_000

    def taken(dashboard: str, browser: Opener) -> list[str]:
        return shoot(
            dashboard, given.into, names=names, modes=modes, widths=widths, browser=browser
        )

    complaints: list[str] = []
    for browser in opener():
        if given.dashboard:
            complaints = taken(given.dashboard, browser)
        elif names:
            with troubled() as dashboard:
                complaints = taken(dashboard, browser)
        if RING in asked:
            shoot_ring(given.into, modes, browser)
    if complaints:
        raise SystemExit("\n".join(["the browser's console says:", *complaints]))


if __name__ == "__main__":
    main()
