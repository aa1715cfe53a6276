"""The first run: what is left to do until the first order is there, and the lines to do it with."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import address, data
from dashboard.components.checks import checklist, lines
from dashboard.figures import setup
from dashboard.figures.coverage import Item


def first_run(steps: Sequence[Item]) -> None:
    """The checklist, and lines to copy beside it."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("To the first order", anchor=False)
        checklist("first-steps", "Steps to the first order", steps)
    with right:
        setup_lines()


def setup_lines() -> None:
    """Lines that point services here, by language."""
    st.subheader("Point your services here", anchor=False)
    url = data.collector_url()
    for tab, language in zip(address.tab_choice(setup.LANGUAGES), setup.LANGUAGES, strict=True):
        if tab.open:
            with tab:
                lines("setup", setup.lines(language, url))
    st.caption("OTLP over HTTP; over gRPC it is port 4317 unless the collector was told otherwise.")
