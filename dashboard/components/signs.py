"""Small displays: KPI cards, the bar of states, notices, and how old the picture is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from dashboard.components.assets import component
from dashboard.figures.tally import Segment

_cards = component("cards")
_statebar = component("statebar")
_notice = component("notice")
_freshness = component("freshness")
_comeback = component("comeback")

REFRESH_S = 5
"""How often pages refresh."""


class Delta(TypedDict):
    """How a figure has changed: words with their time base, an arrow, a look where that is bad."""

    way: str
    text: str
    look: NotRequired[str | None]


class Card(TypedDict):
    """A key figure. `points` draw a small line, or bars; `look` marks an abnormal one.

    A `delta` takes the place of the note.
    """

    label: str
    value: str
    note: NotRequired[str]
    delta: NotRequired[Delta | None]
    bars: NotRequired[bool]
    title: NotRequired[str]
    look: NotRequired[str | None]
    href: NotRequired[str]
    points: NotRequired[list[float | None]]


def cards(key: str, given: Sequence[Card]) -> None:
    """Key figures side by side."""
    _cards(key=key, data={"cards": list(given)})


def statebar(key: str, label: str, segments: Sequence[Segment], bar: bool = True) -> None:
    """A bar of states with a chip each; `label` says it all in words. Without `bar` only chips."""
    _statebar(key=key, data={"label": label, "segments": list(segments), "bar": bar})


def notice(
    key: str,
    title: str,
    text: str = "",
    *,
    look: str | None = None,
    icon: str = "",
    lines: Sequence[str] = (),
    action: tuple[str, str] | None = None,
    urgent: bool = False,
) -> None:
    """A box with a title, a sentence, lines to copy, and one action (words, address)."""
    _notice(
        key=key,
        data={
            "title": title,
            "text": text,
            "look": look,
            "icon": icon,
            "lines": list(lines),
            "action": action[0] if action else None,
            "href": action[1] if action else None,
            "urgent": urgent,
        },
    )


def freshness(key: str, fetched_at: float, note: str = "", away: bool = False) -> None:
    """How old the data is; amber when it is older than three refreshes."""
    _freshness(
        key=key,
        data={
            "fetched_at": fetched_at,
            "age_s": round(max(0.0, time.time() - fetched_at), 1),
            "limit_s": 3 * REFRESH_S,
            "note": note,
            "away": away,
        },
    )


def comeback(mode: Literal["remember", "return"]) -> None:
    """Remember the page that was asked for before a login, or return to it afterwards."""
    _comeback(key="comeback", data={"mode": mode})
