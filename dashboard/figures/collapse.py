"""The quotient graph: a domain's nodes as one, its edges added up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dashboard.records import MapEdge, MapNode

PREFIX = "domain:"
Key = tuple[str, str, str]


def domain_id(domain: str) -> str:
    """The id of a closed domain's node."""
    return PREFIX + domain


def collapsed(
    nodes: Sequence[MapNode],
    edges: Sequence[MapEdge],
    homes: Mapping[str, str],
    opened: Collection[str],
) -> tuple[list[MapNode], list[MapEdge]]:
    """Every domain but those in `opened` becomes one node of kind `domain`.

    Calls, errors and stuck orders add up; what stays within a closed domain is no edge any more.
    Quantiles become means by calls, which is near enough for a picture.
    """
    made: dict[str, MapNode] = {}
    stands: dict[str, str] = {}
    for node in nodes:
        home = homes[node["id"]]
        if home in opened:
            stands[node["id"]] = node["id"]
            made[node["id"]] = node
            continue
        id_ = stands[node["id"]] = domain_id(home)
        before = made.get(id_)
        stuck = node["stuck_orders"] + (before["stuck_orders"] if before else 0)
        made[id_] = {
            "id": id_,
            "name": home,
            "kind": "domain",
            "domain": home,
            "stuck_orders": stuck,
        }
    joined: dict[Key, MapEdge] = {}
    for edge in edges:
        source, target = stands.get(edge["source"]), stands.get(edge["target"])
        if source is None or target is None or (source == target and source.startswith(PREFIX)):
            continue
        key = (source, target, edge["kind"])
        joined[key] = _added(joined.get(key), edge, source, target)
    return list(made.values()), list(joined.values())


def _added(before: MapEdge | None, edge: MapEdge, source: str, target: str) -> MapEdge:
    if before is None:
        return {**edge, "source": source, "target": target}
    calls = before["calls"] + edge["calls"]
    part = edge["calls"] / calls if calls else 0.0
    return {
        **before,
        "calls": calls,
        "errors": before["errors"] + edge["errors"],
        "stuck_orders": before["stuck_orders"] + edge["stuck_orders"],
        "p50_ms": before["p50_ms"] * (1 - part) + edge["p50_ms"] * part,
        "p95_ms": before["p95_ms"] * (1 - part) + edge["p95_ms"] * part,
        "p99_ms": before["p99_ms"] * (1 - part) + edge["p99_ms"] * part,
        "last_seen_at": max(before["last_seen_at"], edge["last_seen_at"]),
    }
