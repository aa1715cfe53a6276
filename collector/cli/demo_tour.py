"""`choreoscope demo --tour`: a walk through what can go wrong, with a line of explanation each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

_LEARNED_S = 120.0
"""The longest wait for enough finished orders; the tour begins then in any case."""


@dataclass(frozen=True)
class Scene:
    """One thing that goes wrong for a while, and what is to be seen of it."""

    systems: tuple[str, ...]
    """Those that it needs."""
    service: str
    fault: str
    """'start': no fault, the service is started."""
    seconds: float
    share: float
    told: str
    """Before it begins."""
    look: str
    """While it lasts."""


SCENES = (
    Scene(
        ("fulfilment",),
        *("fulfilment-cd", "silent_consumer", 35, 1.0),
        "The distribution centre stops taking messages. It is up, nothing fails, nothing goes on.",
        "Overview: one cause, all its orders at `fulfilment-cd process stock.reserved`, "
        "not_consumed. When it is back they complete.",
    ),
    Scene(
        ("marketplace",),
        *("marketplace-notification", "crash", 30, 1.0),
        "Notification crashes. Seller and logistics know nothing of it, and go on.",
        "An order of the marketplace: two of its branches are done, one is owed.",
    ),
    Scene(
        ("marketplace",),
        *("marketplace-loyalty", "start", 20, 1.0),
        "A fourth service subscribes to placed orders. Nobody else is changed for it.",
        "Map: it appears at the topic by itself.",
    ),
    Scene(
        ("fulfilment",),
        *("fulfilment-payment", "lost_message", 25, 0.3),
        "Three of ten messages of payment get lost on their way. The broker says nothing of it.",
        "Orders: odd_order, since later ones got past the same place.",
    ),
    Scene(
        ("saga",),
        *("saga-cd", "declined", 25, 0.6),
        "The distribution centre has to say no. The orchestrator undoes: cd, stock, payment, "
        "checkout.",
        "Orders: compensating, then compensated; an order's page shows what undid what.",
    ),
    Scene(
        ("saga",),
        *("saga-orchestrator", "half_compensation", 40, 1.0),
        "Undoing stops half-way: the goods are back, the money isn't. No error says so.",
        "Orders that were declined: the next undoing step is owed.",
    ),
    Scene(
        ("aggregator",),
        *("aggregator-merchant", "slow_consumer", 25, 1.0),
        "The third of four callees takes three seconds longer. The aggregation waits with it.",
        "Map: the time on the edge to merchant; an order's critical path.",
    ),
    Scene(
        ("store",),
        *("store-email", "poison_message", 25, 0.3),
        "Email can't read some of its messages. After three attempts they are dead letters.",
        "Orders: failed at `store-email process store.order.placed`, with the error.",
    ),
    Scene(
        ("store",),
        *("store-payment", "telemetry_dropped", 30, 1.0),
        "The store's payment works, but none of its spans arrives.",
        "Its orders go on: what comes after payment says that payment was there.",
    ),
    Scene(
        ("fulfilment",),
        *("fulfilment-payment", "deploy", 45, 1.0),
        "Payment is deployed: what it published as payment.taken is now payment.captured.",
        "The flow has changed; that is no reason to call orders stuck.",
    ),
)


async def tour(
    control_url: str, collector_url: str, systems: tuple[str, ...], say: Callable[[str], None]
) -> None:
    """Go through the scenes of these systems, one after the other; then it is over."""
    scenes = [scene for scene in SCENES if set(scene.systems) <= set(systems)]
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        say("first some healthy orders are needed, to learn from")
        await _learned(client, collector_url, {name for scene in scenes for name in scene.systems})
        for number, scene in enumerate(scenes, 1):
            say(f"{number}/{len(scenes)} {scene.told}")
            with contextlib.suppress(httpx.HTTPError):
                await _begin(client, control_url, scene)
            say(f"    see {scene.look}")
            await asyncio.sleep(scene.seconds)
            say("    over; what waited is worked off")
            await asyncio.sleep(10)
    say("that was the tour; everything goes on without faults until Ctrl-C")


async def _begin(client: httpx.AsyncClient, control_url: str, scene: Scene) -> None:
    if scene.fault == "start":
        await client.post(f"{control_url}/services/{scene.service}/start")
        return
    wanted = {
        "service": scene.service,
        "fault": scene.fault,
        "seconds": scene.seconds,
        "share": scene.share,
    }
    await client.post(f"{control_url}/faults", json=wanted)


async def _learned(client: httpx.AsyncClient, collector_url: str, workflows: set[str]) -> None:
    """Wait until each of the workflows has completed orders."""
    until = time.monotonic() + _LEARNED_S
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
            summary = (await client.get(f"{collector_url}/api/v1/summary")).json()
            completed = {
                entry["workflow"]
                for entry in summary["workflows"]
                if entry["orders"]["completed"] > 0
            }
            if workflows <= completed:
                return
        await asyncio.sleep(1)
