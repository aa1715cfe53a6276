"""The HTML around the pages: Streamlit's own, told where its server is and how to begin.

Without the address, the browser tries `/orders/_stcore/…` first on every deep link, which costs a
round trip and leaves two errors in its console.
"""

from __future__ import annotations

from pathlib import Path

import streamlit

from dashboard.figures import palette

FONT = "app/static/fonts/inter-latin-400-normal.woff2"
HEAD = f"""<head>
    <script>window.__streamlit = {{ BACKEND_BASE_URL: window.location.origin + "/" }}</script>
    <style>
      :root {{ color-scheme: light dark; }}
      body {{ background: light-dark({palette.PAGE.light}, {palette.PAGE.dark}); }}
    </style>
    <link rel="preload" href="/{FONT}" as="font" type="font/woff2" crossorigin />"""


def page_html() -> str:
    """The page as it is served for every address of the dashboard."""
    index = Path(streamlit.__file__).parent / "static" / "index.html"
    html = index.read_text("utf-8").replace(
        "<title>Streamlit</title>", "<title>Choreoscope</title>"
    )
    for begin in ('<link\n      rel="preload"\n      href="./static/media/SourceSans',):
        at = html.find(begin)
        if at >= 0:
            html = html[:at] + html[html.index("/>", at) + 2 :]
    # Addresses in it are relative and every page is one level deep.
    return html.replace("<head>", HEAD, 1)
