"""The service map, and the buttons that save it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.components.assets import component, script, style
from dashboard.figures.drawing import DrawnMap, Frame
from dashboard.figures.mapfile import map_html
from dashboard.figures.mapview import View

PARTS = (
    "map_model",
    "map_colours",
    "map_bundle",
    "map_flow",
    "map_ring",
    "map_ring_paint",
    "map_ring_marks",
    "map_svg",
    "map_save",
    "map_frame",
)
_servicemap = component("servicemap", PARTS)
_mapsave = component("mapsave")


def map_data(
    drawn: DrawnMap,
    view: View,
    address: Mapping[str, str],
    *,
    label: str,
    frames: Sequence[Frame] = (),
    frame: int | None = None,
) -> dict[str, Any]:
    """What the component is given: the drawing, the view of it, and `label`, which says it all.

    `address` are the page's parameters, which links keep; `frames` are the replay's, `frame` the
    one to show.
    """
    return {
        **drawn,
        "address": dict(address),
        "selected": view.focus,
        "chosenEdge": view.edge,
        "opened": view.open,
        "around": view.depth,
        "q": view.q,
        "label": label,
        "frames": list(frames),
        "frame": frame,
    }


def service_map(key: str, data: Mapping[str, Any]) -> None:
    """Draw the map from `map_data`."""
    _servicemap(key=key, data=dict(data))


def save_buttons(key: str) -> None:
    """Buttons that save the map beside them as a picture."""
    _mapsave(key=key, data={})


def saved_map(data: Mapping[str, Any], title: str) -> str:
    """The map as an HTML file of its own."""
    return map_html(data, title, script("servicemap", PARTS), style("servicemap"))
