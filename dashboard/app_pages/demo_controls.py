"""What can be let go wrong in the demo, and ended; services that join, and the rate of orders."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.client import CollectorProblem
from dashboard.components.signs import notice
from dashboard.demo import ActiveFault, Control, DemoService, KnownFault, Traffic
from dashboard.figures import formats
from dashboard.links import link

UNTIL_ENDED = 0


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
                on_click=do,
                args=(lambda control, name=fault["service"]: control.end(name),),
            )
    if len(faults) > 1:
        st.button("End all", on_click=do, args=(lambda control: control.end(None),))


def fault_form(known: list[KnownFault]) -> None:
    """Choose a fault, then one of the services that can have it."""
    first, second, third, fourth, last = st.columns([3, 3, 2, 2, 2], vertical_alignment="bottom")
    with first:
        fault = st.selectbox(
            "Fault", known, format_func=lambda f: f["fault"].replace("_", " "), key="demo-fault"
        )
    with second:
        st.selectbox("Service", fault["services"], key=f"demo-service-{fault['fault']}")
    with third:
        st.number_input(
            "Seconds", UNTIL_ENDED, 3600, 40, 10, key="demo-seconds", help="0: until it is ended"
        )
    with fourth:
        st.number_input("Share of messages, %", 1, 100, 100, 10, key="demo-share")
    with last:
        st.button("Begin", type="primary", width="stretch", on_click=_begin)
    st.caption(fault["summary"])


def _begin() -> None:
    """Begin what the form says at the click: it may know more than the page that was last drawn."""
    chosen: KnownFault = st.session_state["demo-fault"]
    service = st.session_state.get(f"demo-service-{chosen['fault']}") or chosen["services"][0]
    seconds, share = st.session_state["demo-seconds"], st.session_state["demo-share"] / 100
    do(lambda control: control.begin(service, chosen["fault"], seconds or None, share))


def rate_form(traffic: Traffic) -> None:
    """Orders a second in each system."""
    rates = [system["rate"] for system in traffic["systems"]]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.number_input(
            "Orders a second in each system",
            0.0,
            50.0,
            max(rates, default=1.0),
            0.5,
            key="demo-rate",
        )
    with right:
        st.button("Set", width="stretch", on_click=_set_rate)


def _set_rate() -> None:
    do(lambda control: control.set_rate(st.session_state["demo-rate"]))


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
                on_click=do,
                args=(lambda control, name=service["service"]: control.switch(name, True),),
            )
    if not away:
        notice("all-up", "All services run", "None is left to join.")


def do(action: Callable[[Control], None]) -> None:
    """Do it; what goes wrong is told on the page."""
    control = data.demo_control()
    if control is None:
        return
    try:
        action(control)
    except CollectorProblem as problem:
        st.session_state["demo-told"] = problem.detail
    data.demo.clear()
