"""The place where faults reach into a service: around its handlers and its publications."""

from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware
from faststream.message import StreamMessage

Before = Callable[[], Awaitable[None]]
"""Runs before a handler; it may wait, or raise as a faulty handler would."""

Loses = Callable[[], bool]
"""Asked for every publication: True lets it vanish on its way to the broker."""


class Interference:
    """What the active fault does to a service's messages. Without a fault: nothing."""

    def __init__(self) -> None:
        self.before: Before | None = None
        self.loses: Loses | None = None

    def middleware(self, msg: Any, /, *, context: Any) -> "_Interfering":
        """Build FastStream's middleware for one message or publication."""
        return _Interfering(msg, context=context, interference=self)


class _Interfering(BaseMiddleware):
    """Innermost: telemetry sees a fault just as it would see a real one."""

    def __init__(self, msg: Any, /, *, context: Any, interference: Interference) -> None:
        super().__init__(msg, context=context)
        self._interference = interference

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        if self._interference.before is not None:
            await self._interference.before()
        return await call_next(msg)

    async def publish_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        if self._interference.loses is not None and self._interference.loses():
            return None
        return await call_next(msg)
