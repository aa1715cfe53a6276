"""Writes a picture of each of the demo's systems while it shows its point: `system-{name}.png`.

`python -m tests.dashboard.system_pictures` starts a demo of its own on free ports, lets go wrong
what the system's page in docs/systems speaks of, and ends it. Takes two to three minutes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.cli.processes import wait_until
from tests.dashboard.browsing import Opener, Scheme, opener
from tests.e2e.demo import Demo

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Scene:
    """What a picture shows: an order in some state, or the map of a system's services."""

    system: str
    fault: tuple[str, ...] = ()
    state: str = ""
    step: str = ""
    """A part of the step where the order is; '' any."""
    page: str = ""
    """Instead of an order: this page."""


SCENES = (
    Scene(
        "marketplace",
        ("silent_consumer", "--service", "marketplace-notification"),
        state="stuck",
        step="marketplace-notification",
    ),
    Scene(
        "fulfilment",
        ("silent_consumer", "--service", "fulfilment-cd"),
        state="stuck",
        step="fulfilment-cd",
    ),
    Scene("saga", ("declined", "--service", "saga-cd"), state="compensated"),
    Scene(
        "aggregator",
        ("error", "--service", "aggregator-merchant"),
        state="failed",
    ),
    Scene("store", page="/map?workflow=store"),
    Scene("sync", page="/map?workflow=login"),
)


def shoot(demo: Demo, browser: Opener, scene: Scene, into: Path, mode: Scheme) -> Path:
    """Wait until there is something to see, and write `system-{name}.png`."""
    path = scene.page
    if not path:
        found: dict[str, Any] = wait_until(
            lambda: _order(demo, scene), f"a {scene.state} order of {scene.system}", PATIENCE_S
        )
        path = f"/order?workflow={quote(found['workflow'])}&id={quote(found['order_id'])}"
    picture = into / f"system-{scene.system}.png"
    opened = browser.open(demo.dashboard + path, mode)
    opened.page.wait_for_timeout(1500)
    opened.page.screenshot(path=picture)
    for error in opened.errors:
        print("console:", error)
    opened.close()
    return picture


def _order(demo: Demo, scene: Scene) -> dict[str, Any] | None:
    """The oldest order of the system that is so."""
    asked = {"workflow": scene.system, "state": scene.state, "limit": "200"}
    answer = httpx.get(f"{demo.collector}/api/v1/orders", params=asked, timeout=30)
    orders = answer.raise_for_status().json()["orders"]
    return next((order for order in reversed(orders) if scene.step in order["step"]), None)


def main() -> None:
    """Run a demo and picture its systems."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("docs/images"))
    parser.add_argument("--mode", choices=("dark", "light"), default="dark")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    with Demo("--no-schedule") as demo:
        wanted = {scene.system for scene in SCENES if scene.state}

        def known() -> bool:
            workflows = demo.summary()["workflows"]
            return wanted <= {w["workflow"] for w in workflows if w["orders"]["completed"] > 2}

        wait_until(known, "completed orders of every system", PATIENCE_S)
        for scene in SCENES:
            if scene.fault:
                demo.fault(*scene.fault, "--seconds", "240")
        for browser in opener():
            for scene in SCENES:
                print(shoot(demo, browser, scene, given.into, given.mode), flush=True)


if __name__ == "__main__":
    main()
