"""Overview: how the orders are, and what holds the stuck ones up."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.first_run import first_run
from dashboard.app_pages.overview_figures import earlier, figures, range_part
from dashboard.components.charts import as_table, plot
from dashboard.components.lists import Row, table
from dashboard.components.signs import REFRESH_S, cards, statebar
from dashboard.figures import coverage, formats, palette, series
from dashboard.figures.failing import KIND_WORDS, failing_edges
from dashboard.figures.tally import segments, tally_words
from dashboard.links import edge_id, link
from dashboard.records import Cause, MapEdge, Summary


@st.fragment(run_every=REFRESH_S, key="overview")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    workflow = address.parameter("workflow")
    span_s = address.RANGES[address.range_asked("1h")]
    data.ahead(
        partial(data.service_map, workflow, span_s),
        partial(data.causes, workflow),
        partial(data.series, workflow, span_s),
        partial(data.summary, workflow, span_s),
        partial(data.summary, workflow, 2 * span_s if span_s else None),
    )
    now = data.summary(workflow)
    everything = data.summary() if workflow else now
    _, chosen = frame.title_row("Overview", everything, "1h")
    summary = now.value
    if summary is None:
        frame.nothing_notice(now.problem)
        return
    if now.problem:
        frame.problem_notice(now.problem, kept=True)
    rebuilding = frame.rebuilding(summary)
    if not summary["spans"]:
        if rebuilding:
            return
        first_run(coverage.first_steps(summary, None))
        return
    if not rebuilding:
        frame.cold_notice(summary)
    draw(summary, workflow, chosen)


def draw(summary: Summary, workflow: str | None, chosen: str) -> None:
    """Everything below the heading."""
    span_s = address.RANGES[chosen]
    with frame.loading("overview", 620):
        data.summary(workflow, span_s)
        data.causes(workflow)
        data.series(workflow, span_s)
        data.service_map(workflow, span_s)
    recent = data.summary(workflow, span_s).value or summary
    twice = data.summary(workflow, 2 * span_s).value if span_s else None
    before = earlier(recent, twice)
    causes = (data.causes(workflow).value or {"causes": []})["causes"]
    trend = data.series(workflow, span_s).value
    points = trend["series"] if trend else []
    edges = (data.service_map(workflow, span_s).value or {"nodes": [], "edges": []})["edges"]
    if not any(recent["orders"].values()) and any(summary["orders"].values()):
        frame.quiet_range_notice(summary, chosen, "", workflow)
    cards(
        "figures",
        figures(
            summary=summary,
            recent=recent,
            before=before,
            causes=causes,
            trend=trend,
            workflow=workflow,
            chosen=chosen,
        ),
    )
    statebar(
        "states",
        tally_words(recent["orders"]),
        segments(
            recent["orders"],
            lambda state: link("orders", workflow=workflow, state=state, range=range_part(chosen)),
        ),
    )
    left, right = st.columns([5, 3], gap="medium")
    with left:
        st.subheader("Stuck right now, by cause", anchor=False)
        cause_list(causes, summary["as_of"])
    with right:
        st.subheader("Failing edges", anchor=False)
        edge_list(failing_edges(edges), workflow, chosen)
    if points and trend:
        left, right = st.columns(2, gap="medium")
        with left:
            st.subheader("Orders per minute", anchor=False)
            drawn = series.throughput(points, trend["interval_s"])
            plot("throughput", drawn, "Orders started and finished per minute over time")
            as_table(
                "throughput-table",
                "Orders over time",
                ("From", "Started", "Finished", "Stuck", "Failed"),
                [
                    (
                        formats.stamp(point["t"]),
                        *(
                            formats.number(count)
                            for count in (
                                point["started"],
                                point["finished"],
                                point["stuck"],
                                point["failed"],
                            )
                        ),
                    )
                    for point in points
                ],
            )
        with right:
            st.subheader("Time to finish", anchor=False)
            drawn = series.time_to_finish(points)
            plot("time-to-finish", drawn, "Median, p95 and p99 of the time to finish over time")
            as_table(
                "time-to-finish-table",
                "Time to finish over time",
                ("From", "Median", "p95", "p99"),
                [
                    (
                        formats.stamp(point["t"]),
                        *(formats.duration(point[q]) for q in ("p50_s", "p95_s", "p99_s")),
                    )
                    for point in points
                    if point["finished"]
                ],
            )
        st.caption("Times are UTC.")


def cause_list(causes: list[Cause], as_of: str) -> None:
    """Causes as links to their orders: stuck ones first, then failed."""
    most = max((cause["orders"] for cause in causes), default=1)
    rows: list[Row] = []
    for cause in sorted(causes, key=lambda c: (c["state"] != "stuck", -c["orders"])):
        look = palette.order_look(cause["state"])
        named, share = palette.token(look), cause["orders"] / most
        count = formats.number(cause["orders"])
        rows.append(
            {
                "id": cause["cause_id"],
                "href": link("orders", workflow=cause["workflow"], cause=cause["cause_id"]),
                "label": f"{cause['sentence']} ({look.word}, {count} orders)",
                "cells": [
                    {
                        "text": cause["sentence"],
                        "icon": look.icon,
                        "look": named,
                        "sub": cause["contrast"][0] if cause["contrast"] else "",
                        "title": "\n".join([cause["step"], *cause["contrast"]]),
                    },
                    {"text": count, "look": named, "share": share},
                    formats.age(formats.seconds_between(cause["oldest_since"], as_of)),
                    f"+{cause['trend_per_min']:.1f}" if cause["trend_per_min"] else "0",
                ],
            }
        )
    table(
        "causes",
        "Stuck right now, by cause",
        [
            {"title": "Cause", "kind": "wide"},
            {"title": "Orders", "align": "right", "kind": "strong"},
            {"title": "Oldest", "align": "right"},
            {"title": "New per min", "align": "right", "kind": "soft"},
        ],
        rows,
        f"No stuck orders. Last checked {formats.clock(as_of)} UTC.",
    )


def edge_list(edges: list[MapEdge], workflow: str | None, chosen: str) -> None:
    """The edges with the most failed calls, as links to the map."""
    table(
        "failing-edges",
        "Failing edges",
        [
            {"title": "From → to", "kind": "wide"},
            {"title": "Kind", "kind": "soft"},
            {"title": "Errors", "align": "right", "kind": "strong"},
            {"title": "Calls", "align": "right"},
        ],
        [
            {
                "id": edge_id(edge["source"], edge["target"]),
                "href": link(
                    "map",
                    workflow=workflow,
                    range=None if chosen == "1h" else chosen,
                    edge=edge_id(edge["source"], edge["target"]),
                ),
                "cells": [
                    f"{edge['source']} → {edge['target']}",
                    KIND_WORDS.get(edge["kind"], edge["kind"]),
                    {"text": formats.percent(edge["errors"] / edge["calls"]), "look": "failing"},
                    formats.number(edge["calls"]),
                ],
            }
            for edge in edges[:6]
        ],
        "No edge fails.",
    )
