"""Draws made-up maps as the page does, without the page."""

from __future__ import annotations

from typing import Any

from dashboard.figures.domains import RingOrder, appended, grouped
from dashboard.figures.mapview import view_of
from dashboard.figures.servicemap import Shown, drawn_map, shown_of


def placed(given: Any, before: RingOrder | None = None) -> RingOrder:
    """The order of a map's domains and nodes, after an earlier one."""
    links = [(edge["source"], edge["target"]) for edge in given["edges"]]
    declared = {node["id"] for node in given["nodes"] if node["domain"]}
    homes = grouped(given["nodes"], given["edges"])
    return appended(before or RingOrder(), homes, links, declared)


def shown(given: Any, **parameters: str) -> Shown:
    """What a view of a map shows; `parameters` are the address's."""
    return shown_of(given, view_of(parameters), placed(given).homes)


def drawn(given: Any, order: RingOrder | None = None, **parameters: str) -> Any:
    """A map as the component is given it."""
    order = order or placed(given)
    return drawn_map(shown(given, **parameters), order, span_s=3600)
