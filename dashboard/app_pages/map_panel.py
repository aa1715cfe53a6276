"""Beside and below the map: the numbers of a node or an edge, and the table of edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard.components.details import FactLink, facts
from dashboard.components.lists import Cell, Column, Row, table
from dashboard.figures import formats, palette
from dashboard.figures.failing import KIND_WORDS, fails
from dashboard.figures.silent import silent_for
from dashboard.links import edge_id, link
from dashboard.records import Map, MapEdge, MapNode

MOST_EDGES = 100
NODE_ICONS = {"service": "○", "topic": "◆", "external": "□"}
_STUCK = palette.token(palette.STUCK)


def node_panel(
    focus: str,
    given: Map,
    workflow: str | None,
    edge_href: Callable[[str], str],
    in_columns: bool,
) -> None:
    """A service, topic or database: its numbers, its neighbours, its orders."""
    node = next(node for node in given["nodes"] if node["id"] == focus)
    into = [edge for edge in given["edges"] if edge["target"] == focus]
    out = [edge for edge in given["edges"] if edge["source"] == focus]
    about, left, right = (
        st.columns(3, gap="medium") if in_columns else (st.container() for _ in range(3))
    )
    with about:
        node_facts(node, into, out, workflow)
    names = {n["id"]: n["name"] for n in given["nodes"]}
    with left:
        neighbours(
            "From", f"Calls to {node['name']}", into, names, edge_href, narrow=not in_columns
        )
    with right:
        neighbours("To", f"Calls of {node['name']}", out, names, edge_href, narrow=not in_columns)


def node_facts(
    node: MapNode, into: Sequence[MapEdge], out: Sequence[MapEdge], workflow: str | None
) -> None:
    """The numbers of a node and the way to its orders."""
    calls, errors = sum(e["calls"] for e in into), sum(e["errors"] for e in into)
    pairs = [
        ("Kind", node["kind"]),
        *([("Domain", node["domain"])] if node["domain"] else []),
        ("Callers", formats.number(len(into))),
        ("Calls to", formats.number(len(out))),
        ("Calls in", formats.number(calls)),
        ("Errors in", formats.percent(errors / calls) if calls else formats.NONE),
        ("Stuck here", formats.number(node["stuck_orders"])),
    ]
    links: list[FactLink] = []
    if node["kind"] == "service":
        if node["stuck_orders"]:
            text = f"◆ {formats.number(node['stuck_orders'])} stuck orders"
            href = link("orders", workflow=workflow, service=node["id"], state="stuck")
            links.append({"text": text, "href": href, "look": _STUCK})
        href = link("orders", workflow=workflow, service=node["id"])
        links.append({"text": "Orders now at it", "href": href})
        links.append({"text": "How it does", "href": link("service", id=node["id"])})
    facts("panel", node["name"], pairs, links, icon=NODE_ICONS.get(node["kind"], ""))


def neighbours(
    title: str,
    caption: str,
    edges: Sequence[MapEdge],
    names: Mapping[str, str],
    edge_href: Callable[[str], str],
    *,
    narrow: bool,
) -> None:
    """The edges on one side of a node, the busiest first; where it is narrow, without the rest."""
    held = any(edge["stuck_orders"] for edge in edges)
    columns: list[Column] = [{"title": title, "kind": "wide"}]
    if not narrow:
        columns.append({"title": "Kind", "kind": "soft"})
    columns.append({"title": "Calls", "align": "right"})
    if held:
        columns.append({"title": "Stuck", "align": "right"})
    rows: list[Row] = []
    for edge in sorted(edges, key=lambda e: (-e["calls"], e["source"], e["target"]))[:12]:
        other = edge["source"] if title == "From" else edge["target"]
        named = edge_id(edge["source"], edge["target"])
        kind = KIND_WORDS.get(edge["kind"], edge["kind"])
        stuck = edge["stuck_orders"]
        cells: list[str | Cell] = [names.get(other, other)]
        if not narrow:
            cells.append(kind)
        cells.append(formats.number(edge["calls"]))
        if held:
            mark: Cell = {"text": formats.number(stuck), "icon": "◆", "look": _STUCK}
            cells.append(mark if stuck else "")
        rows.append({"id": named, "href": edge_href(named), "cells": cells})
    table(
        f"panel-{title}",
        caption,
        columns,
        rows,
        "Nobody calls it here." if title == "From" else "It calls nobody here.",
    )


def edge_panel(
    edge: MapEdge, names: Mapping[str, str], workflow: str | None, node_href: Callable[[str], str]
) -> None:
    """An edge: its numbers, and the orders that are stuck on it."""
    source, target = (names.get(edge[end], edge[end]) for end in ("source", "target"))
    named = edge_id(edge["source"], edge["target"])
    links: list[FactLink] = []
    if edge["stuck_orders"]:
        links.append(
            {
                "text": f"◆ {formats.number(edge['stuck_orders'])} orders stuck here",
                "href": link("orders", workflow=workflow, edge=named, state="stuck"),
                "look": _STUCK,
            }
        )
    links.append({"text": "Orders over it", "href": link("orders", workflow=workflow, edge=named)})
    links += [
        {"text": formats.shortened(source, 30), "href": node_href(edge["source"])},
        {"text": formats.shortened(target, 30), "href": node_href(edge["target"])},
    ]
    share = edge["errors"] / edge["calls"] if edge["calls"] else 0.0
    word = " (failing)" if fails(edge) else ""
    facts(
        "panel",
        f"{source} → {target}",
        [
            ("Kind", KIND_WORDS.get(edge["kind"], edge["kind"])),
            ("Calls", formats.number(edge["calls"])),
            ("Errors", f"{formats.number(edge['errors'])}, {formats.percent(share)}{word}"),
            ("Median", formats.milliseconds(edge["p50_ms"])),
            ("p95", formats.milliseconds(edge["p95_ms"])),
            ("p99", formats.milliseconds(edge["p99_ms"])),
            ("Orders stuck", formats.number(edge["stuck_orders"])),
            ("Last seen", f"{formats.stamp(edge['last_seen_at'])} UTC"),
        ],
        links,
    )


def edge_table(
    edges: Sequence[MapEdge],
    names: Mapping[str, str],
    edge_href: Callable[[str], str],
    chosen: str | None,
    span_s: float | None,
) -> None:
    """The edges, those that hold orders up first, then by errors and calls."""
    quiet = dict(zip(map(id, edges), silent_for(edges, span_s), strict=True))
    ordered = sorted(
        edges,
        key=lambda e: (
            -e["stuck_orders"],
            not fails(e),
            -e["errors"],
            -e["calls"],
            e["source"],
            e["target"],
        ),
    )
    rows: list[Row] = []
    for edge in ordered[:MOST_EDGES]:
        named = edge_id(edge["source"], edge["target"])
        stuck, share = (
            edge["stuck_orders"],
            edge["errors"] / edge["calls"] if edge["calls"] else 0.0,
        )
        said, silence = formats.percent(share), float(quiet[id(edge)])
        rows.append(
            {
                "id": named,
                "href": edge_href(named),
                "selected": named == chosen,
                "cells": [
                    " → ".join(names.get(end, end) for end in (edge["source"], edge["target"])),
                    KIND_WORDS.get(edge["kind"], edge["kind"]),
                    formats.number(edge["calls"]),
                    {"text": said, "look": "failing"} if fails(edge) else said,
                    formats.milliseconds(edge["p50_ms"]),
                    formats.milliseconds(edge["p95_ms"]),
                    {"text": f"silent for {formats.age(silence)}", "look": "waiting"}
                    if silence
                    else formats.clock(edge["last_seen_at"]),
                    {"text": formats.number(stuck), "icon": "◆", "look": _STUCK} if stuck else "",
                ],
            }
        )
    table(
        "edges",
        "Edges of the service map",
        [
            {"title": "From → to", "kind": "wide"},
            {"title": "Kind", "kind": "soft"},
            {"title": "Calls", "align": "right"},
            {"title": "Errors", "align": "right"},
            {"title": "Median", "align": "right"},
            {"title": "p95", "align": "right"},
            {"title": "Last seen (UTC)", "align": "right"},
            {"title": "Stuck", "align": "right", "kind": "strong"},
        ],
        rows,
        "No edge passes the filters.",
    )
    if len(ordered) > MOST_EDGES:
        st.caption(
            f"{MOST_EDGES} of {formats.number(len(ordered))} edges: those that hold orders up, "
            "then those that fail, then the busiest. Select a service to see all of its own."
        )
