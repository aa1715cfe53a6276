"""Above the map: what of it is shown, how, and saving it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import address
from dashboard.components.maps import save_buttons, saved_map
from dashboard.figures import formats
from dashboard.figures.ego import DEPTHS
from dashboard.figures.graphml import graphml
from dashboard.figures.mapview import LEAST, View
from dashboard.records import Map

KINDS = {"rpc": "Calls", "messaging": "Messages", "database": "Databases"}
LEVELS = {"services": "Services", "domains": "Domains"}
AROUND = {"0": "Whole map", **{str(d): f"{d} step" if d == 1 else f"{d}" for d in DEPTHS}}
SHAPES = {"flow": "Flow", "ring": "Ring"}


def controls(view: View, natural: str, replaying: bool) -> None:
    """Filters and the way of drawing; all of them are in the address."""
    address.several("kind", "Kinds of edges", KINDS)
    least = {str(count): f"≥ {formats.number(count)} calls" for count in LEAST}
    address.choice("min", "Least number of calls", least, none="Any calls", width=138)
    address.switch("failing", "Failing or stuck")
    if view.focus:
        address.segments("depth", "Steps around it", AROUND, "0")
    elif natural == "flow":
        address.segments("shape", "Draw as", SHAPES, natural)
    elif not view.open:
        address.segments("level", "Level", LEVELS, "services")
    if not replaying:
        st.button(
            "Replay",
            icon=":material/history:",
            help="The past hour",
            on_click=address.change,
            kwargs={"replay": "1"},
        )


def save_menu(drawing: Mapping[str, Any], given: Map, homes: Mapping[str, str]) -> None:
    """Saves the map: as pictures, as a page of its own, as a graph."""
    with st.popover("Save", icon=":material/download:"):
        save_buttons("map-save")
        title = f"Service map, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC"
        st.download_button(
            "Page that works offline (HTML)",
            data=lambda: saved_map(drawing, title),
            file_name="service-map.html",
            mime="text/html",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "Graph (GraphML)",
            data=lambda: graphml(given, homes),
            file_name="service-map.graphml",
            mime="application/graphml+xml",
            on_click="ignore",
            width="stretch",
        )
