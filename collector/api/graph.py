"""Who calls whom? The service map, with the orders that are stuck on it."""

from __future__ import annotations

from collections import Counter

from collector.api.models import Map, MapEdge, MapNode, NodeKind
from collector.api.reader import Reader, Row
from collector.api.times import FIRST, LAST, text

_KINDS: dict[str, NodeKind] = {"topic": "topic", "db": "database", "external": "external"}


def service_map(
    reader: Reader, *, workflow: str = "", from_ns: int = FIRST, to_ns: int = LAST
) -> Map:
    """Nodes and edges seen between two moments."""
    rows = reader.rows("edges", {"workflow": workflow, "from": from_ns, "to": to_ns})
    domains = {row["service"]: row["domain"] for row in reader.rows("services", {"service": ""})}
    waiting = reader.rows("waiting", {"workflow": workflow})
    on_edge = stuck_on_edges(waiting)
    on_node: Counter[str] = Counter()
    for row in waiting:
        on_node[row["owing"]] += row["orders"]
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
    ids = sorted({end for edge in edges for end in (edge.source, edge.target)} | set(on_node))
    return Map(nodes=[_node(id_, domains, on_node[id_]) for id_ in ids], edges=edges)


def stuck_on_edges(waiting: list[Row]) -> Counter[tuple[str, str]]:
    """Stuck orders by the edge of the map, source and target, at whose end they wait."""
    on_edge: Counter[tuple[str, str]] = Counter()
    for row in waiting:
        topic = f"topic:{row['destination']}"
        if row["role"] == "send":
            edge = row["service"], topic
        elif row["role"] in ("process", "receive"):
            edge = topic, row["service"]
        else:
            edge = row["after"].partition(" ")[0], row["service"]
        on_edge[edge] += row["orders"]
    return on_edge


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
