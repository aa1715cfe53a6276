"""Customers: a seeded stream of orders, posted to the service where a system's orders enter."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx

ANSWER_S = 10.0
STOP_S = 1.0


@dataclass
class Sent:
    """What the customers have seen so far. sent = accepted + refused + still unanswered."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    """Answered with an error, or not at all."""
    last_order_id: str | None = None


class Traffic:
    """Posts orders at random times (Poisson): `rate` a second in the mean, 0 for none.

    Not instrumented: customers send no telemetry, so a trace begins in the first service.
    """

    def __init__(
        self, system: str, url: str, draw_order: Callable[[Random], dict[str, Any]], seed: int
    ) -> None:
        self.system = system
        self.sent = Sent()
        self._url = url
        self._draw_order = draw_order
        self._random = Random(f"{seed} {system} traffic")
        self._rate = 0.0
        self._rate_changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._unanswered: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(timeout=ANSWER_S)

    @property
    def rate(self) -> float:
        """Orders per second, in the mean."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = rate
        self._rate_changed.set()

    def start(self) -> None:
        """Begin to send."""
        self._running = asyncio.create_task(self._run())

    async def send(self) -> str | None:
        """Send one order now; return its id, or None when it was refused."""
        self.sent.sent += 1
        order_id = await self._post(self._draw_order(self._random))
        if order_id is None:
            self.sent.refused += 1
        else:
            self.sent.accepted += 1
            self.sent.last_order_id = order_id
        return order_id

    async def stop(self) -> None:
        """Send no more; wait a moment for the answers that are due."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        if self._unanswered:
            _, late = await asyncio.wait(self._unanswered, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._client.aclose()

    async def _post(self, basket: dict[str, Any]) -> str | None:
        try:
            answer = await self._client.post(f"{self._url}/orders", json=basket)
            answer.raise_for_status()
            return str(answer.json()["order_id"])
        except httpx.HTTPError:
            return None

    async def _run(self) -> None:
        while True:
            self._rate_changed.clear()
            gap = self._random.expovariate(self._rate) if self._rate > 0 else None
            try:
                await asyncio.wait_for(self._rate_changed.wait(), gap)
            except TimeoutError:
                task = asyncio.create_task(self._send_and_forget())
                self._unanswered.add(task)
                task.add_done_callback(self._unanswered.discard)

    async def _send_and_forget(self) -> None:
        await self.send()
