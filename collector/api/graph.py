"""Who calls whom? The service map, with the orders that are stuck on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from collector.api.models import EdgeKind, Map, MapEdge, MapNode, NodeKind
from collector.api.reader import Reader, Row
from collector.api.times import FIRST, LAST, text
from collector.engine import Param

Ends = tuple[str, str]
_KINDS: dict[str, NodeKind] = {"topic": "topic", "db": "database", "external": "external"}


def service_map(
    reader: Reader, *, workflow: str = "", from_ns: int = FIRST, to_ns: int = LAST
) -> Map:
    """Nodes and edges seen between two moments, and those on which orders are stuck now."""
    asked: dict[str, Param] = {"workflow": workflow, "from": from_ns, "to": to_ns}
    rows = reader.rows("edges", {**asked, "now": reader.clock.now()})
    domains = {row["service"]: row["domain"] for row in reader.rows("domains")}
    waiting = reader.shared("waiting", {"workflow": workflow})
    on_edge = stuck_on_edges(waiting)
    on_node: Counter[str] = Counter()
    waits: dict[Ends, datetime] = {}
    for row in waiting:
        on_node[row["owing"]] += row["orders"]
        ends = _ends(row)
        waits[ends] = max(row["since"], waits.get(ends, row["since"]))
    edges = [
        MapEdge(
            source=row["source"],
            target=row["target"],
            kind=row["kind"],
            calls=row["calls"],
            errors=row["errors"],
            p50_ms=row["took_s"][0] * 1000,
            p95_ms=row["took_s"][1] * 1000,
            p99_ms=row["took_s"][2] * 1000,
            stuck_orders=on_edge[row["source"], row["target"]],
            last_seen_at=text(row["last_seen"]),
        )
        for row in rows
    ]
    seen = {(edge.source, edge.target) for edge in edges}
    edges += _unseen(reader, {ends: at for ends, at in waits.items() if ends not in seen}, on_edge)
    ids = sorted({end for edge in edges for end in (edge.source, edge.target)} | set(on_node))
    return Map(nodes=[_node(id_, domains, on_node[id_]) for id_ in ids], edges=edges)


def stuck_on_edges(waiting: list[Row]) -> Counter[Ends]:
    """Stuck orders by the edge of the map, source and target, at whose end they wait."""
    on_edge: Counter[Ends] = Counter()
    for row in waiting:
        on_edge[_ends(row)] += row["orders"]
    return on_edge


def _ends(row: Row) -> Ends:
    topic = f"topic:{row['destination']}"
    if row["role"] == "send":
        return row["service"], topic
    if row["role"] in ("process", "receive"):
        return topic, row["service"]
    return row["after"].partition(" ")[0], row["service"]


def _unseen(reader: Reader, waits: dict[Ends, datetime], stuck: Counter[Ends]) -> Iterable[MapEdge]:
    """Edges without calls in the time asked for that orders are stuck on: a topic was renamed,
    a consumer is gone. An edge that never had a call was last seen when an order came to wait.
    """
    waits = {ends: at for ends, at in waits.items() if ends[0] and ends[0] != ends[1]}
    if not waits:
        return
    named = [f"{source}>{target}" for source, target in waits]
    for row in reader.rows("edges_last_seen", {"edges": named}):
        waits[row["source"], row["target"]] = row["last_seen"]
    for source, target in sorted(waits):
        messaging = "topic:" in (source[:6], target[:6])
        kind: EdgeKind = "messaging" if messaging else "rpc"
        yield MapEdge(
            source=source,
            target=target,
            kind=kind,
            calls=0,
            errors=0,
            p50_ms=0,
            p95_ms=0,
            p99_ms=0,
            stuck_orders=stuck[source, target],
            last_seen_at=text(waits[source, target]),
        )


def _node(id_: str, domains: dict[str, str], stuck_orders: int) -> MapNode:
    prefix, colon, rest = id_.partition(":")
    kind: NodeKind = "service" if id_ in domains or not colon else _KINDS.get(prefix, "service")
    return MapNode(
        id=id_,
        name=id_ if kind == "service" else rest,
        kind=kind,
        domain=domains.get(id_, ""),
        stuck_orders=stuck_orders,
    )
