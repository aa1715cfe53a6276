"""Makes untrusted text harmless where Plotly would read its small HTML in it."""

from __future__ import annotations

from textwrap import wrap as wrapped


def plotly_text(text: str, wrap: int | None = None) -> str:
    """Text as Plotly shows it letter by letter; with `wrap`, broken into lines of that length."""
    lines = wrapped(text, wrap) if wrap else [text]
    return "<br>".join(
        line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
        for line in lines
    )
