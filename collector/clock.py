"""The collector's clock: the only source of 'now', so that tests can drive time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time as integer nanoseconds since 1970 (UTC)."""

    def now(self) -> int:
        """Now, in nanoseconds since 1970."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> int:
        """Now, in nanoseconds since 1970."""
        return time.time_ns()


class VirtualClock:
    """A clock that moves only when told, for tests and simulations."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Now, in nanoseconds since 1970."""
        return self._now

    def set(self, unix_ns: int) -> None:
        """Move to a moment; never backwards."""
        self._now = max(self._now, unix_ns)

    def advance(self, seconds: float) -> None:
        """Move on by some seconds."""
        self._now += int(seconds * 1e9)
