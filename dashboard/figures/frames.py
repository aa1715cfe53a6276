"""The past hour of the map in a few minutes each, for its replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dashboard.figures.drawing import Frame
from dashboard.records import Map, MapEdge

FRAME_S = 300
FRAMES = 12

Window = tuple[str, str]
"""From and to, as the API wants them."""


def windows(now_s: float) -> list[Window]:
    """FRAMES windows that end with the one that `now_s` (seconds since 1970) lies in, in order."""
    last = int(now_s) // FRAME_S * FRAME_S
    starts = [last - FRAME_S * back for back in range(FRAMES - 1, -1, -1)]
    return [(_text(start), _text(start + FRAME_S)) for start in starts]


def _text(at_s: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_s)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def frame(window: Window, seen: Sequence[MapEdge], drawn: Sequence[MapEdge]) -> Frame:
    """What was seen in a window, as calls and errors of the edges that are drawn."""
    place = {(e["source"], e["target"], e["kind"]): i for i, e in enumerate(drawn)}
    found = [
        (place[key], edge["calls"], edge["errors"])
        for edge in seen
        if edge["calls"] and (key := (edge["source"], edge["target"], edge["kind"])) in place
    ]
    return {
        "clock": f"{window[0][11:16]}–{window[1][11:16]} UTC",
        "start": window[0],
        "end": window[1],
        "edge": [i for i, _, _ in found],
        "calls": [calls for _, calls, _ in found],
        "errors": [errors for _, _, errors in found],
    }


def together(maps: Sequence[Map]) -> Map:
    """All nodes and edges of some maps; the numbers of an edge add up, its times are the latest."""
    nodes = {node["id"]: node for given in maps for node in given["nodes"]}
    edges: dict[tuple[str, str, str], MapEdge] = {}
    for given in maps:
        for edge in given["edges"]:
            key = (edge["source"], edge["target"], edge["kind"])
            before = edges.get(key)
            if before:
                edges[key] = {
                    **edge,
                    "calls": before["calls"] + edge["calls"],
                    "errors": before["errors"] + edge["errors"],
                }
            else:
                edges[key] = edge
    return {"nodes": list(nodes.values()), "edges": list(edges.values())}
