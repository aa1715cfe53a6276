"""The systems as they were designed: the edges of the pictures in docs/systems."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "systems"
KINDS = {"-->": "rpc", "-.->": "messaging", "---": "database"}
Edge = tuple[str, str, str]
"""Source, target and kind, by the ids of the map."""

_NODE = r"(\w+)(\(\[[^\]]+\]\)|\[\([^)]+\)\]|\(\(\w+\)\))?"
_EDGE = re.compile(rf"^  {_NODE} (-->|-\.->|---) {_NODE}$")


def designed(system: str) -> set[Edge]:
    """The edges of one system's picture, without the customers', who send no telemetry."""
    [picture] = re.findall(r"```mermaid\nflowchart LR\n(.*?)```", text(system), re.DOTALL)
    labels: dict[str, str] = {}
    edges = set()
    for line in picture.splitlines():
        if line.startswith("  linkStyle"):
            continue
        found = _EDGE.fullmatch(line)
        assert found, f"{system}: what is {line!r}?"
        source, source_label, arrow, target, target_label = found.groups()
        ends = ((source, source_label), (target, target_label))
        labels |= {node: label for node, label in ends if label}
        if not labels.get(source, "").startswith("(("):
            first, second = (_id(system, node, labels.get(node)) for node in (source, target))
            edges.add((first, second, KINDS[arrow]))
    return edges


def text(system: str) -> str:
    """A system's page."""
    return (FOLDER / f"{system}.md").read_text("utf-8")


def _id(system: str, node: str, label: str | None) -> str:
    if label is None:
        return f"{system}-{node}"
    return ("topic:" if label.startswith("([") else "db:") + label.strip("([])")
