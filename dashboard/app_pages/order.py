"""One order: the sentence that says why, its steps, and everything that is known of it."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.order_compare import compare
from dashboard.app_pages.order_head import head
from dashboard.app_pages.order_tabs import attributes, messages, span_waterfall
from dashboard.app_pages.order_time import time_spent, timeline
from dashboard.client import NotFound
from dashboard.components.details import FactLink, facts, step_boxes
from dashboard.components.signs import REFRESH_S, notice
from dashboard.figures import clocks, formats
from dashboard.figures.journey import Journey, Stop, journey
from dashboard.figures.stepgraph import step_graph
from dashboard.figures.swimlane import usual_wait
from dashboard.keeper import Answer
from dashboard.links import link, order_link
from dashboard.records import Order

TABS = {
    "Timeline": timeline,
    "Spans": span_waterfall,
    "Where the time went": time_spent,
    "Compare": compare,
    "Messages": messages,
    "Attributes": attributes,
}


@st.fragment(run_every=REFRESH_S, key="order")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    order_id, workflow = address.parameter("id"), address.parameter("workflow")
    if order_id is None:
        notice(
            "unknown",
            "No order chosen",
            "An order is chosen by its address, or from the list.",
            action=("All orders", link("orders")),
        )
        return
    data.ahead(data.summary)
    answer = data.order(workflow, order_id)
    if answer.value is None:
        missing(order_id, answer)
        return
    with st.container(key="corner"):
        frame.age(data.summary(), answer)
    if answer.problem:
        frame.problem_notice(answer.problem, kept=True)
    draw(answer.value)


def missing(order_id: str, answer: Answer[Order]) -> None:
    """There is no such order, or the collector can't say."""
    if answer.problem is not None and not isinstance(answer.problem, NotFound):
        frame.problem_notice(answer.problem, kept=False)
        return
    summary = data.summary().value
    if summary and frame.rebuilding(summary):
        return
    notice(
        "unknown",
        f"No order {formats.shortened(order_id, 80)}",
        "It has sent no span yet, is older than what is stored, or belongs to another workflow. "
        "This page looks again by itself.",
        look="waiting",
        icon="?",
        action=("Look for it in all orders", link("orders", q=order_id, trivial="true")),
    )


def draw(order: Order) -> None:
    """Head, step graph, the chosen step, and the tabs."""
    head(order)
    way = journey(order, undoing(order), clocks.shifts(order["clock_offsets"]))
    chosen = address.parameter("step")
    graph = step_graph(way)
    step_boxes(
        "steps",
        graph,
        {
            box["id"]: here(order, step=None if box["id"] == chosen else box["id"], span=None)
            for box in graph["boxes"]
        },
        chosen,
        f"Steps of order {order['order_id']}",
    )
    stop = next((stop for stop in way.stops if stop.step == chosen), None)
    if stop is not None:
        with st.container(border=True):
            step_facts(order, way, stop)
    tabs = address.tab_choice(list(TABS))
    for tab, draw_tab in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw_tab(order, way)


def undoing(order: Order) -> dict[str, list[str]]:
    """Which steps undo which, as it is declared for the order's workflow."""
    if not any(step["state"] == "compensated" for step in order["steps"]):
        return {}
    answer = data.expectations(order["workflow"]).value
    found: dict[str, list[str]] = {}
    for rule in answer["expectations"] if answer else []:
        for undo in rule["any_of"]:
            found.setdefault(undo["step"], []).extend(rule["compensates"])
    return found


def here(order: Order, **changes: str | None) -> str:
    """This page with other parameters."""
    kept = {name: address.parameter(name) for name in ("step", "span", "tab", "time")}
    return order_link(order["workflow"], order["order_id"], **{**kept, **changes})


def step_facts(order: Order, way: Journey, stop: Stop) -> None:
    """What is known of the step that was clicked."""
    pairs = [("Service", stop.service), ("State", f"{stop.look.icon} {stop.look.word}")]
    if stop.owed is not None:
        owed = stop.owed
        pairs += [
            ("After", owed["after"]),
            ("Waiting since", f"{formats.stamp(owed['since'])} UTC"),
            ("Expected by", f"{formats.stamp(owed['expected_by'])} UTC"),
            ("Usual wait", usual_wait(owed).removeprefix("usual ")),
            ("Seen in", f"{formats.number(owed['seen'])} of {formats.number(owed['of'])} orders"),
            ("Also waiting here", formats.number(owed["waiting"])),
        ]
    else:
        took = (stop.end - stop.start) / 1e9 if stop.start and stop.end else None
        began = f"{formats.moment(stop.start):%Y-%m-%d %H:%M:%S} UTC" if stop.start else None
        pairs += [
            ("Started", began or formats.NONE),
            ("Took", formats.duration(took)),
            ("Attempts", str(stop.attempts)),
            *([("Taken again", f"{stop.duplicates} times")] if stop.duplicates else []),
        ]
        causes = [leg.source for leg in way.legs if leg.target == stop.step]
        if causes:
            pairs.append(("After", ", ".join(causes)))
        undone = [other.title for other in way.stops if other.step in stop.undoes]
        if undone:
            pairs.append(("Undoes", ", ".join(undone)))
        if stop.error:
            pairs.append(("Error", stop.error))
    workflow = order["workflow"]
    shown: list[FactLink] = [
        {"text": "What is expected", "href": link("model", workflow=workflow, step=stop.step)},
        {
            "text": "Orders with this step",
            "href": link("orders", workflow=workflow, step=stop.step),
        },
        {
            "text": f"{formats.shortened(stop.service, 40)} on the map",
            "href": link("map", workflow=workflow, focus=stop.service),
        },
    ]
    facts("step", stop.title, pairs, shown)
