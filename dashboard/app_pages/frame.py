"""What every page has: its heading row, and the notices for when there is nothing to show."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from dashboard import address, data
from dashboard.client import CollectorAway, CollectorProblem
from dashboard.components.signs import REFRESH_S, freshness, notice
from dashboard.figures import formats, setup
from dashboard.keeper import Answer
from dashboard.links import link
from dashboard.records import Summary

BEHIND_S = 10.0
"""Verdicts that are further behind what has come are told beside the age of the data."""
ALMOST = 0.99
"""Share of the stored spans above which nothing is said: what a plain restart has left to do."""


def title_row(title: str, summary: Answer[Summary], default_range: str) -> tuple[str | None, str]:
    """Title, age of the data, workflow and range; returns the workflow and the range's name."""
    names = []
    if summary.value:
        names = [w["workflow"] for w in summary.value["workflows"] if not w["trivial"]]
    left, right = st.columns([1, 4], vertical_alignment="center")
    with left:
        st.title(title, anchor=False)
    with (
        right,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
    ):
        age(summary)
        workflow = address.workflow_choice(names)
        chosen = address.range_choice(default_range)
    return workflow, chosen


def age(summary: Answer[Summary], answer: Answer[Any] | None = None) -> None:
    """How old the data of a page is (of `answer`, if that isn't the summary), and its verdicts."""
    shown = answer or summary
    behind = summary.value["judged"]["lag_s"] if summary.value else 0.0
    note = f"verdicts {formats.duration(behind)} behind" if behind > BEHIND_S else ""
    freshness("freshness", shown.fetched_at, note, away=shown.problem is not None)


def loading(page: str, height: int = 480) -> AbstractContextManager[object]:
    """A skeleton in the size of what comes, while a page asks for the first time.

    Later the old picture stays until the new one is there.
    """
    drawn = st.session_state.setdefault("drawn", set())
    if page in drawn:
        st.empty()  # the same place in the page
        return nullcontext()
    drawn.add(page)
    skeleton: AbstractContextManager[object] = st.skeleton(height=height)
    return skeleton


def problem_notice(problem: CollectorProblem, kept: bool, key: str = "problem") -> None:
    """What failed, what still works, and what happens next."""
    text = problem.detail
    if isinstance(problem, CollectorAway):
        tail = "This is the last picture; " if kept else ""
        text = f"{problem.detail} {tail}asking again every {REFRESH_S} s."
    look = "stuck" if kept else "failed"
    notice(key, problem.title, text, look=look, icon="✕", urgent=True)


def nothing_notice(problem: CollectorProblem | None) -> None:
    """The page has no data at all."""
    if problem is not None:
        problem_notice(problem, kept=False)
        if isinstance(problem, CollectorAway):
            notice(
                "start",
                "Is the collector running?",
                "Start it, or tell the dashboard where it is.",
                lines=["choreoscope serve", "choreoscope dashboard --collector http://HOST:4318"],
            )


def first_run_notice() -> None:
    """Nothing has arrived yet: where it is told how to point an exporter here."""
    notice(
        "first-run",
        "No spans yet",
        "Orders appear here within seconds after the first span. Point any OpenTelemetry exporter "
        "at the collector.",
        look="in-progress",
        icon="○",
        lines=[setup.environment(data.collector_url())],
        action=("Lines for Python, Java, Go, Node.js and the Collector", link("health")),
    )


def rebuilding(summary: Summary) -> bool:
    """Whether what was stored is still being put together, which the page then says."""
    share = summary["judged"]["rebuilt"]
    if share is None or share > ALMOST:
        return False
    notice(
        "rebuilding",
        f"Orders are being put together: {formats.percent(share)} of the stored spans so far",
        "After an upgrade everything is derived from the spans anew. Nothing is lost, and new "
        "spans are stored meanwhile. Until it is done orders are missing, and counts grow.",
        look="in-progress",
        icon="▶",
        action=("Health", link("health")),
    )
    return True


def cold_notice(summary: Summary) -> None:
    """Orders are there, but no expectations: nothing can be stuck yet."""
    if summary["judged"]["model_at"] is None and any(summary["orders"].values()):
        notice(
            "cold",
            "Still learning what comes next",
            "Expectations are learned from finished orders; the first verdicts come after 20 of "
            "them. Until then orders are unknown rather than stuck.",
            look="waiting",
            icon="?",
        )


def quiet_range_notice(summary: Summary, chosen: str, page: str, workflow: str | None) -> None:
    """Orders are stored, but none started in the chosen range."""
    total = formats.number(sum(summary["orders"].values()))
    notice(
        "quiet",
        f"No order started {address.RANGE_WORDS[chosen]}",
        f"{total} are stored.",
        action=("Show all of them", link(page, workflow=workflow, range="all")),
    )
