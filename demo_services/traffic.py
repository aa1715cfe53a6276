"""Customers' traffic: a seeded stream of journeys through a system, at a rate."""

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import httpx

from demo_services.addresses import Addresses
from demo_services.customers import Customer
from demo_services.system import Journey

ANSWER_S = 20.0
STOP_S = 1.0
QUIET_SHARE = 0.1
"""What is left of the rate in the middle of the night."""

MOST_UNANSWERED = 200
"""Customers who wait for an answer at once: with more, all would only wait longer."""
PACE_S = 10.0
"""The time over which it is seen whether the rate is kept."""

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)
_KEPT = 0.8  # of the rate, at least
_CHANCE = 4.0  # standard deviations by which orders that come at random may be too few

logger = logging.getLogger(__name__)


@dataclass
class Sent:
    """What customers have seen of one workflow.

    sent = accepted + declined + refused + still unanswered. Every run that was accepted or declined
    is known to the first service, and so to the collector.
    """

    sent: int = 0
    accepted: int = 0
    declined: int = 0
    """Answered with no (4xx): the business doesn't want it."""
    refused: int = 0
    """Answered with an error (5xx), or not at all."""
    last_order_id: str | None = None


class Traffic:
    """Begins journeys at random times (Poisson): `rate` a second in the mean, 0 for none."""

    def __init__(
        self,
        system: str,
        journeys: Sequence[Journey],
        addresses: Addresses,
        seed: int,
        day_s: float = 0.0,
    ) -> None:
        """`day_s` seconds are a day, from midnight on: little at night, most at noon; 0: flat."""
        self.system = system
        self._sent = {journey.workflow: Sent() for journey in journeys}
        self._journeys = tuple(journeys)
        self._random = Random(f"{seed} {system} traffic")
        self._day_s = day_s
        self._rate = 0.0
        self._rate_changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._unanswered: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(timeout=ANSWER_S, limits=_LIMITS)
        self._customer = Customer(self._client, addresses, self._random)
        self._midnight = time.monotonic()
        self._began: deque[float] = deque()
        self._looked_at = time.monotonic()

    @property
    def sent(self) -> Mapping[str, Sent]:
        """What was sent, by workflow."""
        return self._sent

    @property
    def rate(self) -> float:
        """Journeys per second, in the mean (of a day)."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = rate
        self._rate_changed.set()

    @property
    def pace(self) -> float:
        """Journeys a second, lately: less than the rate when that is too much here."""
        while self._began and self._began[0] < time.monotonic() - PACE_S:
            self._began.popleft()
        return len(self._began) / PACE_S

    def start(self) -> None:
        """Begin to send."""
        self._running = asyncio.create_task(self._run())

    async def send(self) -> None:
        """Do one journey now, and count how it ended."""
        [journey] = self._random.choices(self._journeys, [j.weight for j in self._journeys])
        sent = self._sent[journey.workflow]
        sent.sent += 1
        try:
            order_id = await journey.go(self._customer)
        except httpx.HTTPStatusError as error:
            if error.response.is_client_error:
                sent.declined += 1
            else:
                sent.refused += 1
        except httpx.HTTPError:
            sent.refused += 1
        else:
            sent.accepted += 1
            sent.last_order_id = order_id or sent.last_order_id

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

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            self._rate_changed.clear()
            gap: float | None = None
            if self._rate > 0:
                # Draws for the busiest moment, some of which are left out at others (thinning).
                due = max(due, time.monotonic() - 1.0) + self._random.expovariate(self._most)
                gap = max(0.0, due - time.monotonic())
            try:
                await asyncio.wait_for(self._rate_changed.wait(), gap)
                due = self._looked_at = time.monotonic()
            except TimeoutError:
                if self._random.random() * self._most < self._rate * self._hour():
                    self._begin()
                self._tell_pace()

    def _begin(self) -> None:
        if len(self._unanswered) >= MOST_UNANSWERED:
            return
        self._began.append(time.monotonic())
        task = asyncio.create_task(self.send())
        self._unanswered.add(task)
        task.add_done_callback(self._unanswered.discard)

    def _tell_pace(self) -> None:
        """Say so when fewer orders are placed than were asked for."""
        if time.monotonic() - self._looked_at < PACE_S:
            return
        self._looked_at = time.monotonic()
        wanted = PACE_S * self._rate * self._hour()
        if PACE_S * self.pace < min(_KEPT * wanted, wanted - _CHANCE * math.sqrt(wanted)):
            logger.warning(
                "customers  %.3g orders/s in %s, not %.3g: more than this machine can do",
                *(self.pace, self.system, wanted / PACE_S),
            )

    @property
    def _most(self) -> float:
        return self._rate * (2 - QUIET_SHARE if self._day_s else 1)

    def _hour(self) -> float:
        """The present share of the rate; 1 in the mean of a day."""
        if not self._day_s:
            return 1.0
        day = (time.monotonic() - self._midnight) / self._day_s
        return 1 - (1 - QUIET_SHARE) * math.cos(2 * math.pi * day)
