"""Demo controls: let things go wrong on purpose, and see that they are seen."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.client import CollectorProblem
from dashboard.components.lists import Cell, Row, table
from dashboard.components.signs import Card, cards, freshness, notice
from dashboard.demo import ActiveFault, Control, DemoService, DemoState, KnownFault, Traffic
from dashboard.figures import formats
from dashboard.links import link

REFRESH_S = 2
UNTIL_ENDED = 0


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


def active(faults: list[ActiveFault]) -> None:
    """Faults that go on, each with a button that ends it."""
    if not faults:
        notice("calm", "Nothing", "All services do what they should.", look="completed", icon="✓")
        return
    for fault in faults:
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            until = (
                f"until {formats.clock(fault['ends_at'])} UTC"
                if fault["ends_at"]
                else "until ended"
            )
            notice(
                f"fault-{fault['service']}",
                f"{fault['service']}: {fault['fault'].replace('_', ' ')}",
                f"Since {formats.clock(fault['began_at'])} UTC, {until}.",
                look="stuck",
                icon="◆",
                action=("How the service does", link("service", id=fault["service"])),
            )
        with right:
            st.button(
                "End it",
                key=f"end:{fault['service']}",
                width="stretch",
                on_click=_do,
                args=(lambda control, name=fault["service"]: control.end(name),),
            )
    if len(faults) > 1:
        st.button("End all", on_click=_do, args=(lambda control: control.end(None),))


@st.fragment(key="demo-choices")
def choices() -> None:
    """What can be let go wrong, the services that can join, and the rate of orders."""
    try:
        state, faults = data.demo()
    except CollectorProblem:
        return
    st.subheader("Let something go wrong", anchor=False)
    fault_form(faults["known"])
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Customers", anchor=False)
        rate_form(state["traffic"])
    with right:
        st.subheader("Services that can join", anchor=False)
        joining(state["services"])


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


def fault_form(known: list[KnownFault]) -> None:
    """Choose a fault, then one of the services that can have it."""
    first, second, third, fourth, last = st.columns([3, 3, 2, 2, 2], vertical_alignment="bottom")
    with first:
        fault = st.selectbox(
            "Fault", known, format_func=lambda f: f["fault"].replace("_", " "), key="demo-fault"
        )
    with second:
        service = st.selectbox("Service", fault["services"], key=f"demo-service-{fault['fault']}")
    with third:
        seconds = st.number_input(
            "Seconds", UNTIL_ENDED, 3600, 40, 10, key="demo-seconds", help="0: until it is ended"
        )
    with fourth:
        share = st.number_input("Share of messages, %", 1, 100, 100, 10, key="demo-share")
    with last:
        st.button(
            "Begin",
            type="primary",
            width="stretch",
            on_click=_do,
            args=(
                lambda control: control.begin(
                    service, fault["fault"], seconds or None, share / 100
                ),
            ),
        )
    st.caption(fault["summary"])


def rate_form(traffic: Traffic) -> None:
    """Orders a second in each system."""
    rates = [system["rate"] for system in traffic["systems"]]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        rate = st.number_input(
            "Orders a second in each system", 0.0, 50.0, max(rates, default=1.0), 0.5
        )
    with right:
        st.button(
            "Set", width="stretch", on_click=_do, args=(lambda control: control.set_rate(rate),)
        )


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


def joining(services: list[DemoService]) -> None:
    """Services that don't run; a new consumer appears on the map by itself."""
    away = [s for s in services if not s["up"] and s["fault"] is None]
    for service in away:
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            notice(
                f"join-{service['service']}",
                service["service"],
                "Nobody has to be told: once it takes messages, it appears on the map by itself.",
                action=("Service map", link("map")),
            )
        with right:
            st.button(
                "Start",
                key=f"start:{service['service']}",
                width="stretch",
                on_click=_do,
                args=(lambda control, name=service["service"]: control.switch(name, True),),
            )
    if not away:
        notice("all-up", "All services run", "The fourth consumer of the marketplace has joined.")


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


def _do(action: Callable[[Control], None]) -> None:
    """Do it; what goes wrong is told on the page."""
    control = data.demo_control()
    if control is None:
        return
    try:
        action(control)
    except CollectorProblem as problem:
        st.session_state["demo-told"] = problem.detail
    data.demo.clear()
