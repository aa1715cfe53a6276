"""The service map as one HTML file that works without this dashboard: it pans, zooms, and finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from dashboard.figures import palette

EXPORT = "export default function"


def map_html(data: Mapping[str, Any], title: str, script: str, style: str) -> str:
    """The component's own script and style around its data; nothing is fetched from anywhere.

    `data` is what the component is given; without its `address` nothing in it is a link.
    """
    if EXPORT not in script:
        raise ValueError(f"the script has no {EXPORT!r}")
    frozen = json.dumps({**data, "address": None}, separators=(",", ":")).replace("<", "\\u003c")
    tones = "; ".join(
        f"--st-{name}: light-dark({tone.light}, {tone.dark})"
        for name, tone in (
            ("text-color", palette.TEXT),
            ("background-color", palette.PAGE),
            ("secondary-background-color", palette.PANEL),
        )
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>
:root {{ color-scheme: light dark; {tones}; --st-font: Inter, system-ui, sans-serif; }}
body {{ margin: 24px; background: var(--st-background-color); color: var(--st-text-color); }}
h1 {{ margin: 0 0 16px; font: 600 20px var(--st-font); }}
{style}
</style>
<body class="choreoscope">
<h1>{escape(title)}</h1>
<div class="root"></div>
<script type="application/json" id="data">{frozen}</script>
<script type="module">
{script.replace(EXPORT, "function drawSaved", 1)}
const data = JSON.parse(document.getElementById("data").textContent);
drawSaved({{ data, parentElement: document.body }});
</script>
</body>
</html>
"""
