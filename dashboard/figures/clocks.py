"""Clocks that are off: what is taken off the times of a service before they are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dashboard.figures import formats
from dashboard.records import ClockOffset


def shifts(offsets: Sequence[ClockOffset]) -> dict[str, int]:
    """Nanoseconds by which a service's clock is ahead.

    A service with several clocks is left as it is: a step doesn't say on which instance it ran.
    """
    known = Counter(offset["service"] for offset in offsets)
    return {
        offset["service"]: round(offset["clock_offset_s"] * 1e9)
        for offset in offsets
        if known[offset["service"]] == 1
    }


def clock_words(offsets: Sequence[ClockOffset]) -> str:
    """A sentence on each clock that is off; empty when none is."""
    return " ".join(map(_sentence, offsets))


def _sentence(offset: ClockOffset) -> str:
    whose = offset["service"] + (f" on {offset['instance']}" if offset["instance"] else "")
    by = formats.duration(abs(offset["clock_offset_s"]))
    way = "ahead" if offset["clock_offset_s"] > 0 else "behind"
    width = offset["clock_width_s"]
    sure = f" (± {formats.duration(width / 2)})" if width else ""
    return f"The clock of {whose} is {by} {way}{sure}."
