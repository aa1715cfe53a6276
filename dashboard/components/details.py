"""What an order or a node is made of: its head, its step graph, its spans, and plain facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from dashboard.components.assets import component
from dashboard.figures.stepgraph import Graph
from dashboard.figures.waterfall import SpanRow

_headline = component("headline")
_steps = component("steps")
_waterfall = component("waterfall")
_facts = component("facts")


class Crumb(TypedDict):
    """A part of the way back."""

    text: str
    href: NotRequired[str]


class Badge(TypedDict):
    """The state of an order and for how long."""

    icon: str
    text: str
    look: str


class Sentence(TypedDict):
    """A sentence: its head stands out, its tail has the evidence."""

    head: str
    tail: str


class FactLink(TypedDict):
    """A link under facts."""

    text: str
    href: str
    look: NotRequired[str]


def headline(
    key: str,
    *,
    crumbs: Sequence[Crumb],
    title: str,
    badge: Badge,
    sentences: Sequence[Sentence],
    loud: bool,
    facts_line: str,
) -> None:
    """The head of an order; `loud` gives the box a border in the state's colour."""
    _headline(
        key=key,
        data={
            "crumbs": list(crumbs),
            "title": title,
            "badge": badge,
            "look": badge["look"],
            "sentences": list(sentences),
            "loud": loud,
            "facts": facts_line,
        },
    )


def step_boxes(
    key: str, graph: Graph, links: Mapping[str, str], selected: str | None, label: str
) -> None:
    """The step graph; `links` say where each box leads."""
    _steps(
        key=key,
        data={**graph, "links": dict(links), "selected": selected, "label": label},
    )


def waterfall(
    key: str,
    rows: Sequence[SpanRow],
    shades: Sequence[tuple[float, float]],
    selected: str | None,
    label: str,
) -> None:
    """Spans as a tree; `shades` are the idle parts of the time axis (left, width)."""
    _waterfall(
        key=key,
        data={
            "rows": [list(row) for row in rows],
            "shades": [list(shade) for shade in shades],
            "selected": selected,
            "label": label,
        },
    )


def facts(
    key: str,
    title: str,
    pairs: Sequence[tuple[str, str]],
    links: Sequence[FactLink] = (),
    *,
    look: str | None = None,
    icon: str = "",
) -> None:
    """Names and values, with links below."""
    _facts(
        key=key,
        data={
            "title": title,
            "pairs": [list(pair) for pair in pairs],
            "links": list(links),
            "look": look,
            "icon": icon,
        },
    )
