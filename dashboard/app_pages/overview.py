"""Overview: how the orders are, and what holds the stuck ones up."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.first_run import first_run
from dashboard.components.charts import chart, mode
from dashboard.components.lists import Row, table
from dashboard.components.signs import REFRESH_S, Card, cards, statebar
from dashboard.figures import coverage, formats, palette, series
from dashboard.figures.failing import KIND_WORDS, failing_edges
from dashboard.figures.tally import segments, tally_words
from dashboard.links import edge_id, link
from dashboard.records import Cause, MapEdge, Series, Summary


@st.fragment(run_every=REFRESH_S, key="overview")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    workflow = address.parameter("workflow")
    now = data.summary(workflow)
    everything = data.summary() if workflow else now
    _, chosen = frame.title_row("Overview", everything, "1h")
    summary = now.value
    if summary is None:
        frame.nothing_notice(now.problem)
        return
    if now.problem:
        frame.problem_notice(now.problem, kept=True)
    if not summary["spans"]:
        first_run(coverage.first_steps(summary, None))
        return
    frame.cold_notice(summary)
    draw(summary, workflow, chosen)


def draw(summary: Summary, workflow: str | None, chosen: str) -> None:
    """Everything below the heading."""
    span_s = address.RANGES[chosen]
    recent = data.summary(workflow, span_s).value or summary
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
            drawn: dict[str, Any] = series.throughput(points, trend["interval_s"], mode())
            chart("throughput", drawn, "Orders started and finished per minute over time")
        with right:
            st.subheader("Time to finish", anchor=False)
            drawn = series.time_to_finish(points, mode())
            chart("time-to-finish", drawn, "Median, p95 and p99 of the time to finish over time")
        st.caption("Times are UTC.")


def range_part(chosen: str) -> str | None:
    """The range for a link to Orders, where looking at everything is the default."""
    return None if chosen == "all" else chosen


def figures(
    *,
    summary: Summary,
    recent: Summary,
    causes: list[Cause],
    trend: Series | None,
    workflow: str | None,
    chosen: str,
) -> list[Card]:
    """The five key figures."""
    words, part = address.RANGE_WORDS[chosen], range_part(chosen)
    stuck, failed = summary["orders"]["stuck"], recent["orders"]["failed"]
    held = [cause for cause in causes if cause["state"] == "stuck"]
    note = "nothing is overdue"
    if stuck and held:
        oldest = min(cause["oldest_since"] for cause in held)
        note = f"oldest {formats.age(formats.seconds_between(oldest, summary['as_of']))}"
        joining = sum(cause["trend_per_min"] for cause in held)
        if joining > 0:
            note += f", +{joining:.0f}/min" if joining >= 1 else ""
    points = trend["series"] if trend else []
    median, slowest = (trend["finished"][q] if trend else None for q in ("p50_s", "p99_s"))
    return [
        {
            "label": "Orders started",
            "value": formats.number(sum(recent["orders"].values())),
            "note": words,
            "href": link("orders", workflow=workflow, range=part),
            "points": series.points_of(points, "started"),
        },
        {
            "label": "Stuck right now",
            "value": formats.number(stuck),
            "note": note,
            "look": "stuck" if stuck else None,
            "href": link("orders", workflow=workflow, state="stuck"),
            "points": series.points_of(points, "stuck"),
        },
        {
            "label": "Failed",
            "value": formats.number(failed),
            "note": words,
            "look": "failed" if failed else None,
            "href": link("orders", workflow=workflow, state="failed", range=part),
            "points": series.points_of(points, "failed"),
        },
        {
            "label": "Median time to finish",
            "value": formats.duration(median),
            "note": words,
            "href": link("orders", workflow=workflow, state="completed", range=part),
            "points": series.points_of(points, "p50_s"),
        },
        {
            "label": "Slowest 1 %",
            "value": formats.duration(slowest),
            "note": "of orders take longer",
            "title": "99th percentile of the time to finish",
            "href": link("orders", workflow=workflow, state="completed", range=part),
            "points": series.points_of(points, "p99_s"),
        },
    ]


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
