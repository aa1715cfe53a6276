"""The faults that come by themselves, so that whoever only watches has something to see."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass

from demo_services.board import Board

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """Which fault comes when. Seconds."""

    enabled: bool = True
    service: str = "fulfilment-cd"
    fault: str = "silent_consumer"
    first: float = 50.0
    """From the start (or from enabling the schedule) to the first fault."""
    lasts: float = 40.0
    every: float = 180.0
    """From the begin of one fault to the begin of the next."""


class Schedule:
    """Follows a plan; a new plan replaces the old one at once."""

    def __init__(self, board: Board, plan: Plan) -> None:
        self._board = board
        self.plan = plan
        self.next_at: float | None = None
        """Unix seconds of the next fault, None when the schedule is off."""
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow the plan."""
        self._running = asyncio.create_task(self._run())

    async def follow(self, plan: Plan) -> None:
        """Follow another plan from now on. A fault that goes on ends when its time has come."""
        await self.stop()
        self.plan = plan
        self.start()

    async def stop(self) -> None:
        """Begin no more faults."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self.next_at = None

    async def _run(self) -> None:
        plan = self.plan
        if not plan.enabled:
            return
        wait = plan.first
        while True:
            self.next_at = time.time() + wait
            await asyncio.sleep(wait)
            wait = plan.every
            try:
                # shielded: a new plan must not leave a service half paused
                await asyncio.shield(self._board.begin(plan.service, plan.fault, plan.lasts))
            except (LookupError, ValueError) as error:
                logger.warning("the scheduled fault did not begin: %s", error)
