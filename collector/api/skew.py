"""Whose clock is off, and by how much: for drawing. Raw times stay as they came."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from collector.api.models import ClockOffset
from collector.api.reader import Reader

_LEAST_SHOWN_S = 0.005


@dataclass(frozen=True)
class Clocks:
    """The offsets that the skew job last estimated."""

    offsets: dict[tuple[str, str], tuple[float, float | None]]
    """(service, instance) → seconds ahead, and how wide the estimate is (None: one-sided)."""

    def ahead_ns(self, clock: tuple[str, str]) -> int:
        """How far a clock is ahead, in nanoseconds; 0 if nothing is known of it."""
        offset, _ = self.offsets.get(clock, (0.0, None))
        return round(offset * 1e9)

    def shown(self, clocks: Iterable[tuple[str, str]]) -> list[ClockOffset]:
        """Those of some clocks that are off by 5 ms or more."""
        return [
            ClockOffset(
                service=service,
                instance=instance or None,
                clock_offset_s=offset,
                clock_width_s=width,
            )
            for service, instance in sorted(clocks)
            for offset, width in [self.offsets.get((service, instance), (0.0, None))]
            if abs(offset) >= _LEAST_SHOWN_S
        ]

    def of_service(self, service: str) -> tuple[float | None, float | None]:
        """The offset of a service that is furthest off over its instances, and its width."""
        of = [offset for (name, _), offset in self.offsets.items() if name == service]
        return max(of, key=lambda offset: abs(offset[0])) if of else (None, None)


def read_clocks(reader: Reader) -> Clocks:
    """All clocks of which anything is known."""
    return Clocks(
        {
            (row["service"], row["instance"]): (
                row["offset_s"],
                row["width_s"] if math.isfinite(row["width_s"]) else None,
            )
            for row in reader.rows("path_clocks")
        }
    )
