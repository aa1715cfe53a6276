"""What a service does over time: small charts, and one of Plotly's (a plain dict) to zoom in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dashboard.figures import formats, palette
from dashboard.figures.palette import Mode, Tone
from dashboard.figures.series import Drawn, Plot, line, over_time
from dashboard.records import ServiceBucket, ServicePoint

Figure = dict[str, Any]
Quantile = Literal["p50_ms", "p95_ms", "p99_ms"]
Dash = Literal["solid", "dash", "dot"]
HEIGHT = 200
LARGE = 460
MOST_BARS = 60
QUANTILES: tuple[tuple[Quantile, str, Tone, Dash], ...] = (
    ("p50_ms", "median", palette.ACCENT, "solid"),
    ("p95_ms", "p95", palette.MUTED, "dash"),
    ("p99_ms", "p99", palette.MUTED, "dot"),
)
"""Fields, and how each is drawn."""


def bins(points: Sequence[ServicePoint], most: int = MOST_BARS) -> list[list[ServicePoint]]:
    """Neighbouring intervals together, so that there are at most `most`."""
    width = max(1, -(-len(points) // most))
    return [list(points[at : at + width]) for at in range(0, len(points), width)]


def outcomes(points: Sequence[ServicePoint], interval_s: int) -> Plot:
    """Runs a minute that went well and that failed, stacked."""
    found = bins(points)
    per_minute = [60 / (len(some) * max(interval_s, 1)) for some in found]
    failed = [
        sum(p["errors"] for p in some) * scale
        for some, scale in zip(found, per_minute, strict=True)
    ]
    well = [
        sum(p["runs"] - p["errors"] for p in some) * scale
        for some, scale in zip(found, per_minute, strict=True)
    ]
    drawn = [
        _bars("went well", palette.COMPLETED.css(), well),
        _bars("failed", palette.FAILED.css(), failed),
    ]
    return {**over_time([some[0]["t"] for some in found], "", drawn), "stacked": True}


def durations_over_time(points: Sequence[ServicePoint]) -> Plot:
    """Median, p95 and p99 of how long runs take."""
    scale, unit = _scale(points)
    return over_time(
        [point["t"] for point in points],
        f"{formats.THIN}{unit}",
        [
            line(name, colour.css(), dash, [_over(point[field], scale) for point in points])
            for field, name, colour, dash in QUANTILES
        ],
    )


def histogram(buckets: Sequence[ServiceBucket]) -> Plot:
    """Runs by how long they took; every second bar is twice as long."""
    step = max(1, -(-len(buckets) // 5))
    return {
        "height": HEIGHT,
        "unit": "",
        "stacked": False,
        "steps": [bucket_words(bucket) for bucket in buckets],
        "ticks": [
            (at, formats.milliseconds(buckets[at]["from_ms"]))
            for at in range(0, len(buckets), step)
        ],
        "series": [_bars("runs", palette.ACCENT.css(), [bucket["runs"] for bucket in buckets])],
    }


def bucket_words(bucket: ServiceBucket) -> str:
    """From and to, as people read them."""
    start, end = formats.milliseconds(bucket["from_ms"]), formats.milliseconds(bucket["to_ms"])
    return f"{start} to {end}"


def _bars(name: str, colour: str, values: Sequence[float]) -> Drawn:
    return {"name": name, "kind": "bars", "colour": colour, "dash": "solid", "values": [*values]}


def _scale(points: Sequence[ServicePoint]) -> tuple[float, str]:
    """What milliseconds are divided by, and the unit then."""
    most = max((point["p99_ms"] or 0 for point in points), default=0)
    return (1000.0, "s") if most >= 2000 else (1.0, "ms")


def _over(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def zoomable(points: Sequence[ServicePoint], mode: Mode) -> Figure:
    """How long runs take, every interval, as a Plotly figure that can be zoomed and panned."""
    scale, unit = _scale(points)
    starts = [point["t"][:19] for point in points]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": starts,
                "y": [_over(point[field], scale) for point in points],
                "line": {"color": colour.of(mode), "width": 2, "dash": dash},
                "connectgaps": False,
            }
            for field, name, colour, dash in QUANTILES
        ],
        "layout": _layout(mode, f" {unit}"),
    }


def _layout(mode: Mode, unit: str) -> Figure:
    """Axes, legend and hover; `unit` stands behind the numbers."""
    grid = palette.BORDER.of(mode)
    return {
        "height": LARGE,
        "margin": {"l": 56, "r": 8, "t": 30, "b": 38},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": palette.FONT, "size": 12, "color": palette.MUTED.of(mode)},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": palette.PANEL.of(mode),
            "bordercolor": grid,
            "font": {"color": palette.TEXT.of(mode), "size": 12},
        },
        "dragmode": "zoom",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": palette.TEXT.of(mode), "size": 12},
        },
        "xaxis": {
            "type": "date",
            "showgrid": False,
            "zeroline": False,
            "tickangle": 0,
            "hoverformat": "%Y-%m-%d %H:%M:%S UTC",
            "title": {"text": ""},
        },
        "yaxis": {
            "rangemode": "tozero",
            "gridcolor": grid,
            "zeroline": False,
            "nticks": 6,
            "ticksuffix": unit,
            "hoverformat": ".3g",
            "title": {"text": ""},
        },
    }
