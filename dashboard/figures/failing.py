"""Which edges of the map count as failing."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.records import MapEdge

FAILING_SHARE = 0.01
"""Errors per call from which an edge is drawn as failing: below it, everything would be amber."""
MOST = 50
KIND_WORDS = {"rpc": "call", "messaging": "message", "database": "database"}


def fails(edge: MapEdge) -> bool:
    """Whether at least one call in a hundred fails."""
    return edge["calls"] > 0 and edge["errors"] / edge["calls"] >= FAILING_SHARE


def failing_edges(edges: Sequence[MapEdge]) -> list[MapEdge]:
    """The failing edges, most errors first, at most MOST."""
    found = sorted(filter(fails, edges), key=lambda e: (-e["errors"], e["source"], e["target"]))
    return found[:MOST]
