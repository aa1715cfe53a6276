"""Plotly figures in the page's colours."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.figures.palette import Mode


def mode() -> Mode:
    """Dark or light, as the page was when it last asked."""
    return "light" if st.context.theme.type == "light" else "dark"


def chart(key: str, figure: dict[str, Any], alt: str) -> None:
    """Draw a figure without mode bar; `alt` says in words what it shows."""
    st.plotly_chart(
        figure,
        key=key,
        config={"displayModeBar": False, "showTips": False},
        theme="streamlit",
        alt=alt,
    )
