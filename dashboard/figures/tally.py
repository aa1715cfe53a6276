"""Orders by state as a bar of segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NotRequired, TypedDict

from dashboard.figures import formats, palette


class Segment(TypedDict):
    """Orders in one state; `text` is the count as people read it."""

    state: str
    look: str
    icon: str
    word: str
    count: int
    text: str
    href: NotRequired[str]
    chosen: NotRequired[bool]
    title: NotRequired[str]
    plain: NotRequired[bool]


def segments(
    counts: Mapping[str, int], href: Callable[[str], str], chosen: str | None = None
) -> list[Segment]:
    """One segment a state, in the order of the palette; rare states only when there are any."""
    found: list[Segment] = []
    for state, look in palette.STATES.items():
        count = counts.get(state, 0)
        if not count and state in {"compensating", "compensated", "unknown"} and state != chosen:
            continue
        found.append(
            {
                "state": state,
                "look": palette.token(look),
                "icon": look.icon,
                "word": look.word,
                "count": count,
                "text": formats.number(count),
                "href": href(state),
                "chosen": state == chosen,
            }
        )
    return found


def tally_words(counts: Mapping[str, int]) -> str:
    """The same in words, for those who don't see the bar."""
    parts = [
        f"{formats.number(counts[state])} {look.word}"
        for state, look in palette.STATES.items()
        if counts.get(state)
    ]
    return "Orders by state: " + (", ".join(parts) or "none") + "."
