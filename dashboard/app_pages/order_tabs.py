"""The tabs of an order that list: its spans, messages and attributes."""

from __future__ import annotations

from collections import Counter, defaultdict
from urllib.parse import quote

import streamlit as st

from dashboard import address, backends, data
from dashboard.app_pages import frame
from dashboard.components.lists import Cell, table
from dashboard.components.signs import notice
from dashboard.components.times import Section, SectionLink, SpanDetail, waterfall
from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey
from dashboard.links import order_link
from dashboard.records import Message, Order, Span

MOST_ATTRIBUTES = 200
MOST_EVENTS = 50


def span_waterfall(order: Order, _way: Journey) -> None:
    """The waterfall, and the span that was clicked."""
    answer = data.spans(order, detail=False)
    if answer.value is None and answer.problem:
        frame.problem_notice(answer.problem, kept=False, key="tab-problem")
    tree = data.tree(order)
    if answer.value is None or tree is None:
        notice("no-spans", "No spans", "They are older than what is stored.")
        return
    if answer.value["truncated"]:
        shown, total = len(answer.value["spans"]), answer.value["total"]
        st.caption(f"The first {formats.number(shown)} of {formats.number(total)} spans.")
    chosen, step = address.parameter("span"), address.parameter("step")
    here = order_link(order["workflow"], order["order_id"], step=step, tab="Spans")
    waterfall(
        "spans",
        tree,
        address=f"{here}&span=",
        selected=chosen,
        detail=span_detail(order, chosen, here) if chosen else None,
        label=f"{formats.number(tree['spans'])} spans of order {order['order_id']}",
    )


def span_detail(order: Order, chosen: str, here: str) -> SpanDetail | None:
    """All that is known of the span that was clicked; None when it is none of this order."""
    trace_id, _, span_id = chosen.partition(":")
    if not span_id:
        return None
    answer = data.span(order, span_id).value
    found = [s for s in answer["spans"] if s["trace_id"] == trace_id] if answer else []
    if not found:
        return None
    span = found[0]
    sections: list[Section] = [
        {"title": "", "pairs": span_pairs(span)},
        {"title": "Attributes", "pairs": sorted(span["attributes"].items())[:MOST_ATTRIBUTES]},
        {"title": "Resource", "pairs": sorted(span["resource"].items())[:MOST_ATTRIBUTES]},
    ]
    for event in span["events"][:MOST_EVENTS]:
        title = f"Event {event['name']}, {formats.clock(event['at'], 3)} UTC"
        sections.append({"title": title, "pairs": sorted(event["attributes"].items())})
    for linked in span["links"][:MOST_EVENTS]:
        key = f"{linked['trace_id']}:{linked['span_id']}"
        to: SectionLink = {"name": "to", "text": key, "href": f"{here}&span={quote(key)}"}
        pairs = sorted(linked["attributes"].items())
        sections.append({"title": "Link", "pairs": pairs, "links": [to]})
    return {
        "title": span["name"],
        "service": span["service"],
        "close": here,
        "opens": [
            {"name": backend.name, "url": backend.address(trace_id, span_id)}
            for backend in backends.configured()
        ],
        "sections": [s for s in sections if s["pairs"] or s.get("links")],
    }


def span_pairs(span: Span) -> list[tuple[str, str]]:
    """What every span has."""
    started = f"{formats.stamp(span['started_at'])[:10]} {formats.clock(span['started_at'], 6)} UTC"
    status = " ".join(filter(None, [span["status"], span["status_message"]]))
    pairs = [
        ("Started", started),
        ("Took", formats.milliseconds(span["duration_ms"])),
        ("Kind", span["kind"]),
        ("Status", status),
        ("Step", span["step"] or formats.NONE),
        ("Trace", span["trace_id"]),
        ("Span", span["span_id"]),
        ("Parent", span["parent_span_id"] or formats.NONE),
    ]
    return [*pairs, ("Shared", "with other orders")] if span["shared"] else pairs


def messages(order: Order, _way: Journey) -> None:
    """Messages through brokers, from publish to consumption."""
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
            {"title": "Attempts", "align": "right"},
        ],
        [
            {
                "id": f"{at} {message['destination']} {message['message_id']}",
                "cells": message_cells(message, order),
            }
            for at, message in enumerate(order["messages"])
        ],
        "No messages: this order's services call each other, or their messaging spans are missing.",
    )


def message_cells(message: Message, order: Order) -> list[str | Cell]:
    """A message from publish to consumption, or since when it lies there."""
    published, consumed = message["published_at"], message["consumed_at"]
    to = message["consumer"] or "nobody yet"
    group = f" (group {message['group']})" if message["group"] else ""
    lay = formats.duration(message["lag_s"])
    taken: str | Cell = formats.clock(consumed, 3)
    if not consumed:
        look = palette.STUCK if order["state"] == "stuck" else palette.WAITING
        taken = {"text": "not consumed", "icon": look.icon, "look": palette.token(look)}
        if published:
            since = max(formats.seconds_between(published, order["as_of"]), 0)
            lay = f"{formats.duration(since)} so far"
    tries: str | Cell = formats.number(message["attempts"])
    if message["attempts"] > 1:
        twice = message["duplicates"]
        said = f", {twice} of them after it was taken" if twice else ""
        tries = {"text": str(tries), "icon": "↻", "look": "failing"}
        tries["title"] = f"{message['attempts']} deliveries{said}"
        if twice:
            tries["text"] = f"{message['attempts']}, {twice} too many"
    return [
        message["destination"],
        f"{message['producer'] or 'unseen'} → {to}{group}",
        {"text": message_place(message), "title": message["message_id"] or ""},
        formats.clock(published, 3) if published else "unseen",
        taken,
        lay,
        tries,
    ]


def message_place(message: Message) -> str:
    """Where a message is in its broker: partition and offset, else its id."""
    if message["partition"] is not None or message["offset"] is not None:
        return f"partition {message['partition'] or '?'} offset {message['offset'] or '?'}"
    return message["message_id"] or formats.NONE


def attributes(order: Order, _way: Journey) -> None:
    """Attribute names with their values, over all spans of the order."""
    values: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    answer = data.spans(order)
    if answer.value is None and answer.problem:
        frame.problem_notice(answer.problem, kept=False, key="tab-problem")
    known = answer.value["spans"] if answer.value else []
    if len(known) < order["span_count"]:
        st.caption(f"Of the first {formats.number(len(known))} spans.")
    for span in known:
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
