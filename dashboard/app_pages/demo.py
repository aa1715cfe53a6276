"""Demo controls: let things go wrong on purpose, and see that they are seen."""

from __future__ import annotations

import time

import streamlit as st

from dashboard import data
from dashboard.app_pages.demo_controls import active, choices
from dashboard.client import CollectorProblem
from dashboard.components.lists import Cell, Row, table
from dashboard.components.signs import Card, cards, freshness, notice
from dashboard.demo import DemoService, DemoState, Traffic
from dashboard.figures import formats
from dashboard.links import link

REFRESH_S = 2


def page() -> None:
    """Draw the page: what goes on refreshes by itself, the forms keep what is chosen."""
    now()
    choices()
    tables()


@st.fragment(run_every=REFRESH_S, key="demo")
def now() -> None:
    """The heading, the traffic, and what is wrong now."""
    left, right = st.columns([1, 1], vertical_alignment="center")
    with left:
        st.title("Demo", anchor=False)
    state = _state()
    with right:
        freshness("freshness", time.time(), away=state is None)
    if state is None:
        return
    told = st.session_state.pop("demo-told", None)
    if told:
        notice("told", "That didn't go", told, look="failed", icon="✕")
    cards("traffic", figures(state["traffic"]))
    st.subheader("What is wrong now", anchor=False)
    active(state["faults"])


def _state() -> DemoState | None:
    try:
        return data.demo()[0]
    except CollectorProblem as problem:
        notice("problem", "The demo is away", problem.detail, look="failed", icon="✕", urgent=True)
        return None


def figures(traffic: Traffic) -> list[Card]:
    """What customers sent, and what the collector has seen of it."""
    names = {w["workflow"] for system in traffic["systems"] for w in system["workflows"]}
    summary = data.summary().value
    known = summary["workflows"] if summary else []
    seen = sum(sum(w["orders"].values()) for w in known if w["workflow"] in names)
    return [
        {
            "label": "Orders sent",
            "value": formats.number(traffic["sent"]),
            "note": f"{formats.rate(traffic['rate'])} in all systems",
        },
        {
            "label": "Seen by Choreoscope",
            "value": formats.number(seen),
            "note": "orders of these workflows",
            "href": link("orders"),
        },
        {
            "label": "Declined",
            "value": formats.number(traffic["declined"]),
            "note": "for reasons of business",
        },
        {
            "label": "Answered with an error",
            "value": formats.number(traffic["refused"]),
            "note": "or not at all",
            "look": "failed" if traffic["refused"] else None,
        },
        {
            "label": "Stuck right now",
            "value": formats.number(summary["orders"]["stuck"] if summary else 0),
            "note": "who waits, and for what",
            "look": "stuck" if summary and summary["orders"]["stuck"] else None,
            "href": link("orders", state="stuck"),
        },
    ]


@st.fragment(run_every=REFRESH_S, key="demo-tables")
def tables() -> None:
    """Orders sent and seen, and how each service does."""
    try:
        state, _ = data.demo()
    except CollectorProblem:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Orders sent and seen", anchor=False)
        traffic_table(state["traffic"])
    with right:
        st.subheader("Services", anchor=False)
        service_table(state["services"])


def traffic_table(traffic: Traffic) -> None:
    """Sent and seen, workflow by workflow."""
    summary = data.summary().value
    known = summary["workflows"] if summary else []
    seen = {found["workflow"]: sum(found["orders"].values()) for found in known}
    rows: list[Row] = [
        {
            "id": found["workflow"],
            "href": link("orders", workflow=found["workflow"]),
            "cells": [
                found["workflow"],
                system["system"],
                formats.number(found["sent"]),
                formats.number(found["accepted"]),
                formats.number(seen.get(found["workflow"], 0)),
            ],
        }
        for system in traffic["systems"]
        for found in system["workflows"]
    ]
    table(
        "traffic-table",
        "Orders sent and seen, by workflow",
        [
            {"title": "Workflow", "kind": "wide"},
            {"title": "System", "kind": "soft"},
            {"title": "Sent", "align": "right"},
            {"title": "Accepted", "align": "right"},
            {"title": "Seen", "align": "right", "kind": "strong"},
        ],
        rows,
    )


def service_table(services: list[DemoService]) -> None:
    """Every service: whether it runs, what waits for it, what is wrong with it."""
    rows: list[Row] = []
    for service in services:
        waiting = sum(c["waiting"] or 0 for c in service["consumes"])
        fault = service["fault"]
        state: Cell = {"text": "runs", "icon": "✓", "look": "completed"}
        if fault:
            state = {"text": fault["fault"].replace("_", " "), "icon": "◆", "look": "stuck"}
        elif not service["up"]:
            state = {"text": "doesn't run", "icon": "○", "look": "waiting"}
        rows.append(
            {
                "id": service["service"],
                "href": link("service", id=service["service"]),
                "cells": [
                    {
                        "text": service["service"],
                        "title": f"{service['system']}, {service['version']}",
                    },
                    state,
                    formats.number(waiting) if service["consumes"] else formats.NONE,
                ],
            }
        )
    table(
        "demo-services",
        "Services of the demo",
        [
            {"title": "Service", "kind": "wide"},
            {"title": "State"},
            {"title": "Messages waiting", "align": "right"},
        ],
        rows,
    )
