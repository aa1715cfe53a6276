"""Orders over time as Plotly figures (plain dicts), and the key figures of a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dashboard.figures import palette
from dashboard.figures.palette import Mode
from dashboard.records import SeriesPoint

Figure = dict[str, Any]
Quantile = Literal["p50_s", "p95_s", "p99_s"]
HEIGHT = 230


def typical(points: Sequence[SeriesPoint], quantile: Quantile) -> float | None:
    """The quantile of the interval in the middle, weighted by finished orders; None without any."""
    known = sorted(
        (value, point["finished"])
        for point in points
        if (value := point[quantile]) is not None and point["finished"] > 0
    )
    half = sum(weight for _, weight in known) / 2
    for value, weight in known:
        half -= weight
        if half <= 0:
            return value
    return None


def _layout(mode: Mode, unit: str) -> Figure:
    grid = palette.BORDER.of(mode)
    return {
        "height": HEIGHT,
        "margin": {"l": 44, "r": 8, "t": 30, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12, "color": palette.MUTED.of(mode)},
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
            "tickformat": "%H:%M\n%b %d",
            "nticks": 7,
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
        },
    }


def _line(
    points: Sequence[SeriesPoint], values: list[float | None], name: str, colour: str, dash: str
) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [point["t"][:19] for point in points],
        "y": values,
        "line": {"color": colour, "width": 2, "dash": dash},
        "connectgaps": False,
    }


def throughput(points: Sequence[SeriesPoint], interval_s: int, mode: Mode) -> Figure:
    """Orders started and finished a minute; the last interval, still filling, is left out."""
    points = points[:-1] if len(points) > 2 else points
    per_minute = 60 / interval_s if interval_s else 1.0
    started = [point["started"] * per_minute for point in points]
    finished = [point["finished"] * per_minute for point in points]
    layout = _layout(mode, "")
    layout["yaxis"]["hoverformat"] = ".1f"
    return {
        "data": [
            _line(points, [*started], "started", palette.RUNNING.fill(mode), "solid"),
            _line(points, [*finished], "finished", palette.COMPLETED.fill(mode), "dash"),
        ],
        "layout": layout,
    }


def time_to_finish(points: Sequence[SeriesPoint], mode: Mode) -> Figure:
    """Median, p95 and p99 of the time from an order's first span to its completion."""
    named: tuple[tuple[Quantile, str, str, str], ...] = (
        ("p50_s", "median", palette.ACCENT.of(mode), "solid"),
        ("p95_s", "p95", palette.MUTED.of(mode), "dash"),
        ("p99_s", "p99", palette.MUTED.of(mode), "dot"),
    )
    layout = _layout(mode, " s")
    layout["yaxis"]["hoverformat"] = ".3g"
    return {
        "data": [
            _line(points, [point[field] for point in points], name, colour, dash)
            for field, name, colour, dash in named
        ],
        "layout": layout,
    }


def points_of(points: Sequence[SeriesPoint], field: str, most: int = 40) -> list[float | None]:
    """One field as at most `most` values, for a small line: counts are added, quantiles taken."""
    values: list[float | None] = [point[field] for point in points]  # type: ignore[literal-required]
    if len(values) <= most:
        return values
    width = -(-len(values) // most)
    chunks = [values[at : at + width] for at in range(0, len(values), width)]
    if field.endswith("_s"):
        return [max((v for v in chunk if v is not None), default=None) for chunk in chunks]
    return [sum(v for v in chunk if v is not None) for chunk in chunks]
