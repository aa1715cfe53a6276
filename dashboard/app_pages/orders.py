"""Orders: a list that can be searched and filtered; every row leads to its order."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.orders_export import export_button
from dashboard.app_pages.orders_filters import asked_of, chips, filter_row, page_address, unfiltered
from dashboard.components.lists import Row, jump, list_head, table
from dashboard.components.signs import REFRESH_S, statebar
from dashboard.figures import formats, palette
from dashboard.figures.tally import Segment
from dashboard.links import order_link
from dashboard.records import OrderRow, Orders


@st.fragment(run_every=REFRESH_S, key="orders")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    workflow = address.parameter("workflow")
    span_s = address.RANGES[address.range_asked("all")]
    asked = asked_of()
    following = address.parameter("next")
    data.ahead(
        partial(data.orders, {**asked, "next": following}, span_s),
        partial(data.summary, workflow, span_s),
        partial(data.expectations, workflow),
        data.services,
    )
    everything = data.summary()
    _, chosen = frame.title_row("Orders", everything, "all")
    if everything.value is None:
        frame.nothing_notice(everything.problem)
        return
    rebuilding = frame.rebuilding(everything.value)
    if not everything.value["spans"]:
        if not rebuilding:
            frame.first_run_notice()
        return
    if found := filter_row(workflow):
        jump("jump", *found)
    answer = data.orders({**asked, "next": following}, span_s)
    filtered, whole = st.columns([2.2, 1], vertical_alignment="center")
    with filtered:
        chips(asked, chosen, data.summary(workflow, span_s).value)
    if answer.value is not None:
        with whole:
            list_row(answer.value, asked, chosen)
    if problem := answer.problem or everything.problem:
        frame.problem_notice(problem, kept=answer.value is not None)
    if answer.value is not None:
        order_list(answer.value, everything.value["as_of"], asked, chosen)


def list_row(page: Orders, asked: dict[str, str | None], chosen: str) -> None:
    """How many there are, and what can be done with them."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        list_head("list-head", which(page))
        export_button(asked, address.RANGES[chosen], page["total"])


def which(page: Orders) -> str:
    """Which of how many orders are shown."""
    first = (page_number() - 1) * data.PAGE_SIZE + 1
    last = first + len(page["orders"]) - 1
    if not page["orders"]:
        return "none"
    span = f"{formats.number(first)}–{formats.number(last)}"
    return f"{span} of {formats.number(page['total'])}"


def page_number() -> int:
    """The page, by the address."""
    given = address.parameter("page") or "1"
    return max(1, int(given)) if given.isdecimal() and len(given) < 9 else 1


def order_list(page: Orders, as_of: str, asked: dict[str, str | None], chosen: str) -> None:
    """The table, the most urgent first, and the way through its pages."""
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
    paging(page, asked, chosen)


def order_row(row: OrderRow, as_of: str, several: bool) -> Row:
    """A row that leads to its order."""
    look = palette.order_look(row["state"], row["verdict"])
    waits = row["state"] in {"stuck", "in_progress", "failed", "compensating"}
    waiting = formats.seconds_between(row["state_since"], as_of) if waits else None
    same_day = row["started_at"][:10] == as_of[:10]
    step = formats.step_name(row["step"], row["service"])
    said, _, rest = row["sentence"].partition("; waiting for ")
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
            {"text": step, "title": row["step"]},
            # How long is in a column of its own; only that tail is left out.
            {"text": said if waits and rest else row["sentence"], "title": row["sentence"]},
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
    if not unfiltered(asked):
        return "No order matches these filters."
    return "No orders here yet. Runs that touch one service alone are hidden unless asked for."


def paging(page: Orders, asked: dict[str, str | None], chosen: str) -> None:
    """Where we are, and the next page."""
    number = page_number()
    found: list[Segment] = [_page_chip(which(page))]
    if number > 1:
        found.append(_page_chip("First page", "‹", page_address(asked, chosen)))
    if page["next"]:
        following = page_address(asked, chosen, next=page["next"], page=str(number + 1))
        found.append(_page_chip("Next page", "›", following))
    trivial = None if asked["trivial"] else "true"
    word = "Show runs of one service alone" if trivial else "Hide runs of one service alone"
    found.append(_page_chip(word, href=page_address(asked, chosen, trivial=trivial)))
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
