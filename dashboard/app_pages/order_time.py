"""An order over time: by service, and by what its time went by."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.components.lists import Row, table
from dashboard.components.signs import notice
from dashboard.components.times import PathBar, path_bars
from dashboard.components.times import swimlane as draw_swimlane
from dashboard.figures import clocks, formats, pathparts
from dashboard.figures.journey import Journey
from dashboard.figures.pathparts import PATH_MEANING, PATH_WORDS, Hop
from dashboard.figures.swimlane import MOST_THIN, swimlane
from dashboard.links import order_link
from dashboard.records import CriticalPaths, Order, Span


def timeline(order: Order, way: Journey) -> None:
    """Lanes of services over squeezed time."""
    workflow, order_id = order["workflow"], order["order_id"]
    with st.container(horizontal=True, vertical_alignment="center"):
        real = address.toggle("time", "Real time", "real", "Waiting as long as it really was")
        if said := clocks.clock_words(order["clock_offsets"]):
            st.text(f"{said} Drawn by corrected clocks.")
    spans: list[Span] = []
    if order["span_count"] <= MOST_THIN:
        answer = data.spans(order, detail=False)
        spans = answer.value["spans"] if answer.value else []
    shifts = clocks.shifts(order["clock_offsets"])
    now = formats.nanoseconds(order["as_of"])
    chosen, tab = address.parameter("step"), address.parameter("tab")
    drawing = swimlane(
        way,
        spans,
        order["critical_path"],
        now,
        real_time=real,
        shift_of=lambda service: shifts.get(service, 0),
    )
    kept = {"tab": tab, "time": "real" if real else None}
    draw_swimlane(
        "timeline",
        drawing,
        links={
            stop.step: order_link(
                workflow, order_id, step=None if stop.step == chosen else stop.step, **kept
            )
            for stop in way.stops
        },
        path_link=order_link(workflow, order_id, step=chosen, tab="Where the time went"),
        selected=chosen,
        label=timeline_words(way),
    )


def timeline_words(way: Journey) -> str:
    """What the drawing shows."""
    services = ", ".join(dict.fromkeys(stop.service for stop in way.stops))
    owed = "; ".join(f"{stop.service} owes {stop.title}" for stop in way.stops if stop.late)
    return f"Steps by service over time: {services}. {owed or 'Nothing is owed late'}."


def time_spent(order: Order, _way: Journey) -> None:
    """The critical path: what the order waited for, beside what is usual."""
    parts = order["critical_path"]
    if not parts:
        notice("nothing", "No critical path", "This order has no steps yet.")
        return
    answer = data.critical_paths(order["workflow"])
    if answer.value is None and answer.problem:
        frame.problem_notice(answer.problem, kept=False, key="tab-problem")
    usual = answer.value
    made = pathparts.sums(parts)
    bars = [_bar("This order", made.kinds, made.total)]
    if usual and usual["workflows"]:
        whole = usual["workflows"][0]
        bars.append(_bar("Usually", pathparts.usual_sums(usual["hops"]), whole["p50_s"], "about "))
    path_bars(
        "path",
        bars,
        [
            (kind, word, PATH_MEANING[kind])
            for kind, word in PATH_WORDS.items()
            if any(part[0] == kind for bar in bars for part in bar["parts"])
        ],
        path_words(order, made.waiting, usual),
        "What the time went by",
    )
    counts, small = pathparts.hops(parts, usual["hops"] if usual else [])
    rows = [hop_row(hop) for hop in counts]
    if small:
        rows.append(small_row(small))
    table(
        "hops",
        "The critical path, in the order of time",
        [
            {"title": "What the order waited for", "kind": "wide"},
            {"title": "By", "kind": "soft"},
            {"title": "Took", "align": "right", "kind": "strong"},
            {"title": "Of its time", "align": "right"},
            {"title": "Usual median", "align": "right"},
            {"title": "p99", "align": "right", "kind": "soft"},
            {"title": "", "align": "right"},
        ],
        rows,
    )


def path_words(order: Order, waiting: float, usual: CriticalPaths | None) -> str:
    """What the bars can't say."""
    said = ["The path is what the order waited for; what ran beside it is left out."]
    if waiting:
        said.append(f"For {formats.duration(waiting)} it has waited for a step that hasn't come.")
    if usual and usual["workflows"]:
        known = usual["workflows"][0]
        said.append(
            f"Usual: the medians of the last {formats.number(known['orders'])} completed orders; "
            f"half of them took {formats.duration(known['p50_s'])} or less."
        )
    if clock := clocks.clock_words(order["clock_offsets"]):
        said.append(f"{clock} Times are corrected by that.")
    return " ".join(said)


def _bar(title: str, kinds: dict[str, float], total: float, about: str = "") -> PathBar:
    return {
        "title": title,
        "total": about + formats.duration(total),
        "parts": [
            (kind, seconds, f"{PATH_WORDS[kind]}, {formats.duration(seconds)}")
            for kind, seconds in kinds.items()
            if seconds > 0
        ],
    }


def hop_row(hop: Hop) -> Row:
    """A hop beside what is usual."""
    times = pathparts.times_usual(hop)
    waits = hop.kind == "waiting"
    return {
        "id": f"{hop.kind} {hop.words}",
        "cells": [
            {"text": hop.words, "title": hop.step},
            PATH_WORDS[hop.kind],
            formats.duration(hop.seconds),
            "" if waits else {"text": formats.percent(hop.share), "share": hop.share},
            formats.duration(hop.usual["p50_s"]) if hop.usual else formats.NONE,
            formats.duration(hop.usual["p99_s"]) if hop.usual else formats.NONE,
            {"text": f"{times:.1f} × p99", "icon": "▲", "look": "failing"} if times else "",
        ],
    }


def small_row(small: list[Hop]) -> Row:
    """What is too small to be told one by one."""
    seconds = sum(hop.seconds for hop in small)
    return {
        "id": "small",
        "cells": [
            f"{formats.number(len(small))} more, each under {pathparts.SMALL:.0%} of the time",
            "",
            formats.duration(seconds),
            {
                "text": formats.percent(sum(h.share for h in small)),
                "share": sum(h.share for h in small),
            },
            "",
            "",
            "",
        ],
    }
