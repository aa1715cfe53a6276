"""Every fault in every system that can have it: found while it lasts, cleared when it is over.

Takes a quarter of an hour; `make test-all` runs it, `make test` doesn't.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from demo_services.faults import FAULTS
from demo_services.systems import SYSTEMS
from tests.cli.processes import wait_until

from .demo import Demo
from .test_all_systems import KEYED, PATIENCE_S, listed

pytestmark = [pytest.mark.slow, pytest.mark.matrix, pytest.mark.timeout(400)]

SOUND = {"slow_consumer", "duplicate", "telemetry_late", "deploy"}
"""Faults of which no order may be called stuck or failed in the end."""

LASTING = {"crash", "lost_message", "poison_message", "telemetry_dropped"}
"""What they have done to an order doesn't heal when they end; a crash loses its last spans."""

LASTS_S = 25.0


@pytest.fixture(scope="module")
def shop() -> Iterator[Demo]:
    with Demo("--rate", "1", "--no-schedule") as demo:
        wait_until(lambda: _known(demo) >= set(KEYED), "completed orders of every workflow", 120)
        yield demo


def _known(demo: Demo) -> set[str]:
    workflows = demo.summary()["workflows"]
    return {w["workflow"] for w in workflows if w["orders"]["completed"] > 2}


def _suited(demo: Demo, fault: str) -> dict[str, str]:
    """One service of each system that can have the fault."""
    faults = httpx.get(f"{demo.control}/faults", timeout=10).json()["known"]
    [services] = [known["services"] for known in faults if known["fault"] == fault]
    names = {system.name: [b.name for b in system.blueprints] for system in SYSTEMS}
    chosen = {name: [s for s in services if s in own] for name, own in names.items()}
    return {name: own[-1] for name, own in chosen.items() if own}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_every_system_that_can_have_it(shop: Demo, fault: str) -> None:
    services = _suited(shop, fault)
    assert services
    began = datetime.now(UTC).isoformat()
    for service in services.values():
        shop.fault(fault, "--service", service)
    if fault == "half_compensation":
        shop.fault("declined", "--service", "saga-cd")
    time.sleep(LASTS_S)
    httpx.delete(f"{shop.control}/faults", timeout=60).raise_for_status()

    def unhappy() -> list[dict[str, Any]]:
        # What the fault before has done may only be noticed now.
        return [order for order in _unhappy(shop) if order["started_at"] > began]

    if fault in SOUND:
        wait_until(lambda: not unhappy(), "nobody to be stuck or failed", 2 * PATIENCE_S)
    elif fault not in LASTING:
        wait_until(
            lambda: not [order for order in unhappy() if order["state"] == "stuck"],
            "nobody to be stuck any more",
            2 * PATIENCE_S,
        )


def _unhappy(demo: Demo) -> list[dict[str, Any]]:
    states = ("stuck", "failed")
    return [o for name in KEYED for state in states for o in listed(demo, name, state=state)]
