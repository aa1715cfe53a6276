"""One service: how it does, who is around it, and what waits for it."""

from __future__ import annotations

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import frame
from dashboard.app_pages.service_charts import charts, larger
from dashboard.app_pages.service_tables import edges, instances, owed, steps
from dashboard.client import NotFound
from dashboard.components.details import headline
from dashboard.components.signs import REFRESH_S, Card, cards, notice
from dashboard.figures import formats, work
from dashboard.figures.palette import STUCK, token
from dashboard.keeper import Answer
from dashboard.links import link
from dashboard.records import ServiceDetail


def page() -> None:
    """Draw the page: it refreshes by itself, the chart to zoom in does not."""
    live()
    name = address.parameter("id")
    if name is not None:
        larger(name, address.RANGES.get(address.parameter("range") or "1h", 3600))


@st.fragment(run_every=REFRESH_S, key="service")
def live() -> None:
    """Everything but the chart to zoom in."""
    name = address.parameter("id")
    if name is None:
        notice(
            "unknown",
            "No service chosen",
            "A service is chosen by its address, or from the map.",
            action=("Service map", link("map")),
        )
        return
    data.ahead(data.causes, data.summary)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with (
        right,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
    ):
        signs = st.container(width=130)
        chosen = address.range_choice("1h")
    with frame.loading("service", 620):
        answer = data.service(name, address.RANGES[chosen])
    with signs:
        frame.age(data.summary(), answer)
    service = answer.value
    if service is None:
        with left:
            missing(name, answer)
        return
    with left:
        head(service)
    if answer.problem:
        frame.problem_notice(answer.problem, kept=True)
    draw(service, chosen)


def missing(name: str, answer: Answer[ServiceDetail]) -> None:
    """There is no such service, or the collector can't say."""
    if answer.problem is not None and not isinstance(answer.problem, NotFound):
        frame.nothing_notice(answer.problem)
        return
    summary = data.summary().value
    if summary and frame.rebuilding(summary):
        return
    notice(
        "unknown",
        f"No service {formats.shortened(name, 80)}",
        "It has sent no span yet, or goes by another service.name. This page looks again by "
        "itself.",
        look="waiting",
        icon="?",
        action=("Service map", link("map")),
    )


def head(service: ServiceDetail) -> None:
    """Way back, name, and whether orders are stuck here."""
    late = service["late"]
    look = token(STUCK) if late else "completed"
    text = f"{formats.number(late)} stuck here" if late else "nothing stuck here"
    age = formats.age(formats.seconds_between(service["last_seen_at"], service["as_of"]))
    parts = [
        f"domain {service['domain']}" if service["domain"] else "",
        f"version {', '.join(service['versions'])}" if service["versions"] else "",
        f"last span {age} ago ({formats.stamp(service['last_seen_at'])} UTC)",
        f"{formats.number(service['spans'])} spans",
    ]
    headline(
        "headline",
        crumbs=[{"text": "Service map", "href": link("map", focus=service["service"])}],
        title=service["service"],
        badge={"icon": STUCK.icon if late else "✓", "text": text, "look": look},
        sentences=[],
        loud=False,
        facts_line=" · ".join(filter(None, parts)),
    )


def draw(service: ServiceDetail, chosen: str) -> None:
    """Everything below the head."""
    why(service)
    cards("figures", figures(service, chosen))
    if service["runs"]:
        charts(service)
    else:
        notice(
            "quiet",
            f"{service['service']} did nothing {address.RANGE_WORDS[chosen]}",
            f"Its last span is of {formats.stamp(service['last_seen_at'])} UTC.",
            action=("Show all of it", link("service", id=service["service"], range="all")),
        )
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("What comes in", anchor=False)
        edges("in", service, incoming=True)
    with right:
        st.subheader("What goes out", anchor=False)
        edges("out", service, incoming=False)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Orders that wait for it", anchor=False)
        owed(service)
    with right:
        st.subheader("Instances", anchor=False)
        instances(service)
    st.subheader("What it does", anchor=False)
    steps(service)
    st.caption(
        "Times are UTC. A run is a message taken or a request served; its duration includes the "
        "calls it makes."
    )


def why(service: ServiceDetail) -> None:
    """The causes that name this service, as links to their orders."""
    found = (data.causes().value or {"causes": []})["causes"]
    named = [cause for cause in found if cause["service"] == service["service"]]
    for at, cause in enumerate(sorted(named, key=lambda c: -c["orders"])[:3]):
        stuck = cause["state"] == "stuck"
        age = formats.age(formats.seconds_between(cause["oldest_since"], service["as_of"]))
        orders = formats.number(cause["orders"])
        notice(
            f"cause-{at}",
            cause["sentence"],
            "; ".join([f"{orders} orders, the oldest for {age}", *cause["contrast"]]) + ".",
            look="stuck" if stuck else "failed",
            icon="◆" if stuck else "✕",
            action=(
                "These orders →",
                link("orders", workflow=cause["workflow"], cause=cause["cause_id"]),
            ),
        )


def figures(service: ServiceDetail, chosen: str) -> list[Card]:
    """The key figures."""
    points, runs, errors = service["series"], service["runs"], service["run_errors"]
    span_s = len(points) * service["interval_s"]
    broker = service["broker"]
    oldest = service["oldest_since"]
    name = service["service"]
    note = "nothing waits for it"
    if oldest is not None:
        waited = formats.age(formats.seconds_between(oldest, service["as_of"]))
        note = f"oldest {waited}, {formats.number(service['late'])} stuck"
    part = None if chosen == "all" else chosen
    return [
        {
            "label": "Rate",
            "value": formats.rate(runs / span_s if span_s else 0),
            "note": f"{formats.number(runs)} {address.RANGE_WORDS[chosen]}",
            "href": link("orders", service=name, range=part),
            "points": [sum(p["runs"] for p in some) for some in work.bins(points, 40)],
        },
        {
            "label": "Errors",
            "value": formats.percent(errors / runs if runs else 0),
            "note": f"{formats.number(errors)} of {formats.number(runs)}",
            "look": "failed" if errors * 100 > runs else None,
            "href": link("orders", service=name, state="failed", range=part),
            "points": [sum(p["errors"] for p in some) for some in work.bins(points, 40)],
        },
        {
            "label": "Duration, median",
            "value": formats.milliseconds(service["p50_ms"]),
            "note": f"p95 {formats.milliseconds(service['p95_ms'])}, "
            f"p99 {formats.milliseconds(service['p99_ms'])}",
            "title": "From the beginning to the end of a run, with the calls it makes",
            "points": [point["p50_ms"] for point in points],
        },
        {
            "label": "Broker wait, median",
            "value": formats.milliseconds(broker["p50_ms"] if broker else None),
            "note": (
                f"p99 {formats.milliseconds(broker['p99_ms'])}, last "
                f"{formats.age(formats.seconds_between(broker['last_at'], service['as_of']))} ago"
                if broker
                else "it takes no messages"
            ),
        },
        {
            "label": "Waiting for it now",
            "value": formats.number(service["waiting"]),
            "note": note,
            "look": "stuck" if service["late"] else None,
            "href": link("orders", service=name, state="stuck" if service["late"] else None),
        },
    ]
