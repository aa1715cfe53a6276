"""What the list of orders is filtered by; all of it is in the address, by the API's names."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import streamlit as st

from dashboard import address, data
from dashboard.components.signs import statebar
from dashboard.figures import formats, palette
from dashboard.figures.tally import Segment, segments
from dashboard.links import link, order_link
from dashboard.records import Summary

FILTERS = (
    "workflow",
    "state",
    "verdict",
    "cause",
    "service",
    "step",
    "edge",
    "q",
    "from",
    "to",
    "trivial",
)
"""The API's filters, by the same names in the address."""
FOREIGN = ("cause", "step", "edge", "verdict", "from", "to")
"""Filters that are shown as chips to be taken off: they come from links, or from the menu."""
VERDICTS = {
    verdict: verdict.replace("_", " ")
    for verdict in (
        "on_time",
        "delayed",
        "suspect",
        "flow_changed",
        "odd_order",
        "edge_stopped",
        "compensation_stuck",
        "dead",
        "declared",
        "with_gaps",
        "cold",
        "sampled",
        "no_telemetry",
        "unconfirmed",
    )
}
_FOUND = "orders:found"


def asked_of() -> dict[str, str | None]:
    """The filters of the address; a time that can't be read is none."""
    asked = {name: address.parameter(name) for name in FILTERS}
    for name in ("from", "to"):
        if asked[name] and _moment(asked[name]) is None:
            asked[name] = None
    return asked


def unfiltered(asked: dict[str, str | None]) -> bool:
    """Whether the list is the whole one (of a workflow)."""
    return not any(asked[name] for name in FILTERS if name not in {"workflow", "trivial"})


def page_address(asked: dict[str, str | None], chosen: str, /, **changes: str | None) -> str:
    """The list with other parameters."""
    return link("orders", **{**asked, "range": None if chosen == "all" else chosen, **changes})


def filter_row(workflow: str | None) -> tuple[str, str] | None:
    """Search, service, and the menu of further filters.

    Returns the address to go to, and a number that is its own, when what was searched for is one
    order.
    """
    find, service, more = st.columns([3, 1.6, 0.8], vertical_alignment="bottom")
    with find:
        address.search_box("Find", "Order id or trace id, whole or in part", look_up)
    with service:
        known = data.services().value
        names = sorted(row["service"] for row in known["services"]) if known else []
        address.choice("service", "Service", {name: name for name in names})
    with more, st.popover("More filters", width="stretch"):
        further(workflow)
    found: tuple[str, str] | None = st.session_state.pop(_FOUND, None)
    return found


def look_up(text: str) -> bool:
    """Whether a text is the whole id of one order, or a trace of one: then the page goes there."""
    listed = data.orders({"q": text, "trivial": "true"}).value
    rows = listed["orders"] if listed else []
    same = [row for row in rows if row["order_id"] == text] or (
        rows if len(text) == 32 and not text.strip("0123456789abcdefABCDEF") else []
    )
    if len(same) != 1:
        return False
    there = order_link(same[0]["workflow"], same[0]["order_id"])
    st.session_state[_FOUND] = (there, uuid4().hex)
    return True


def further(workflow: str | None) -> None:
    """Step, verdict and times."""
    answer = data.expectations(workflow).value
    rules = answer["expectations"] if answer else []
    steps = sorted(
        {a["step"] for rule in rules for a in rule["any_of"]} | {r["after"] for r in rules}
    )
    address.choice("step", "Step taken or owed", {step: step for step in steps})
    address.choice("verdict", "Verdict", VERDICTS)
    address.moment("from", "Started from (UTC)")
    address.moment("to", "Started until (UTC)")


def chips(asked: dict[str, str | None], chosen: str, summary: Summary | None) -> None:
    """The states to filter by, and the filters that links brought along, each to be taken off."""
    state = asked["state"]
    others = any(asked[name] for name in FILTERS if name not in {"workflow", "state"})
    counts = summary["orders"] if summary else {}
    found = segments(
        counts,
        lambda name: page_address(asked, chosen, state=None if name == state else name),
        state,
    )
    shown: list[Segment] = [{**segment, "text": ""} if others else segment for segment in found]
    shown += [
        _foreign_chip(name, value, page_address(asked, chosen, **{name: None}))
        for name in FOREIGN
        if (value := asked[name])
    ]
    statebar("filters", "Filters", shown, bar=False)


def _foreign_chip(name: str, value: str, href: str) -> Segment:
    said = value
    if name == "cause":
        said = cause_words(value)
    elif name in {"from", "to"}:
        said = f"{formats.stamp(value)} UTC"
    elif name == "verdict":
        said = value.replace("_", " ")
    return {
        "state": name,
        "look": palette.token(palette.RUNNING),
        "icon": "×",
        "word": f"{name}: {formats.shortened(said, 60)}",
        "count": 0,
        "text": "",
        "href": href,
        "chosen": True,
        "title": f"{name}: {said} (click to take this filter off)",
    }


def cause_words(cause_id: str) -> str:
    """The sentence of a cause, or its id when it is gone."""
    answer = data.causes().value
    found = [c["sentence"] for c in answer["causes"] if c["cause_id"] == cause_id] if answer else []
    return found[0] if found else cause_id


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
