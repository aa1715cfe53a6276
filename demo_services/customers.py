"""A customer: makes up wishes from a seed, and asks services by HTTP."""

from random import Random
from typing import Any

import httpx

from demo_services.addresses import Addresses

PRICES = {"kettle": 3_490, "lamp": 5_900, "notebook": 450, "backpack": 8_900, "teapot": 2_750}
"""Cents."""


def draw_order(random: Random) -> dict[str, Any]:
    """Make up a basket."""
    sku = random.choice(list(PRICES))
    quantity = random.randint(1, 3)
    return {
        "customer": draw_customer(random),
        "sku": sku,
        "quantity": quantity,
        "amount": PRICES[sku] * quantity,
    }


def draw_customer(random: Random) -> str:
    """Choose one of the 500 customers."""
    return f"CUST-{random.randint(1, 500):03}"


class Customer:
    """Not instrumented: customers send no telemetry, so a trace begins in the first service.

    Answers that say no raise httpx.HTTPStatusError, missing ones another httpx.HTTPError.
    """

    def __init__(self, client: httpx.AsyncClient, addresses: Addresses, random: Random) -> None:
        self.random = random
        self._client = client
        self._addresses = addresses

    async def post(self, service: str, path: str, wish: dict[str, Any]) -> dict[str, Any]:
        """Post something to a service."""
        return await self._ask("POST", service, path, json=wish)

    async def get(self, service: str, path: str, **query: str) -> dict[str, Any]:
        """Ask a service something."""
        return await self._ask("GET", service, path, params=query)

    async def _ask(self, method: str, service: str, path: str, **more: Any) -> dict[str, Any]:
        answer = await self._client.request(method, self._addresses.of(service) + path, **more)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
