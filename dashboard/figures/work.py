"""What a service does over time, as Plotly figures (plain dicts)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dashboard.figures import formats, palette
from dashboard.figures.formats import seconds_between
from dashboard.figures.palette import Mode
from dashboard.records import ServiceBucket, ServicePoint

Figure = dict[str, Any]
Quantile = Literal["p50_ms", "p95_ms", "p99_ms"]
HEIGHT = 210
SECONDS_UNTIL_S = 600
"""Up to so long a range the axis shows seconds, too."""
MOST_BARS = 60


def bins(points: Sequence[ServicePoint], most: int = MOST_BARS) -> list[list[ServicePoint]]:
    """Neighbouring intervals together, so that there are at most `most`."""
    width = max(1, -(-len(points) // most))
    return [list(points[at : at + width]) for at in range(0, len(points), width)]


def outcomes(points: Sequence[ServicePoint], interval_s: int, mode: Mode) -> Figure:
    """Runs a minute that went well and that failed, stacked."""
    found = bins(points)
    per_minute = [60 / (len(some) * max(interval_s, 1)) for some in found]
    starts = [some[0]["t"] for some in found]
    failed = [
        sum(p["errors"] for p in some) * scale
        for some, scale in zip(found, per_minute, strict=True)
    ]
    well = [
        sum(p["runs"] - p["errors"] for p in some) * scale
        for some, scale in zip(found, per_minute, strict=True)
    ]
    layout = time_layout(mode, "", starts) | {"height": HEIGHT, "barmode": "stack", "bargap": 0.25}
    layout["legend"]["traceorder"] = "normal"
    layout["yaxis"]["hoverformat"] = ".1f"
    return {
        "data": [
            _bars(starts, well, "went well", palette.COMPLETED.fill(mode)),
            _bars(starts, failed, "failed", palette.FAILED.fill(mode)),
        ],
        "layout": layout,
    }


def durations_over_time(points: Sequence[ServicePoint], mode: Mode) -> Figure:
    """Median, p95 and p99 of how long runs take."""
    named: tuple[tuple[Quantile, str, str, str], ...] = (
        ("p50_ms", "median", palette.ACCENT.of(mode), "solid"),
        ("p95_ms", "p95", palette.MUTED.of(mode), "dash"),
        ("p99_ms", "p99", palette.MUTED.of(mode), "dot"),
    )
    starts = [point["t"] for point in points]
    most = max((point["p99_ms"] or 0 for point in points), default=0)
    scale, unit = (1000.0, " s") if most >= 2000 else (1.0, " ms")
    layout = time_layout(mode, unit, starts) | {"height": HEIGHT}
    layout["yaxis"]["hoverformat"] = ".3g"
    return {
        "data": [
            line(starts, [_over(point[field], scale) for point in points], name, colour, dash)
            for field, name, colour, dash in named
        ],
        "layout": layout,
    }


def histogram(buckets: Sequence[ServiceBucket], mode: Mode) -> Figure:
    """Runs by how long they took; every second bar is twice as long."""
    names = [bucket_words(bucket) for bucket in buckets]
    layout = time_layout(mode, "", []) | {"height": HEIGHT, "bargap": 0.12, "showlegend": False}
    step = max(1, -(-len(buckets) // 5))
    layout["hovermode"] = "x"
    layout["xaxis"] |= {
        "type": "category",
        "tickvals": [names[at] for at in range(0, len(names), step)],
        "ticktext": [
            formats.milliseconds(buckets[at]["from_ms"]) for at in range(0, len(names), step)
        ],
        "tickformat": "",
        "hoverformat": "",
        "tickangle": 0,
    }
    bar = _bars(names, [bucket["runs"] for bucket in buckets], "runs", palette.ACCENT.of(mode))
    bar["hovertemplate"] = "%{y} took %{x}<extra></extra>"
    return {"data": [bar], "layout": layout}


def bucket_words(bucket: ServiceBucket) -> str:
    """From and to, as people read them."""
    start, end = formats.milliseconds(bucket["from_ms"]), formats.milliseconds(bucket["to_ms"])
    return f"{start} to {end}"


def _bars(xs: Sequence[str], values: Sequence[float], name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": [x[:19] if x[4:5] == "-" else x for x in xs],
        "y": list(values),
        "marker": {"color": colour, "line": {"width": 0}},
    }


def _over(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def time_layout(mode: Mode, unit: str, starts: Sequence[str]) -> Figure:
    """Axes, legend and hover of a chart over time; `unit` stands behind the numbers."""
    grid = palette.BORDER.of(mode)
    return {
        "height": HEIGHT,
        "margin": {"l": 48, "r": 8, "t": 30, "b": 38},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": palette.FONT, "size": 12, "color": palette.MUTED.of(mode)},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": palette.PANEL.of(mode),
            "bordercolor": grid,
            "font": {"color": palette.TEXT.of(mode), "size": 12},
        },
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": palette.TEXT.of(mode), "size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "type": "date",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "tickformat": _tick_format(starts),
            "tickangle": 0,
            "nticks": 6,
            "hoverformat": "%Y-%m-%d %H:%M UTC",
            "title": {"text": ""},
            "showline": False,
            "ticks": "",
        },
        "yaxis": {
            "rangemode": "tozero",
            "gridcolor": grid,
            "gridwidth": 1,
            "zeroline": False,
            "nticks": 4,
            "fixedrange": True,
            "ticksuffix": unit,
            "title": {"text": ""},
            "showline": False,
            "ticklabelstandoff": 6,
        },
    }


def _tick_format(starts: Sequence[str]) -> str:
    if len(starts) > 1 and seconds_between(starts[0], starts[-1]) < SECONDS_UNTIL_S:
        return "%H:%M:%S"
    return "%H:%M\n%b %d"


def line(
    starts: Sequence[str], values: Sequence[float | None], name: str, colour: str, dash: str
) -> Figure:
    """A series as a line; values that are missing are gaps."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [start[:19] for start in starts],
        "y": values,
        "line": {"color": colour, "width": 2, "dash": dash},
        "connectgaps": False,
    }
