"""Workflow model: what is expected next, how that is known, and what is declared."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from dashboard import address, data
from dashboard.app_pages import flow_editor, frame
from dashboard.components.details import FactLink, facts
from dashboard.components.lists import Cell, Row, table
from dashboard.components.models import model
from dashboard.components.signs import REFRESH_S, notice
from dashboard.figures import formats
from dashboard.figures.modelgraph import model_graph, parts, rules_of
from dashboard.links import link
from dashboard.records import Expectation, Expectations, Summary

MOST_RULES = 200


def page() -> None:
    """Draw the page: the model refreshes by itself, the editor keeps what is typed."""
    learned()
    flow_editor.editor(chosen_workflow(data.summary().value))


def chosen_workflow(summary: Summary | None) -> str | None:
    """The workflow of the address, else the one with the most orders."""
    names = workflows(summary)
    return address.parameter("workflow") or (names[0] if names else None)


def workflows(summary: Summary | None) -> list[str]:
    """Workflows of several services, those with the most orders first."""
    if summary is None:
        return []
    known = [w for w in summary["workflows"] if not w["trivial"]]
    known.sort(key=lambda w: (-sum(w["orders"].values()), w["workflow"]))
    return [w["workflow"] for w in known]


@st.fragment(run_every=REFRESH_S, key="model")
def learned() -> None:
    """The heading, the graph, the chosen step and all rules."""
    asked = address.parameter("workflow")
    if asked:
        data.ahead(partial(data.expectations, asked), partial(data.causes, asked), data.flows)
    now = data.summary()
    left, right = st.columns([1, 2], vertical_alignment="center")
    with left:
        st.title("Workflow model", anchor=False)
    with (
        right,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
    ):
        frame.age(now)
        workflow = address.one_workflow(workflows(now.value))
    if now.value is None:
        frame.nothing_notice(now.problem)
        return
    if now.problem:
        frame.problem_notice(now.problem, kept=True)
    rebuilding = frame.rebuilding(now.value)
    if workflow is None:
        if not rebuilding:
            frame.first_run_notice()
        return
    with frame.loading("model"):
        answer = data.expectations(workflow)
    if answer.value is None:
        frame.nothing_notice(answer.problem)
        return
    draw(workflow, answer.value, now.value)


def draw(workflow: str, known: Expectations, summary: Summary) -> None:
    """Everything below the heading."""
    rules = known["expectations"]
    if not rules:
        notice(
            "cold",
            "Nothing is expected of this workflow yet",
            "Expectations are learned from finished orders; the first come after 20 of them. What "
            "must come whatever history says can be declared below.",
            look="waiting",
            icon="?",
            action=("Its orders", link("orders", workflow=workflow)),
        )
        return
    notice("known", *origin(known, workflow))
    drifts(known)
    chosen = address.parameter("step")
    graph = model_graph(known, stuck_steps(workflow), summary["as_of"])
    links = {
        box["id"]: link("model", workflow=workflow, step=None if box["id"] == chosen else box["id"])
        for box in graph["boxes"]
    }
    st.subheader("What comes after what", anchor=False)
    model("graph", graph, links, chosen, f"Steps of workflow {workflow}, in the order they come")
    if chosen:
        step_facts(workflow, known, chosen)
    st.subheader("Rules", anchor=False)
    rule_table(workflow, rules, chosen)
    if summary["judged"]["model_at"]:
        st.caption(
            "Wait: from the last step before to the one that is expected, as the collector sees "
            "it. Late: after that wait, and once a later order went by."
        )


def origin(known: Expectations, workflow: str) -> tuple[str, str]:
    """Where the rules come from, as a title and a sentence."""
    rules = known["expectations"]
    declared = sum(rule["source"] == "declared" for rule in rules)
    orders = formats.number(known["mature_orders"])
    title = f"{formats.number(len(rules))} rules, learned from {orders} finished orders"
    files = (data.flows().value or {"folder": None, "flows": []})["flows"]
    file = next((found["file"] for found in files if found["workflow"] == workflow), None)
    words = [f"Model of {formats.stamp(known['model_at'])} UTC."]
    if declared:
        verb = "is" if declared == 1 else "are"
        words.append(f"{declared} {verb} declared{f' in {file}' if file else ''}.")
    else:
        words.append("Nothing is declared: all of it is what orders usually do.")
    return title, " ".join(words)


def drifts(known: Expectations) -> None:
    """Where a deploy changed the flow."""
    for at, drift in enumerate(known["drifts"][:4]):
        notice(
            f"drift-{at}",
            f"The flow changed: after {drift['after']} now comes {drift['step']}",
            f"All orders since {formats.stamp(drift['since'])} UTC go on like that, so none is "
            "called stuck for it. The model follows when enough of them have finished.",
            look="failing",
            icon="⚡",
        )


def stuck_steps(workflow: str) -> Counter[str]:
    """Stuck orders by the step that they owe."""
    found: Counter[str] = Counter()
    for cause in (data.causes(workflow).value or {"causes": []})["causes"]:
        if cause["state"] == "stuck":
            found[cause["step"]] += cause["orders"]
    return found


def step_facts(workflow: str, known: Expectations, step: str) -> None:
    """The rules of the chosen step in words, and where to go from there."""
    service, _, _ = parts(step)
    links: list[FactLink] = [
        {"text": "Orders at this step", "href": link("orders", workflow=workflow, step=step)},
        {"text": f"Service {formats.shortened(service, 40)}", "href": link("service", id=service)},
    ]
    found = rules_of(known, step)
    stuck = stuck_steps(workflow)[step]
    if stuck:
        links.insert(
            0,
            {
                "text": f"{formats.number(stuck)} orders stuck here",
                "href": link("orders", workflow=workflow, step=step, state="stuck"),
                "look": "stuck",
            },
        )
    pairs = [
        ("declared" if rule["source"] == "declared" else "learned", rule["text"]) for rule in found
    ]
    if not pairs:
        pairs = [("unknown", "No rule of the model in force speaks of this step.")]
    facts("step", step, pairs, links)


def rule_table(workflow: str, rules: list[Expectation], chosen: str | None) -> None:
    """Every rule as a row that selects its step."""
    rows: list[Row] = [_rule(workflow, rule, chosen) for rule in rules[:MOST_RULES]]
    table(
        "rules",
        "Rules of this workflow",
        [
            {"title": "After", "kind": "name"},
            {"title": "Comes", "kind": "wide"},
            {"title": "Share", "align": "right", "kind": "strong"},
            {"title": "Wait, median", "align": "right"},
            {"title": "p99", "align": "right"},
            {"title": "Late after", "align": "right"},
            {"title": "Source", "kind": "soft"},
        ],
        rows,
    )
    if len(rules) > MOST_RULES:
        st.caption(f"{len(rules) - MOST_RULES} more rules are in the exported file.")


def _rule(workflow: str, rule: Expectation, chosen: str | None) -> Row:
    undoing = bool(rule["compensates"])
    before = " and ".join(rule["requires"]) or "an order has failed"
    comes = " or ".join(
        f"{way['step']} ({formats.percent(way['share'])})"
        if len(rule["any_of"]) > 1 and way["share"] is not None
        else way["step"]
        for way in rule["any_of"]
    )
    if undoing:
        comes += f", which undoes {' and '.join(rule['compensates'])}"
    source = rule["source"] + ("" if rule["critical"] else ", optional")
    cell: Cell = {"text": comes, "title": rule["text"]}
    if undoing:
        cell |= {"icon": "↩", "look": "compensated"}
    known = bool(rule["seen"])
    share = formats.percent(rule["share"]) if known else formats.NONE
    return {
        "id": rule["rule"],
        "href": link("model", workflow=workflow, step=rule["step"]),
        "label": rule["text"],
        "selected": chosen in {way["step"] for way in rule["any_of"]},
        "cells": [
            {"text": before, "title": before},
            cell,
            {"text": share, "title": f"{rule['seen']} of {rule['of']} orders"},
            formats.duration(rule["median_s"]) if known else formats.NONE,
            formats.duration(rule["p99_s"]) if known else formats.NONE,
            formats.duration(rule["limit_s"]),
            source,
        ],
    }
