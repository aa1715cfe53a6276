"""The service map as GraphML, for tools that draw and analyse graphs."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import networkx as nx

from dashboard.records import Map

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graphml(given: Map, homes: Mapping[str, str]) -> bytes:
    """Nodes with name, kind, domain and stuck orders; edges with what was counted on them.

    Characters that XML can't hold become U+FFFD.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in given["nodes"]:
        graph.add_node(
            _clean(node["id"]),
            name=_clean(node["name"]),
            kind=node["kind"],
            domain=_clean(homes.get(node["id"], node["domain"])),
            stuck_orders=node["stuck_orders"],
        )
    for edge in given["edges"]:
        graph.add_edge(
            _clean(edge["source"]),
            _clean(edge["target"]),
            key=edge["kind"],
            kind=edge["kind"],
            calls=edge["calls"],
            errors=edge["errors"],
            p50_ms=edge["p50_ms"],
            p95_ms=edge["p95_ms"],
            p99_ms=edge["p99_ms"],
            stuck_orders=edge["stuck_orders"],
            last_seen_at=edge["last_seen_at"],
        )
    file = io.BytesIO()
    nx.write_graphml_xml(graph, file)
    return file.getvalue()


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
