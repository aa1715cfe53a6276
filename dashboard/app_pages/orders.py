"""Orders: a list that can be searched and filtered; every row leads to its order."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.components.lists import Row, table
from dashboard.components.signs import REFRESH_S, statebar
from dashboard.figures import formats, palette
from dashboard.figures.tally import Segment, segments
from dashboard.links import link, order_link
from dashboard.records import OrderRow, Orders, Summary

FILTERS = ("workflow", "state", "verdict", "cause", "service", "step", "edge", "q", "trivial")
"""The API's filters, by the same names in the address."""
_FOREIGN = {"cause": "cause", "step": "step", "edge": "edge", "verdict": "verdict"}
"""Filters without a widget: they come from links and can be taken off."""


@st.fragment(run_every=REFRESH_S, key="orders")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    workflow = address.parameter("workflow")
    everything = data.summary()
    _, chosen = frame.title_row("Orders", everything, "all")
    if everything.value is None:
        frame.nothing_notice(everything.problem)
        return
    if not everything.value["spans"]:
        frame.first_run_notice()
        return
    asked = {name: address.parameter(name) for name in FILTERS}
    span_s = address.RANGES[chosen]
    filter_row()
    chips(asked, chosen, data.summary(workflow, span_s).value)
    answer = data.orders({**asked, "next": address.parameter("next")}, span_s)
    if problem := answer.problem or everything.problem:
        frame.problem_notice(problem, kept=answer.value is not None)
    if answer.value is not None:
        order_list(answer.value, everything.value["as_of"], asked, chosen)


def filter_row() -> None:
    """Search and the service's selection."""
    find, service = st.columns([3, 1.4], vertical_alignment="bottom")
    with find:
        address.search_box("Find", "Order id or trace id")
    with service:
        known = data.services().value
        names = sorted(row["service"] for row in known["services"]) if known else []
        address.choice("service", "Service", {name: name for name in names})


def chips(asked: dict[str, str | None], chosen: str, summary: Summary | None) -> None:
    """The states to filter by, and the filters that links brought along, each to be taken off."""
    state = asked["state"]
    others = any(asked[name] for name in FILTERS if name not in {"workflow", "state"})
    counts = summary["orders"] if summary else {}

    def address_with(changes: dict[str, str | None]) -> str:
        parameters = {**asked, "range": None if chosen == "all" else chosen, **changes}
        return link("orders", **parameters)

    found = segments(
        counts, lambda name: address_with({"state": None if name == state else name}), state
    )
    shown: list[Segment] = [{**segment, "text": ""} if others else segment for segment in found]
    for name, word in _FOREIGN.items():
        value = asked[name]
        if value:
            said = cause_words(value) if name == "cause" else value
            shown.append(
                {
                    "state": name,
                    "look": "in-progress",
                    "icon": "×",
                    "word": f"{word}: {formats.shortened(said, 60)}",
                    "count": 0,
                    "text": "",
                    "href": address_with({name: None}),
                    "chosen": True,
                    "title": f"{word}: {said} (click to take this filter off)",
                }
            )
    statebar("filters", "Filters", shown, bar=False)


def cause_words(cause_id: str) -> str:
    """The sentence of a cause, or its id when it is gone."""
    answer = data.causes().value
    found = [c["sentence"] for c in answer["causes"] if c["cause_id"] == cause_id] if answer else []
    return found[0] if found else cause_id


def order_list(page: Orders, as_of: str, asked: dict[str, str | None], chosen: str) -> None:
    """The table and the way through its pages."""
    number = (
        int(address.parameter("page") or 1) if (address.parameter("page") or "1").isdigit() else 1
    )
    first = (number - 1) * data.PAGE_SIZE + 1
    several = len({row["workflow"] for row in page["orders"]}) > 1
    table(
        "orders",
        "Orders",
        [
            {"title": "Order", "kind": "code"},
            {"title": "State"},
            {"title": "Step", "kind": "name"},
            {"title": "Cause", "kind": "wide"},
            {"title": "In this state", "align": "right"},
            {"title": "Started (UTC)", "align": "right", "kind": "soft"},
            {"title": "Spans", "align": "right", "kind": "soft"},
        ],
        [order_row(row, as_of, several) for row in page["orders"]],
        empty_words(asked),
    )
    paging(page, first, number, asked, chosen)


def order_row(row: OrderRow, as_of: str, several: bool) -> Row:
    """A row that leads to its order."""
    look = palette.order_look(row["state"], row["verdict"])
    waits = row["state"] in {"stuck", "in_progress", "failed", "compensating"}
    waiting = formats.seconds_between(row["state_since"], as_of) if waits else None
    same_day = row["started_at"][:10] == as_of[:10]
    step = formats.step_name(row["step"], row["service"])
    return {
        "id": f"{row['workflow']}\n{row['order_id']}",
        "href": order_link(row["workflow"], row["order_id"]),
        "label": f"{row['order_id']}, {look.word}: {row['sentence']}",
        "cells": [
            {
                "text": row["order_id"],
                "title": f"{row['order_id']} ({row['workflow']})" if several else row["order_id"],
            },
            {
                "text": look.word,
                "icon": look.icon,
                "look": palette.token(look),
                "title": row["verdict"].replace("_", " "),
            },
            {"text": f"{row['service']} {step}", "title": row["step"]},
            {"text": row["sentence"], "title": row["sentence"]},
            formats.duration(max(waiting, 0)) if waiting is not None else "",
            {
                "text": formats.clock(row["started_at"])
                if same_day
                else formats.stamp(row["started_at"]),
                "title": formats.stamp(row["started_at"]),
            },
            formats.number(row["span_count"]),
        ],
    }


def empty_words(asked: dict[str, str | None]) -> str:
    """What to say when no order matches."""
    if any(asked[name] for name in FILTERS if name not in {"workflow", "trivial"}):
        return "No order matches these filters."
    return "No orders here yet. Runs that touch one service alone are hidden unless asked for."


def paging(
    page: Orders, first: int, number: int, asked: dict[str, str | None], chosen: str
) -> None:
    """Where we are, and the next page."""
    same = {**asked, "range": None if chosen == "all" else chosen}
    last = first + len(page["orders"]) - 1
    total = formats.number(page["total"])
    said = (
        f"{formats.number(first)}–{formats.number(last)} of {total}" if page["orders"] else "none"
    )
    found: list[Segment] = [_page_chip(said)]
    if number > 1:
        found.append(_page_chip("First page", "‹", link("orders", **same)))
    if page["next"]:
        following = link("orders", **same, next=page["next"], page=str(number + 1))
        found.append(_page_chip("Next page", "›", following))
    trivial = None if asked["trivial"] else "true"
    word = "Show runs of one service alone" if trivial else "Hide runs of one service alone"
    found.append(_page_chip(word, href=link("orders", **{**same, "trivial": trivial})))
    statebar("paging", "Pages", found, bar=False)


def _page_chip(word: str, icon: str = "", href: str = "") -> Segment:
    return {
        "state": word,
        "look": "waiting",
        "icon": icon,
        "word": word,
        "count": 0,
        "text": "",
        "href": href,
        "plain": True,
    }
