"""One order: the sentence that says why, its steps, and everything that is known of it."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.order_tabs import attributes, messages, span_tree, timeline
from dashboard.client import NotFound
from dashboard.components.details import Crumb, Sentence, facts, headline, step_boxes
from dashboard.components.signs import REFRESH_S, freshness, notice
from dashboard.figures import formats, lanes, palette
from dashboard.figures.journey import Journey, journey
from dashboard.figures.stepgraph import step_graph
from dashboard.links import link, order_link
from dashboard.records import Order

TABS = ("Timeline by service", "Spans", "Messages", "Attributes")


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
    answer = data.order(workflow, order_id)
    if answer.value is None:
        missing(order_id, answer)
        return
    with st.container(key="corner"):
        freshness("freshness", answer.fetched_at, away=answer.problem is not None)
    if answer.problem:
        frame.problem_notice(answer.problem, kept=True)
    draw(answer.value)


def missing(order_id: str, answer: data.Answer[Order]) -> None:
    """There is no such order, or the collector can't say."""
    if answer.problem is not None and not isinstance(answer.problem, NotFound):
        frame.problem_notice(answer.problem, kept=False)
        return
    notice(
        "unknown",
        f"No order {formats.shortened(order_id, 80)}",
        "It has sent no span yet, is older than what is stored, or belongs to another workflow. "
        "This page looks again by itself.",
        look="waiting",
        icon="?",
        action=("All orders", link("orders")),
    )


def draw(order: Order) -> None:
    """Head, step graph, the chosen step, and the tabs."""
    head(order)
    way = journey(order)
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
    step_facts(order, way, chosen)
    tabs = address.tab_choice(TABS)
    drawn = (timeline, span_tree, messages, attributes)
    for tab, draw_tab in zip(tabs, drawn, strict=True):
        if tab.open:
            with tab:
                draw_tab(order, way)


def here(order: Order, **changes: str | None) -> str:
    """This page with other parameters."""
    kept = {name: address.parameter(name) for name in ("step", "span", "tab")}
    return order_link(order["workflow"], order["order_id"], **{**kept, **changes})


def head(order: Order) -> None:
    """Way back, id, state, and the sentences."""
    look = palette.order_look(order["state"], order["verdict"])
    since = formats.seconds_between(order["state_since"], order["as_of"])
    crumbs: list[Crumb] = [
        {"text": "Orders", "href": link("orders", workflow=order["workflow"])},
        {
            "text": look.word,
            "href": link("orders", workflow=order["workflow"], state=order["state"]),
        },
    ]
    if order["cause_id"]:
        head_words = sentence_parts(order["sentence"])["head"]
        cause = link("orders", workflow=order["workflow"], cause=order["cause_id"])
        crumbs.append({"text": formats.shortened(head_words, 70), "href": cause})
    waits = order["state"] in {"stuck", "in_progress", "compensating"}
    text = f"{look.word} for {formats.age(max(since, 0))}" if waits else look.word
    headline(
        "headline",
        crumbs=crumbs,
        title=order["order_id"],
        badge={"icon": look.icon, "text": text, "look": palette.token(look)},
        sentences=sentences(order),
        loud=order["state"] in {"stuck", "failed"},
        facts_line=facts_line(order),
    )


def facts_line(order: Order) -> str:
    """The small print under the sentence."""
    traces, verdict = order["trace_count"], order["verdict"].replace("_", " ")
    parts = [
        f"workflow {order['workflow']}",
        f"started {formats.stamp(order['started_at'])} UTC",
        f"last seen {formats.clock(order['last_seen_at'])}",
        f"{formats.number(order['span_count'])} spans in {traces} trace{'s' * (traces != 1)}",
    ]
    return " · ".join([*parts, f"verdict {verdict}"] if verdict else parts)


def sentences(order: Order) -> list[Sentence]:
    """What holds the order up, step by step; the order's own sentence unless a step says it too."""
    late = [sentence_parts(owed["sentence"]) for owed in order["owed"] if owed["late"]]
    own = sentence_parts(order["sentence"])
    said = late if own["head"] in {parts["head"] for parts in late} else [own, *late]
    return [parts for parts in said if parts["head"]]


def sentence_parts(sentence: str) -> Sentence:
    """A sentence in two: what happened, and the evidence after the first colon or semicolon."""
    ends = [at for mark in (": ", "; ") if (at := sentence.find(mark)) >= 0]
    end = min(ends, default=len(sentence))
    return {"head": sentence[:end], "tail": sentence[end:]}


def step_facts(order: Order, way: Journey, chosen: str | None) -> None:
    """What is known of the step that was clicked."""
    stop = next((stop for stop in way.stops if stop.step == chosen), None)
    if stop is None:
        return
    pairs = [("Service", stop.service), ("State", f"{stop.look.icon} {stop.look.word}")]
    if stop.owed is not None:
        owed = stop.owed
        pairs += [
            ("After", owed["after"]),
            ("Waiting since", f"{formats.stamp(owed['since'])} UTC"),
            ("Expected by", f"{formats.stamp(owed['expected_by'])} UTC"),
            ("Usual wait", lanes.usual_wait(owed).removeprefix("usual ")),
            ("Seen in", f"{formats.number(owed['seen'])} of {formats.number(owed['of'])} orders"),
            ("Also waiting here", formats.number(owed["waiting"])),
        ]
    else:
        took = (stop.end - stop.start) / 1e9 if stop.start and stop.end else None
        pairs += [
            (
                "Started",
                f"{formats.moment(stop.start):%Y-%m-%d %H:%M:%S} UTC"
                if stop.start
                else formats.NONE,
            ),
            ("Took", formats.duration(took)),
            ("Attempts", str(stop.attempts)),
        ]
        if stop.error:
            pairs.append(("Error", stop.error))
    facts(
        "step",
        stop.title,
        pairs,
        [
            {
                "text": f"Orders at {formats.shortened(stop.service, 40)}",
                "href": link("orders", workflow=order["workflow"], service=stop.service),
            },
            {
                "text": "On the map",
                "href": link("map", workflow=order["workflow"], focus=stop.service),
            },
        ],
    )
