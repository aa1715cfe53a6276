"""Reads the components' files and registers them with Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.figures.palette import stylesheet

ROOM = Path(__file__).parent


def script(name: str, parts: Sequence[str] = ()) -> str:
    """A component's module: `links.js`, its `parts`, and `{name}.js`, which exports it."""
    files = ("links.js", *(f"{part}.js" for part in parts), f"{name}.js")
    return "\n".join((ROOM / file).read_text("utf-8") for file in files)


def style(name: str) -> str:
    """A component's styles: the palette, the shared ones, and `{name}.css`."""
    files = ("shared.css", f"{name}.css")
    return "\n".join([stylesheet(), *((ROOM / file).read_text("utf-8") for file in files)])


def component(name: str, parts: Sequence[str] = ()) -> Any:
    """Register the component of `{name}.js` and `{name}.css`; call what is returned to mount it.

    Each gets the palette, the shared styles and, in front of its own module, `links.js` and its
    `parts`.
    """
    return st.components.v2.component(
        f"choreoscope_{name}",
        html='<div class="root"></div>',
        css=style(name),
        js=script(name, parts),
    )
