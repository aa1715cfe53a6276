"""The service map."""

from __future__ import annotations

from dashboard.components.assets import component
from dashboard.figures.servicemap import DrawnMap

_servicemap = component("servicemap")


def service_map(
    key: str, drawn: DrawnMap, selected: str | None, chosen_edge: str | None, label: str
) -> None:
    """Draw the map with a node or an edge selected; `label` says in words what it shows."""
    _servicemap(
        key=key,
        data={**drawn, "selected": selected, "chosenEdge": chosen_edge, "label": label},
    )
