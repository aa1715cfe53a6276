"""Charts of one service: what becomes of its runs, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from dashboard import address, data
from dashboard.components.charts import as_table, chart, mode, plot
from dashboard.figures import formats, work
from dashboard.records import ServiceDetail, ServicePoint


def charts(service: ServiceDetail) -> None:
    """Outcomes and durations over time, and how long single runs took."""
    points, name = service["series"], service["service"]
    first, second, third = st.columns(3, gap="medium")
    with first:
        st.subheader("Runs per minute", anchor=False)
        plot(
            "outcomes",
            work.outcomes(points, service["interval_s"]),
            f"Runs of {name} per minute over time, those that failed on top",
        )
        as_table(
            "outcomes-table",
            "Runs over time",
            ("From", "Runs", "Failed"),
            [
                (formats.stamp(some[0]["t"]), total(some, "runs"), total(some, "errors"))
                for some in work.bins(points)
            ],
        )
    with second:
        st.subheader("How long over time", anchor=False)
        plot(
            "took",
            work.durations_over_time(points),
            f"Median, p95 and p99 of how long runs of {name} take, over time",
        )
        as_table(
            "took-table",
            "Duration over time",
            ("From", "Median", "p95", "p99"),
            [
                (
                    formats.stamp(p["t"]),
                    *(formats.milliseconds(p[q]) for q in ("p50_ms", "p95_ms", "p99_ms")),
                )
                for p in points
                if p["runs"]
            ],
        )
    with third:
        st.subheader("How long runs took", anchor=False)
        buckets = service["durations"]
        plot("durations", work.histogram(buckets), f"Runs of {name} by how long they took")
        as_table(
            "durations-table",
            "Runs by how long they took",
            ("Took", "Runs"),
            [(work.bucket_words(bucket), formats.number(bucket["runs"])) for bucket in buckets],
        )


@st.fragment(key="service-larger")
def larger(name: str, span_s: int | None) -> None:
    """On demand, how long runs take in a chart to zoom in.

    It doesn't refresh by itself, which would undo the zoom.
    """
    if not address.toggle(
        "chart", "Larger, to zoom in", "large", "Drag over a stretch of time; double-click for all"
    ):
        return
    service = data.service(name, span_s).value
    if service is None or not service["runs"]:
        return
    chart(
        "larger",
        work.zoomable(service["series"], mode()),
        f"Median, p95 and p99 of how long runs of {name} take, over time, to zoom in",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"As of {formats.clock(service['as_of'])} UTC.")
        st.button("Draw it again", key="larger-again")


def total(points: Sequence[ServicePoint], field: Literal["runs", "errors"]) -> str:
    """Runs or errors of some intervals together."""
    return formats.number(sum(point[field] for point in points))
