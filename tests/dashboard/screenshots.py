"""Writes pictures of every page, dark and light, from a running dashboard.

`python tests/dashboard/screenshots.py --dashboard http://127.0.0.1:8501 --into docs/images`
Also used one page at a time: `--page overview --mode dark --width 1280`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = ("overview", "orders", "order", "map", "map-selected")


def launched(playwright: Any) -> Browser:
    browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    return browser


def settled(page: Page) -> None:
    """Wait until the page has drawn itself and its script stands still."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=20_000)
    page.wait_for_timeout(900)


def visit(page: Page, dashboard: str, name: str) -> None:
    paths = {"overview": "/", "orders": "/orders?state=stuck", "map": "/map"}
    if name in paths:
        page.goto(dashboard + paths[name])
    elif name == "order":
        page.goto(dashboard + "/orders?state=stuck")
        page.locator("tbody a").first.click()
        page.wait_for_url("**/order?**")
    elif name == "map-selected":
        page.goto(dashboard + "/map")
        settled(page)
        page.locator("a.node.stuck, a.node").first.click()
    settled(page)


def shoot(
    dashboard: str, into: Path, names: list[str], modes: list[str], widths: list[int]
) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        for mode in modes:
            for width in widths:
                context = browser.new_context(
                    viewport={"width": width, "height": 1000},
                    color_scheme=mode,  # type: ignore[arg-type]
                )
                page = context.new_page()
                page.on(
                    "console",
                    lambda message: (
                        print(message.type, message.text) if message.type == "error" else None
                    ),
                )
                for name in names:
                    visit(page, dashboard, name)
                    page.screenshot(path=into / f"{name}_{mode}_{width}.png")
                    print(into / f"{name}_{mode}_{width}.png", flush=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dashboard", default="http://127.0.0.1:8501")
    parser.add_argument("--into", type=Path, default=Path("screenshots"))
    parser.add_argument("--page", action="append", choices=PAGES)
    parser.add_argument("--mode", action="append", choices=("dark", "light"))
    parser.add_argument("--width", action="append", type=int)
    given = parser.parse_args()
    shoot(
        given.dashboard,
        given.into,
        given.page or list(PAGES),
        given.mode or ["dark", "light"],
        given.width or [1280, 1600],
    )
