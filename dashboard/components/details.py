"""What an order or a node is made of: its head, its step graph, and plain facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from dashboard.components.assets import component
from dashboard.figures.stepgraph import Graph

_headline = component("headline")
_steps = component("steps")
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


class Evidence(TypedDict):
    """What is known beside the sentence: its name, and the words."""

    name: str
    text: str


class Address(TypedDict):
    """Where something is on another site."""

    name: str
    url: str


class TraceLinks(TypedDict):
    """A trace and where it opens elsewhere."""

    id: str
    text: str
    addresses: list[Address]


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
    evidence: Sequence[Evidence] = (),
    links: Sequence[FactLink] = (),
    traces: Sequence[TraceLinks] = (),
    hint: str = "",
) -> None:
    """The head of an order; `loud` gives the box a border in the state's colour.

    `evidence` and `links` stand in the box, `traces` in a menu with the `hint` below them.
    """
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
            "evidence": list(evidence),
            "links": list(links),
            "traces": {"list": list(traces), "hint": hint},
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
