"""Writes pictures of every page, dark and light: `make screenshots`.

Without `--dashboard` it runs the demo, lets things go wrong in it, and takes the pictures once
orders are stuck. One page at a time from a dashboard that runs: `--dashboard URL --page overview
--mode dark --width 1280`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.dashboard.browsing import Opened, Scheme, opener
from tests.e2e.demo import Demo

ADDRESSES = {
    "overview": "/?range=15m",
    "orders": "/orders?state=stuck",
    "order": "/orders?state=stuck&workflow=fulfilment",
    "order-spans": "/orders?state=stuck&workflow=fulfilment",
    "map": "/map?workflow=fulfilment",
    "map-all": "/map",
    "service": "/service?id=fulfilment-cd&range=15m",
    "model": "/model?workflow=fulfilment&step=fulfilment-cd+process+stock.reserved",
    "model-saga": "/model?workflow=saga",
    "health": "/health",
    "demo": "/demo",
}
PATIENCE_S = 900.0
STUCK = 12


def show(opened: Opened, dashboard: str, name: str) -> None:
    """Bring the page of that name into sight; waits for a stuck order where it shows one."""
    opened.goto(dashboard + ADDRESSES[name])
    page = opened.page
    if name.startswith("order"):
        page.locator("tbody a").first.wait_for(timeout=60_000)
    if name in {"order", "order-spans"}:
        page.locator("tbody a").first.click()
        page.wait_for_url("**/order?**")
        opened.settle()
    if name == "order-spans":
        page.get_by_role("tab", name="Spans").click()
    opened.settle()
    page.wait_for_timeout(1500)


def shoot(
    dashboard: str, into: Path, *, names: list[str], modes: list[Scheme], widths: list[int]
) -> None:
    """Write `{name}-{mode}.png` for each of them; with several widths the width is in the name."""
    into.mkdir(parents=True, exist_ok=True)
    Opened.patience_ms = 120_000
    short = len(widths) == 1
    for browser in opener():
        for mode in modes:
            for width in widths:
                opened = browser.open(dashboard, mode)
                opened.page.set_viewport_size({"width": width, "height": 1000})
                for name in names:
                    show(opened, dashboard, name)
                    picture = into / f"{name}-{mode}{'' if short else f'-{width}'}.png"
                    opened.page.screenshot(path=picture)
                    print(picture, flush=True)
                for error in opened.errors:
                    print("console:", error)
                opened.close()


@contextmanager
def troubled() -> Iterator[str]:
    """The address of a demo's dashboard, in which orders are stuck and others have failed."""
    with Demo("--rate", "1", "--no-schedule") as demo:
        until(lambda: bool(demo.summary()["judged"]["model_at"]))
        until(lambda: demo.summary()["orders"]["completed"] > 200)
        demo.start("marketplace-loyalty")
        demo.fault("error", "--service", "store-payment", "--seconds", "30", "--share", "0.5")
        demo.fault("declined", "--service", "saga-cd", "--seconds", "20")
        demo.fault("silent_consumer", "--service", "fulfilment-cd", "--seconds", "3000")
        until(lambda: demo.summary()["orders"]["stuck"] >= STUCK)
        yield demo.dashboard


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
    parser.add_argument("--page", action="append", choices=list(ADDRESSES))
    parser.add_argument("--mode", action="append", choices=("dark", "light"))
    parser.add_argument("--width", action="append", type=int)
    given = parser.parse_args()
    names = given.page or list(ADDRESSES)
    modes: list[Scheme] = given.mode or ["dark", "light"]
    widths = given.width or [1280]
    if given.dashboard:
        shoot(given.dashboard, given.into, names=names, modes=modes, widths=widths)
        return
    with troubled() as dashboard:
        shoot(dashboard, given.into, names=names, modes=modes, widths=widths)


if __name__ == "__main__":
    main()
