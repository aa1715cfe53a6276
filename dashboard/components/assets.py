"""Reads the components' files and registers them with Streamlit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.figures.palette import stylesheet

ROOM = Path(__file__).parent


def component(name: str) -> Any:
    """Register the component of `{name}.js` and `{name}.css`; call what is returned to mount it.

    Each gets the palette, the shared styles and, in front of its own module, `links.js`.
    """
    script = "\n".join((ROOM / file).read_text("utf-8") for file in ("links.js", f"{name}.js"))
    style = "\n".join(
        [
            stylesheet(),
            *((ROOM / file).read_text("utf-8") for file in ("shared.css", f"{name}.css")),
        ]
    )
    return st.components.v2.component(
        f"choreoscope_{name}", html='<div class="root"></div>', css=style, js=script
    )
