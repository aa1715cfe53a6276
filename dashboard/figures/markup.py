"""Makes untrusted text harmless where Markdown or Plotly's small HTML would read it as markup."""

from __future__ import annotations

import re
from textwrap import wrap as wrapped

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&^=\"'/@])")


def markdown_text(text: str) -> str:
    """Text as Streamlit's Markdown shows it letter by letter: no emphasis, links, colours or maths."""
    flat = " ".join(text.split())
    return _MARKDOWN.sub(lambda found: f"&#{ord(found.group(1))};", flat)


def plotly_text(text: str, wrap: int | None = None) -> str:
    """Text as Plotly shows it letter by letter; with `wrap`, broken into lines of that length."""
    lines = wrapped(text, wrap) if wrap else [text]
    return "<br>".join(
        line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
        for line in lines
    )
