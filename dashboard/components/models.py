"""The workflow model as a graph."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.components.assets import component
from dashboard.figures.modelgraph import ModelGraph

_model = component("model")


def model(
    key: str, graph: ModelGraph, links: Mapping[str, str], selected: str | None, label: str
) -> None:
    """Draw the graph; `links` say where each box leads, `label` says in words what it shows."""
    _model(key=key, data={**graph, "links": dict(links), "selected": selected, "label": label})
