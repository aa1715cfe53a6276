"""Health: the collector, what the telemetry lacks, and how the services report."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.app_pages import frame
from dashboard.app_pages.first_run import first_run
from dashboard.components.checks import findings
from dashboard.components.lists import Cell, Row, table
from dashboard.components.signs import REFRESH_S, Card, cards, notice
from dashboard.figures import coverage, formats
from dashboard.links import link
from dashboard.records import CollectorState, Doctor, Service, Summary

LATE_S = 10.0
CLOCK_S = 0.5


@st.fragment(run_every=REFRESH_S, key="health")
def page() -> None:
    """Draw the page; it refreshes by itself."""
    data.ahead(data.doctor, data.services, data.collector)
    now = data.summary()
    left, right = st.columns([1, 1], vertical_alignment="center")
    with left:
        st.title("Health", anchor=False)
    with right:
        frame.age(now)
    summary = now.value
    if summary is None:
        frame.nothing_notice(now.problem)
        return
    if now.problem:
        frame.problem_notice(now.problem, kept=True)
    with frame.loading("health"):
        doctor = data.doctor().value
        data.services()
    steps = coverage.first_steps(summary, doctor)
    if not frame.rebuilding(summary) and not coverage.arrived(steps):
        first_run(steps)
    draw(summary, doctor)


def draw(summary: Summary, doctor: Doctor | None) -> None:
    """The collector, coverage, and services."""
    state = data.collector().value
    if summary["judged"]["rebuilt"] is None:
        troubles(state["troubles"] if state else [])
    cards("collector", figures(summary, state))
    if state:
        st.caption(collector_line(summary, state))
    st.subheader("What the telemetry lacks", anchor=False)
    if doctor is not None:
        findings(
            "coverage",
            "What the telemetry lacks, by problem",
            coverage.troubles(doctor),
            f"Nothing: {formats.number(doctor['spans'])} recent spans of "
            f"{len(doctor['services'])} services were looked at."
            if doctor["spans"]
            else "No span has come yet.",
        )
    services = data.services().value
    if services and services["services"]:
        st.subheader("Services", anchor=False)
        service_table(services["services"], summary, doctor)


def troubles(told: list[str]) -> None:
    """Why the collector can't store or judge now, and what that means."""
    for at, trouble in enumerate(told):
        text = (
            "Exporters keep their spans and send them again."
            if trouble.startswith("can't store")
            else "Spans are stored meanwhile. States and sentences are those from before."
        )
        title = trouble[:1].upper() + trouble[1:]
        notice(f"trouble-{at}", title, text, look="failed", icon="✕", urgent=True)


def figures(summary: Summary, state: CollectorState | None) -> list[Card]:
    """How much comes in, what waits, what was refused, how far behind the verdicts are."""
    judged, ingest = summary["judged"], summary["ingest"]
    lag = judged["lag_s"]
    found: list[Card] = [
        {
            "label": "Spans a second",
            "value": formats.rate(ingest["spans_per_s"]),
            "note": f"{formats.number(summary['spans'])} stored",
        },
        {
            "label": "Refused",
            "value": formats.number(ingest["refused"]),
            "note": refused_words(state) or "since the collector started",
            "look": "failed" if ingest["refused"] else None,
        },
        {
            "label": "Verdicts behind by",
            "value": formats.duration(lag),
            "note": "all is judged" if judged["settled"] else "spans wait to be judged",
            "look": "stuck" if lag > LATE_S else None,
        },
    ]
    if state:
        share = (
            state["queue_bytes"] / state["queue_limit_bytes"] if state["queue_limit_bytes"] else 0
        )
        free = state["disk_free_bytes"]
        found += [
            {
                "label": "Waiting to be stored",
                "value": formats.size(state["queue_bytes"]),
                "note": f"{formats.percent(share)} of {formats.size(state['queue_limit_bytes'])}",
                "look": "stuck" if share > 0.5 else None,
            },
            {
                "label": "On the disk",
                "value": formats.size(state["disk_bytes"]),
                "note": f"{formats.size(free)} free",
                "look": "stuck" if free < state["disk_bytes"] * 0.1 else None,
            },
        ]
    return found


def refused_words(state: CollectorState | None) -> str:
    """Why spans were refused, the most frequent reasons first."""
    reasons = sorted((state["refused"] if state else {}).items(), key=lambda pair: -pair[1])
    told = [f"{reason} {formats.number(count)}" for reason, count in reasons if count]
    return ", ".join(told[:3])


def collector_line(summary: Summary, state: CollectorState) -> str:
    """The small print: version, model, retention."""
    judged = summary["judged"]
    parts = [
        f"Choreoscope {state['version']}",
        f"{formats.number(state['accepted'])} spans accepted since its start",
        f"expectations learned {formats.stamp(judged['model_at'])} UTC"
        if judged["model_at"]
        else "no expectations yet",
        f"judged through {formats.stamp(judged['through'])} UTC"
        if judged["through"]
        else "nothing judged yet",
        f"spans are kept {state['retention_days']:g} days",
        f"oldest order {formats.stamp(state['oldest_at'])} UTC" if state["oldest_at"] else "",
    ]
    return " · ".join(filter(None, parts))


def service_table(services: list[Service], summary: Summary, doctor: Doctor | None) -> None:
    """Every service: how fresh its spans are, its clock, and the gravest thing it lacks."""
    gravest: dict[str, str] = {}
    for finding in doctor["findings"] if doctor else []:
        gravest.setdefault(finding["service"], finding["severity"])
    rank = list(coverage.SEVERITIES)
    ordered = sorted(
        services,
        key=lambda s: (
            rank.index(gravest[s["service"]]) if s["service"] in gravest else len(rank),
            s["service"],
        ),
    )
    table(
        "services",
        "Services and how they report",
        [
            {"title": "Service", "kind": "wide"},
            {"title": "Lacks"},
            {"title": "Version", "kind": "soft"},
            {"title": "Spans", "align": "right"},
            {"title": "Last span", "align": "right"},
            {"title": "Clock", "align": "right"},
        ],
        [_service(service, gravest.get(service["service"]), summary) for service in ordered],
    )


def _service(service: Service, severity: str | None, summary: Summary) -> Row:
    lacks: Cell = {"text": "nothing", "icon": "✓", "look": "completed"}
    if severity:
        icon, look, word = coverage.SEVERITIES.get(severity, coverage.SEVERITIES["info"])
        lacks = {"text": word, "icon": icon, "look": look}
    offset = service["clock_offset_s"]
    clock: Cell = {"text": formats.NONE if offset is None else "in step"}
    if offset is not None and abs(offset) > CLOCK_S:
        way = "ahead" if offset > 0 else "behind"
        clock = {"text": f"{formats.duration(abs(offset))} {way}", "look": "stuck"}
    ago = formats.seconds_between(service["last_seen_at"], summary["as_of"])
    return {
        "id": service["service"],
        "href": link("service", id=service["service"]),
        "cells": [
            {"text": service["service"], "title": service["domain"]},
            lacks,
            ", ".join(service["versions"][-2:]) or formats.NONE,
            formats.number(service["spans"]),
            {
                "text": f"{formats.age(max(ago, 0))} ago",
                "title": f"{formats.stamp(service['last_seen_at'])} UTC",
            },
            clock,
        ],
    }
