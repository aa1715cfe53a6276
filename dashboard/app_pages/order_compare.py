"""An order beside a typical one of its workflow: step by step."""

from __future__ import annotations

from dashboard import data
from dashboard.components.details import facts
from dashboard.components.lists import Cell, Row, table
from dashboard.components.signs import notice
from dashboard.figures import clocks, comparison, formats, palette
from dashboard.figures.comparison import Pair, Stay
from dashboard.figures.journey import Journey, journey
from dashboard.links import order_link
from dashboard.records import Order


def compare(order: Order, way: Journey) -> None:
    """The steps of both, what they took, and what is usual."""
    row = data.typical(order["workflow"])
    other = data.order(row["workflow"], row["order_id"]).value if row else None
    answer = data.expectations(order["workflow"]).value
    rules = answer["expectations"] if answer else []
    if other is None and not rules:
        notice(
            "nothing",
            "Nothing to compare with yet",
            "No order of this workflow has completed, and no expectation is known.",
            look="waiting",
            icon="?",
        )
        return
    theirs = journey(other, shifts=clocks.shifts(other["clock_offsets"])) if other else None
    if other:
        told(other, own=other["order_id"] == order["order_id"])
    table(
        "compare",
        "Steps of this order beside a typical one",
        [
            {"title": "Step", "kind": "wide"},
            {"title": "Here"},
            {"title": "Waited + took", "align": "right", "kind": "strong"},
            {"title": "Typical", "align": "right"},
            {"title": "Usual median", "align": "right"},
            {"title": "p99", "align": "right", "kind": "soft"},
            {"title": "", "align": "right"},
        ],
        [pair_row(pair) for pair in comparison.pairs(way, theirs, rules)],
    )


def told(other: Order, own: bool) -> None:
    """Which order is the typical one, with the way to it."""
    took = formats.seconds_between(other["started_at"], other["last_seen_at"])
    name = "itself" if own else formats.shortened(other["order_id"], 80)
    there = order_link(other["workflow"], other["order_id"], tab="Compare")
    facts(
        "typical",
        "",
        [
            (
                "Typical",
                f"{name}, completed in {formats.duration(took)}: of the latest orders of this "
                "workflow the one that took most nearly as long as half of them",
            ),
            ("Usual", "wait and work together, of all orders that were learned from"),
        ],
        [] if own else [{"text": "Open the typical order", "href": there}],
    )


def pair_row(pair: Pair) -> Row:
    """A step in both orders."""
    state: Cell = {"text": formats.NONE}
    if pair.own:
        look = pair.own.stop.look
        state = {"text": look.word, "icon": look.icon, "look": palette.token(look)}
    known = pair.rule if pair.rule and pair.rule["of"] else None
    remark = comparison.remark(pair)
    loud: Cell = {"text": remark, "icon": "▲", "look": "failing"}
    return {
        "id": pair.step,
        "cells": [
            pair.step,
            state,
            stay_words(pair.own),
            stay_words(pair.other),
            formats.duration(known["median_s"] if known else None),
            formats.duration(known["p99_s"] if known else None),
            loud if "×" in remark else remark,
        ],
    }


def stay_words(stay: Stay | None) -> str:
    """The wait and the work of a step."""
    if stay is None or (stay.waited is None and stay.took is None):
        return formats.NONE
    if stay.waited is None:
        return formats.duration(stay.took)
    return f"{formats.duration(stay.waited)} + {formats.duration(stay.took)}"
