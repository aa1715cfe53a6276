"""The tables of one service: calls at both sides, what waits for it, its processes, its steps."""

from __future__ import annotations

from dashboard.components.lists import Cell, Column, Row, table
from dashboard.figures import formats, palette
from dashboard.figures.failing import KIND_WORDS, fails
from dashboard.links import edge_id, link, order_link
from dashboard.records import MapEdge, ServiceDetail

DIAGNOSES = {
    "never_sent": "never sent",
    "not_consumed": "not consumed",
    "consumed_silent": "consumed, then silence",
    "no_telemetry": "no telemetry",
}
MOST = 12
ICONS = {"rpc": "→", "messaging": "◆", "database": "▤"}


def edges(key: str, service: ServiceDetail, *, incoming: bool) -> None:
    """Who calls this service, or whom it calls: the busiest first."""
    own = service["service"]
    found = [
        edge for edge in service["edges"] if (edge["target"] if incoming else edge["source"]) == own
    ]
    found.sort(key=lambda edge: (-edge["stuck_orders"], -edge["calls"]))
    stuck = any(edge["stuck_orders"] for edge in found)
    rows = [
        _edge(edge, edge["source"] if incoming else edge["target"], stuck) for edge in found[:MOST]
    ]
    if len(found) > MOST:
        rows.append(_more(len(found) - MOST, own))
    columns: list[Column] = [
        {"title": "From" if incoming else "To", "kind": "wide"},
        {"title": "Calls", "align": "right"},
        {"title": "Errors", "align": "right", "kind": "strong"},
        {"title": "Median", "align": "right"},
        {"title": "p99", "align": "right"},
    ]
    if stuck:
        columns.append({"title": "Stuck", "align": "right", "kind": "strong"})
    table(
        key,
        "Calls in" if incoming else "Calls out",
        columns,
        rows,
        "Nobody calls it." if incoming else "It calls nobody.",
    )


def _edge(edge: MapEdge, other: str, stuck: bool) -> Row:
    kind = edge["kind"] if edge["kind"] in KIND_WORDS else "database"
    errors: Cell = {"text": formats.percent(edge["errors"] / edge["calls"] if edge["calls"] else 0)}
    if fails(edge):
        errors["look"] = "failing"
    prefix, colon, name = other.partition(":")
    plain = bool(colon) and prefix in {"topic", "db", "external"}
    href = link("map", edge=edge_id(edge["source"], edge["target"]))
    cells: list[str | Cell] = [
        {
            "text": name if plain else other,
            "title": f"{other} ({KIND_WORDS.get(edge['kind'], edge['kind'])})",
            "icon": ICONS[kind],
            "look": kind,
        },
        formats.number(edge["calls"]),
        errors,
        formats.milliseconds(edge["p50_ms"]),
        formats.milliseconds(edge["p99_ms"]),
    ]
    if stuck:
        waiting = edge["stuck_orders"]
        cells.append({"text": formats.number(waiting), "look": "stuck"} if waiting else "")
    return {
        "id": f"{edge['source']}\n{edge['target']}\n{edge['kind']}",
        "href": href if plain else link("service", id=other),
        "label": f"{other}, {KIND_WORDS.get(edge['kind'], edge['kind'])}",
        "cells": cells,
    }


def _more(more: int, own: str) -> Row:
    text = f"{formats.number(more)} more on the map"
    return {"id": "more", "href": link("map", focus=own), "cells": [text]}


def owed(service: ServiceDetail) -> None:
    """Orders that wait for this service, the longest waiting first."""
    rows: list[Row] = []
    for wait in service["owed"]:
        look = palette.STUCK if wait["late"] else palette.WAITING
        waited = formats.seconds_between(wait["since"], service["as_of"])
        rows.append(
            {
                "id": f"{wait['workflow']}\n{wait['order_id']}\n{wait['step']}",
                "href": order_link(wait["workflow"], wait["order_id"], step=wait["step"]),
                "cells": [
                    {"text": wait["order_id"], "icon": look.icon, "look": palette.token(look)},
                    {
                        "text": formats.step_name(wait["step"], service["service"]),
                        "title": f"{wait['step']}\nafter {wait['after']}",
                    },
                    DIAGNOSES.get(wait["diagnosis"] or "", "not late"),
                    formats.duration(max(waited, 0)),
                ],
            }
        )
    table(
        "owed",
        "Orders that wait for this service",
        [
            {"title": "Order", "kind": "code"},
            {"title": "Waits for", "kind": "name"},
            {"title": "Why", "kind": "soft"},
            {"title": "Waiting", "align": "right"},
        ],
        rows,
        f"No order waits for it. Last checked {formats.clock(service['as_of'])} UTC.",
    )


def instances(service: ServiceDetail) -> None:
    """The processes that were heard of, the latest first."""
    rows: list[Row] = [
        {
            "id": f"{found['instance']}\n{found['version']}",
            "cells": [
                {
                    "text": formats.squeezed(found["instance"], 22) or "not told",
                    "title": found["instance"],
                },
                found["version"] or formats.NONE,
                formats.number(found["spans"]),
                {
                    "text": formats.age(
                        max(0, formats.seconds_between(found["last_seen_at"], service["as_of"]))
                    )
                    + " ago",
                    "title": f"{formats.stamp(found['last_seen_at'])} UTC",
                },
            ],
        }
        for found in service["instances"]
    ]
    table(
        "instances",
        "Instances of this service",
        [
            {"title": "Instance", "kind": "code"},
            {"title": "Version"},
            {"title": "Spans", "align": "right"},
            {"title": "Last span", "align": "right"},
        ],
        rows,
        "No span tells of an instance.",
    )


def steps(service: ServiceDetail) -> None:
    """What the service does, the most frequent first."""
    rows: list[Row] = []
    for found in service["work"]:
        share = found["errors"] / found["runs"] if found["runs"] else 0
        errors: Cell = {"text": formats.percent(share)}
        if share >= 0.01:
            errors["look"] = "failed"
        rows.append(
            {
                "id": found["step"],
                "href": link("orders", step=found["step"]),
                "cells": [
                    {"text": formats.step_name(found["step"], service["service"])},
                    formats.number(found["runs"]),
                    errors,
                    formats.milliseconds(found["p50_ms"]),
                    formats.milliseconds(found["p95_ms"]),
                    formats.milliseconds(found["p99_ms"]),
                    formats.clock(found["last_at"]),
                ],
            }
        )
    table(
        "work",
        "What this service does",
        [
            {"title": "Step", "kind": "wide"},
            {"title": "Runs", "align": "right"},
            {"title": "Errors", "align": "right", "kind": "strong"},
            {"title": "Median", "align": "right"},
            {"title": "p95", "align": "right"},
            {"title": "p99", "align": "right"},
            {"title": "Last run", "align": "right", "kind": "soft"},
        ],
        rows,
        "It did nothing of its own in this time.",
    )
