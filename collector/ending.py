"""The end of the collector, in bounded time."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

STOP_S = 8.0
"""How long what is under way may take when the collector ends."""


class Ending:
    """What is to be done before the end, all at once; a second later the process ends anyway."""

    def __init__(self, patience_s: float) -> None:
        self._parts: list[asyncio.Future[None]] = []
        self._last = threading.Timer(patience_s + 1, self._cut_off)
        self._last.daemon = True

    def begin(self, *parts: Coroutine[Any, Any, None]) -> None:
        """Begin with all of them, at the first call."""
        if self._parts:
            for part in parts:
                part.close()
            return
        self._last.start()
        self._parts = [asyncio.ensure_future(part) for part in parts]

    async def done(self) -> None:
        """Wait for them."""
        await asyncio.gather(*self._parts)

    def over(self) -> None:
        """It has ended in time."""
        self._last.cancel()

    @staticmethod
    def _cut_off() -> None:
        # A statement of a job may take long. What was acknowledged is committed by now, and the
        # next start repeats what was cut off.
        log.warning("ending in the middle of a job, which will be done again at the next start")
        logging.shutdown()
        os._exit(0)
