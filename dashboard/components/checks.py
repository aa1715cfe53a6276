"""What there is to do: a checklist, what telemetry lacks, lines to copy."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.assets import component
from dashboard.figures.coverage import Item, Trouble

_checklist = component("checklist")
_findings = component("findings")
_lines = component("lines")


def checklist(key: str, label: str, items: Sequence[Item]) -> None:
    """How far something has come."""
    _checklist(key=key, data={"label": label, "items": list(items)})


def findings(key: str, label: str, troubles: Sequence[Trouble], empty: str) -> None:
    """Problems that open to their sentences and fixes; `empty` is shown when there is none."""
    _findings(key=key, data={"label": label, "troubles": list(troubles), "empty": empty})


def lines(key: str, blocks: Sequence[tuple[str, str]]) -> None:
    """Lines to copy, each with a word on it."""
    _lines(key=key, data={"blocks": [list(block) for block in blocks]})
