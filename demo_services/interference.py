"""The place where faults reach into a service: around its handlers and its publications."""

from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware
from faststream.message import StreamMessage

Message = StreamMessage[Any]

Before = Callable[[Message | None], Awaitable[None]]
"""Runs before a handler (with the message, None for a request); it may wait, or raise."""

Chance = Callable[[], bool]
"""Asked for every single thing: True lets it go wrong."""


class Interference:
    """What the active fault does to a service. Without a fault: nothing."""

    def __init__(self) -> None:
        self.before: Before | None = None
        self.loses: Chance | None = None
        """A publication vanishes on its way to the broker."""
        self.repeats: Chance | None = None
        """A publication is sent a second time."""
        self.declines: Chance | None = None
        """The business says no (see `Service.declines`)."""
        self.abandons: Chance | None = None
        """An undoing is left half done (see `Service.abandons`)."""

    def end(self) -> None:
        """No fault any more."""
        self.before = self.loses = self.repeats = self.declines = self.abandons = None

    async def on_request(self) -> None:
        """Before every request that is about orders."""
        if self.before is not None:
            await self.before(None)

    def middleware(self, msg: Any, /, *, context: Any) -> "_Interfering":
        """Build FastStream's middleware for one message or publication."""
        return _Interfering(msg, context=context, interference=self)


class _Interfering(BaseMiddleware):
    """Innermost: telemetry sees a fault just as it would see a real one."""

    def __init__(self, msg: Any, /, *, context: Any, interference: Interference) -> None:
        super().__init__(msg, context=context)
        self._interference = interference

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Message) -> Any:
        if self._interference.before is not None:
            await self._interference.before(msg)
        return await call_next(msg)

    async def publish_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        if self._interference.loses is not None and self._interference.loses():
            return None
        if self._interference.repeats is not None and self._interference.repeats():
            await call_next(msg)
        return await call_next(msg)
