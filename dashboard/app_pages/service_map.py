"""Service map: who calls whom, where it fails, and where orders are stuck."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.map_controls import controls, save_menu
from dashboard.app_pages.map_panel import edge_panel, edge_table, node_panel
from dashboard.components.maps import map_data, service_map
from dashboard.components.signs import REFRESH_S, notice
from dashboard.figures import formats
from dashboard.figures.drawing import Frame
from dashboard.figures.frames import Window, together, windows
from dashboard.figures.frames import frame as frame_of
from dashboard.figures.mapview import View, view_of
from dashboard.figures.servicemap import (
    Shown,
    beginnings,
    drawn_map,
    natural_shape,
    passing,
    shown_of,
)
from dashboard.links import edge_id, link
from dashboard.records import Map

DEFAULT_RANGE = "1h"
TALL = 620
"""Where the map is higher, what is selected is told beside it: below nobody would see it."""
PARAMETERS = (
    *("workflow", "range", "from", "to", "replay", "level", "shape", "open"),
    *("focus", "edge", "depth", "kind", "failing", "min", "q"),
)
"""All that a view of the map is made of, as parameters of its address."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


@st.fragment(run_every=REFRESH_S, key="map")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    asked, between = address.parameter("workflow"), _between()
    span_s = address.RANGES[address.range_asked(DEFAULT_RANGE)]
    data.ahead(partial(data.service_map, asked, span_s, between), partial(data.expectations, asked))
    summary = data.summary()
    workflow, chosen = frame.title_row("Service map", summary, DEFAULT_RANGE)
    answer = data.service_map(workflow, span_s, between)
    if answer.value is None or summary.value is None:
        frame.nothing_notice(answer.problem or summary.problem)
        return
    if answer.problem:
        frame.problem_notice(answer.problem, kept=True)
    rebuilding = frame.rebuilding(summary.value)
    if not summary.value["spans"]:
        if not rebuilding:
            frame.first_run_notice()
        return
    given, past = answer.value, []
    if address.parameter("replay") == "1":
        past = _past(workflow)
        given = together([*(seen for _, seen in past), given])
    elif not given["nodes"]:
        notice(
            "quiet",
            "No calls in that time" if between else f"No calls {address.RANGE_WORDS[chosen]}",
            "The map shows calls and messages between services in the chosen range.",
            action=("Show everything stored", link("map", workflow=workflow, range="all")),
        )
        return
    draw(given, answer.value, workflow, span_s, past)


def _between() -> Window | None:
    """The two times in the address, if both can be read."""
    start, end = address.parameter("from"), address.parameter("to")
    if start and end and _TIME.fullmatch(start) and _TIME.fullmatch(end):
        return start, end
    return None


def _past(workflow: str | None) -> list[tuple[Window, Map]]:
    """The past hour's maps, oldest first; times that the collector doesn't answer are left out."""
    found = [(window, data.past_map(workflow, window).value) for window in windows(time.time())]
    return [(window, seen) for window, seen in found if seen is not None]


def draw(
    given: Map,
    counted: Map,
    workflow: str | None,
    span_s: int | None,
    past: Sequence[tuple[Window, Map]],
) -> None:
    """The controls, the map, the panel of what is selected, and the table.

    `given` has everything that has a place, `counted` the numbers of the chosen time.
    """
    parameters = {name: value for name in PARAMETERS if (value := address.parameter(name))}
    view = view_of(parameters)
    order = data.ring_order(given)
    names = {node["id"]: node["name"] for node in given["nodes"]}
    edges = {edge_id(edge["source"], edge["target"]): edge for edge in counted["edges"]}
    if view.focus not in names:
        view = view_of({**parameters, "focus": "", "depth": ""})
    shown = shown_of(given, view, order.homes)
    rules = (data.expectations(workflow).value or {"expectations": []})["expectations"]
    drawn = drawn_map(
        shown,
        order,
        begins=beginnings(rules, names),
        span_s=None if "from" in parameters else span_s,
        filtered=view.filtered,
    )
    frames = [
        frame_of(window, shown_of(seen, view, order.homes).edges, shown.edges)
        for window, seen in past
    ]
    drawing = map_data(
        drawn,
        replace(view, focus=shown.standing_for(view.focus, order.homes)),
        parameters,
        label=_words(shown, view),
        frames=frames,
        frame=_chosen(frames, parameters),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        natural = natural_shape(len(given["nodes"]), len(given["edges"]))
        controls(view, natural, replaying=bool(frames))
        save_menu(drawing, {"nodes": shown.nodes, "edges": shown.edges}, order.homes)
    chosen_edge = edges.get(view.edge or "")
    tall = shown.shape == "ring" or drawn["box"][3] > TALL
    beside = tall and bool(view.focus or chosen_edge)
    # the map stays in the first column, else it would begin anew: zoom and pan lost
    columns, below = st.columns([3, 1.15] if beside else [1], gap="medium"), st.container()
    with columns[0]:
        service_map("service-map", drawing)

    def node_href(node: str) -> str:
        changed = {**parameters, "focus": None if node == view.focus else node, "edge": None}
        return link("map", **changed)

    def edge_href(edge: str) -> str:
        kept = {name: value for name, value in parameters.items() if name != "depth"}
        return link("map", **{**kept, "edge": None if edge == view.edge else edge, "focus": None})

    with columns[1] if beside else below:
        if chosen_edge:
            edge_panel(chosen_edge, names, workflow, node_href)
        elif view.focus:
            about: Map = {"nodes": given["nodes"], "edges": counted["edges"]}
            node_panel(view.focus, about, workflow, edge_href, in_columns=not beside)
    st.subheader("Edges", anchor=False)
    listed = shown.edges if view.depth else passing(counted["edges"], view)
    edge_table(listed, names, edge_href, view.edge, span_s)


def _words(shown: Shown, view: View) -> str:
    """What the map shows, in words."""
    stuck = sum(edge["stuck_orders"] for edge in shown.edges)
    about = "Service map" if not view.depth else f"Surroundings of {view.focus}"
    return (
        f"{about}: {formats.number(len(shown.nodes))} services, topics and databases, "
        f"{formats.number(len(shown.edges))} edges, {formats.number(stuck)} orders stuck on edges. "
        "The table below has the same."
    )


def _chosen(frames: Sequence[Frame], parameters: dict[str, str]) -> int | None:
    """The frame of the replay that the address names, else the last."""
    if not frames:
        return None
    starts = [found["start"] for found in frames]
    named = parameters.get("from", "")
    return starts.index(named) if named in starts else len(starts) - 1
