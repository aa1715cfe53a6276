"""An order over time: by service, by span, and by what its time went by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from dashboard.components.assets import component
from dashboard.components.details import Address
from dashboard.figures.swimlane import Swimlane
from dashboard.figures.waterfall import Tree

_swimlane = component("swimlane")
_waterfall = component("waterfall")
_pathbar = component("pathbar")


class SectionLink(TypedDict):
    """A link among facts."""

    name: str
    text: str
    href: str | None


class Section(TypedDict):
    """A part of what is known of a span."""

    title: str
    pairs: list[tuple[str, str]]
    links: NotRequired[list[SectionLink]]


class SpanDetail(TypedDict):
    """What is known of a span, where to close it, and where it opens elsewhere."""

    title: str
    service: str
    close: str
    opens: list[Address]
    sections: list[Section]


class PathBar(TypedDict):
    """Times of one order, or of a usual one, by kind; seconds with their words."""

    title: str
    total: str
    parts: list[tuple[str, float, str]]


def swimlane(
    key: str,
    drawing: Swimlane,
    *,
    links: Mapping[str, str],
    path_link: str,
    selected: str | None,
    label: str,
) -> None:
    """Lanes of services; `links` say where each step leads, `path_link` where the path is told."""
    _swimlane(
        key=key,
        data={
            **drawing,
            "links": dict(links),
            "pathLink": path_link,
            "selected": selected,
            "label": label,
        },
    )


def waterfall(
    key: str,
    tree: Tree,
    *,
    address: str,
    selected: str | None,
    detail: SpanDetail | None,
    label: str,
) -> None:
    """Spans as a tree; `address` is that of a span but for its id at the end."""
    _waterfall(
        key=key,
        data={**tree, "address": address, "selected": selected, "detail": detail, "label": label},
    )


def path_bars(
    key: str, bars: Sequence[PathBar], legend: Sequence[tuple[str, str, str]], note: str, label: str
) -> None:
    """Bars of what time went by, one below the other; the legend is (kind, word, meaning)."""
    _pathbar(
        key=key,
        data={
            "bars": list(bars),
            "legend": [list(entry) for entry in legend],
            "note": note,
            "label": label,
        },
    )
