"""Service map: who calls whom, where it fails, and where orders are stuck."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.map_panel import edge_panel, edge_table, node_panel
from dashboard.components.maps import service_map
from dashboard.components.signs import REFRESH_S, notice
from dashboard.figures import formats
from dashboard.figures.servicemap import beginnings, drawn_map
from dashboard.links import edge_id, link
from dashboard.records import Map


@st.fragment(run_every=REFRESH_S, key="map")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    summary = data.summary()
    workflow, chosen = frame.title_row("Service map", summary, "1h")
    answer = data.service_map(workflow, address.RANGES[chosen])
    if answer.value is None or summary.value is None:
        frame.nothing_notice(answer.problem or summary.problem)
        return
    if answer.problem:
        frame.problem_notice(answer.problem, kept=True)
    if not summary.value["spans"]:
        frame.first_run_notice()
        return
    if not answer.value["nodes"]:
        notice(
            "quiet",
            f"No calls {address.RANGE_WORDS[chosen]}",
            "The map shows calls and messages between services in the chosen range.",
            action=("Show everything stored", link("map", workflow=workflow, range="all")),
        )
        return
    draw(answer.value, workflow, None if chosen == "1h" else chosen)


def draw(given: Map, workflow: str | None, part: str | None) -> None:
    """The map, the panel of what is selected, and the table."""
    names = {node["id"]: node["name"] for node in given["nodes"]}
    edges = {edge_id(edge["source"], edge["target"]): edge for edge in given["edges"]}
    focus, chosen_edge = address.parameter("focus"), address.parameter("edge")
    if chosen_edge not in edges:
        chosen_edge = None
    if focus not in names or chosen_edge:
        focus = None

    def node_href(node: str) -> str:
        return link("map", workflow=workflow, range=part, focus=None if node == focus else node)

    def edge_href(edge: str) -> str:
        return link(
            "map", workflow=workflow, range=part, edge=None if edge == chosen_edge else edge
        )

    rules = (data.expectations(workflow).value or {"expectations": []})["expectations"]
    drawn = drawn_map(given, node_href, edge_href, beginnings(rules, names))
    stuck = sum(edge["stuck_orders"] for edge in given["edges"])
    words = (
        f"Service map: {formats.number(len(names))} services, topics and databases, "
        f"{formats.number(len(edges))} edges, {formats.number(stuck)} orders stuck on edges. "
        "The table below has the same."
    )
    beside = drawn["shape"] == "ring" and bool(focus or chosen_edge)
    left, right = (
        st.columns([3, 1.15], gap="medium") if beside else (st.container(), st.container())
    )
    with left:
        service_map("service-map", drawn, focus, chosen_edge, words)
    with right:
        if chosen_edge:
            edge_panel(edges[chosen_edge], names, workflow, node_href)
        elif focus:
            node_panel(focus, given, workflow, edge_href, in_columns=not beside)
    st.subheader("Edges", anchor=False)
    edge_table(given, edge_href, chosen_edge)
