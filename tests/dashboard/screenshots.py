"""Writes pictures of every page, dark and light, from a running dashboard.

`python -m tests.dashboard.screenshots --dashboard http://127.0.0.1:8501 --into docs/images`
Also used one page at a time: `--page overview --mode dark --width 1280`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.dashboard.browsing import Opened, Scheme, opener

PAGES = ("overview", "orders", "order", "order-spans", "map", "map-selected")


def show(opened: Opened, dashboard: str, name: str) -> None:
    """Bring the page of that name into sight."""
    paths = {"overview": "/", "orders": "/orders?state=stuck", "map": "/map"}
    if name in paths:
        opened.goto(dashboard + paths[name])
    elif name == "map-selected":
        opened.goto(dashboard + "/map")
        node = opened.page.locator("a.node.stuck").or_(opened.page.locator("a.node.topic"))
        node.first.click()
    else:
        opened.goto(dashboard + "/orders?state=stuck")
        opened.page.locator("tbody a").first.click()
        opened.page.wait_for_url("**/order?**")
    if name == "order-spans":
        opened.page.get_by_role("tab", name="Spans").click()
    opened.settle()
    opened.page.wait_for_timeout(700)


def shoot(
    dashboard: str, into: Path, names: list[str], modes: list[Scheme], widths: list[int]
) -> None:
    """Write `{name}_{mode}_{width}.png` for each of them."""
    into.mkdir(parents=True, exist_ok=True)
    for browser in opener():
        for mode in modes:
            for width in widths:
                opened = browser.open(dashboard, mode)
                opened.page.set_viewport_size({"width": width, "height": 1000})
                for name in names:
                    show(opened, dashboard, name)
                    picture = into / f"{name}_{mode}_{width}.png"
                    opened.page.screenshot(path=picture)
                    print(picture, flush=True)
                for error in opened.errors:
                    print("console:", error)
                opened.close()


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
