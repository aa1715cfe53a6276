"""Charts, each with the same as a table: small ones of our own, and Plotly's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.components.assets import component
from dashboard.figures.palette import Mode
from dashboard.figures.series import Plot

_tableview = component("tableview")
_plot = component("plot")


def mode() -> Mode:
    """Dark or light, as the page was when it last asked."""
    return "light" if st.context.theme.type == "light" else "dark"


def plot(key: str, drawn: Plot, label: str) -> None:
    """Draw a small chart; `label` says in words what it shows."""
    _plot(key=key, data={**drawn, "label": label})


def chart(key: str, figure: dict[str, Any], alt: str) -> None:
    """Draw a figure without mode bar; `alt` says in words what it shows."""
    st.plotly_chart(
        figure,
        key=key,
        config={"displayModeBar": False, "showTips": False, "scrollZoom": False},
        theme=None,
        alt=alt,
    )


def as_table(key: str, label: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """What a chart shows as a table that opens on demand."""
    _tableview(
        key=key,
        data={"label": label, "columns": list(columns), "rows": [list(row) for row in rows]},
    )
