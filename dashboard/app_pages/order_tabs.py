"""The tabs of an order: its time by service, its spans, messages and attributes."""

from __future__ import annotations

from collections import Counter, defaultdict

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.components.charts import chart, mode
from dashboard.components.details import facts, waterfall
from dashboard.components.lists import table
from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey
from dashboard.figures.swimlane import axis_of, swimlane
from dashboard.figures.waterfall import shades, span_key, span_rows
from dashboard.links import order_link
from dashboard.records import Message, Order, Span

MOST_ATTRIBUTES = 200


def spans_of(order: Order) -> list[Span]:
    """The order's spans; a problem is said on the page."""
    answer = data.spans(order["workflow"], order["order_id"])
    if answer.value is None:
        if answer.problem:
            frame.problem_notice(answer.problem, kept=False)
        return []
    if answer.value["truncated"]:
        shown, total = len(answer.value["spans"]), answer.value["total"]
        st.caption(f"The first {formats.number(shown)} of {formats.number(total)} spans.")
    return answer.value["spans"]


def timeline(order: Order, way: Journey) -> None:
    """Lanes of services over squeezed time."""
    real = st.toggle("Real time", key="real-time", help="Waiting as long as it really was")
    now = formats.nanoseconds(order["as_of"])
    figure = swimlane(way, spans_of(order), now, mode(), real)
    missing = [stop for stop in way.stops if stop.late]
    said = (
        "; ".join(f"{stop.service} owes {stop.title}" for stop in missing) or "nothing is owed late"
    )
    services = ", ".join(dict.fromkeys(stop.service for stop in way.stops))
    chart("timeline", figure, f"Steps of the order by service over time: {services}. {said}.")


def span_tree(order: Order, way: Journey) -> None:
    """The waterfall, and the span that was clicked."""
    spans = spans_of(order)
    if not spans:
        return
    axis = axis_of(way, formats.nanoseconds(order["as_of"]))
    chosen = address.parameter("span")
    step = address.parameter("step")

    def href(span: str) -> str:
        return order_link(order["workflow"], order["order_id"], step=step, span=span, tab="Spans")

    waterfall(
        "spans",
        span_rows(spans, axis, href),
        shades(axis),
        chosen,
        f"{len(spans)} spans of order {order['order_id']}",
    )
    span = next((span for span in spans if span_key(span) == chosen), None)
    if span is not None:
        span_facts(span)


def span_facts(span: Span) -> None:
    """Everything about one span."""
    pairs = [
        ("Service", span["service"]),
        ("Kind", span["kind"]),
        ("Status", " ".join(filter(None, [span["status"], span["status_message"]]))),
        (
            "Started",
            f"{formats.stamp(span['started_at'])[:10]} {formats.clock(span['started_at'], 3)} UTC",
        ),
        ("Took", formats.milliseconds(span["duration_ms"])),
        ("Trace", span["trace_id"]),
        ("Span", span["span_id"]),
        *sorted(span["attributes"].items())[:MOST_ATTRIBUTES],
        *((f"event {event['name']}", formats.clock(event["at"], 3)) for event in span["events"]),
    ]
    facts("span", span["name"], pairs)


def messages(order: Order, _way: Journey) -> None:
    """Messages through brokers, from publish to consumption."""
    stuck = palette.token(palette.STUCK)
    table(
        "messages",
        "Messages of this order",
        [
            {"title": "Topic", "kind": "name"},
            {"title": "From → to", "kind": "wide"},
            {"title": "Message", "kind": "code"},
            {"title": "Published (UTC)", "align": "right"},
            {"title": "Consumed", "align": "right"},
            {"title": "In the broker", "align": "right", "kind": "strong"},
            {"title": "Attempts", "align": "right", "kind": "soft"},
        ],
        [
            {
                "id": f"{at} {message['destination']} {message['message_id']}",
                "cells": [
                    message["destination"],
                    f"{message['producer'] or 'unseen'} → {message['consumer'] or 'nobody yet'}",
                    message_place(message),
                    formats.clock(message["published_at"], 3),
                    formats.clock(message["consumed_at"], 3)
                    if message["consumed_at"]
                    else {"text": "not consumed", "icon": palette.STUCK.icon, "look": stuck},
                    formats.duration(message["lag_s"]),
                    formats.number(message["attempts"]),
                ],
            }
            for at, message in enumerate(order["messages"])
        ],
        "No messages: this order's services call each other, or their messaging spans are missing.",
    )


def message_place(message: Message) -> str:
    """Where a message is in its broker: partition and offset, else its id."""
    if message["partition"] is not None or message["offset"] is not None:
        return f"{message['partition'] or '?'}/{message['offset'] or '?'}"
    return message["message_id"] or formats.NONE


def attributes(order: Order, _way: Journey) -> None:
    """Attribute names with their values, over all spans of the order."""
    values: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for span in spans_of(order):
        for name, value in span["attributes"].items():
            values["span", name][value] += 1
        for name, value in span["resource"].items():
            values["resource", name][value] += 1
    listed = sorted(values.items())[:MOST_ATTRIBUTES]
    table(
        "attributes",
        "Attributes of this order's spans",
        [
            {"title": "Attribute", "kind": "code"},
            {"title": "Values", "kind": "wide"},
            {"title": "Of", "kind": "soft"},
            {"title": "Spans", "align": "right"},
        ],
        [
            {
                "id": f"{kind} {name}",
                "cells": [
                    name,
                    {"text": value_words(counted), "title": value_words(counted, 40)},
                    kind,
                    formats.number(counted.total()),
                ],
            }
            for (kind, name), counted in listed
        ],
        "No attributes.",
    )


def value_words(counted: Counter[str], most: int = 4) -> str:
    """The commonest values, and how many more there are."""
    common = [formats.shortened(value, 120) for value, _ in counted.most_common(most)]
    more = len(counted) - len(common)
    return ", ".join(common) + (f" and {more} more" if more > 0 else "")
