"""Orders over time as Plotly figures (plain dicts) and as small lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dashboard.figures import palette
from dashboard.figures.formats import seconds_between
from dashboard.figures.palette import Mode
from dashboard.records import SeriesPoint

Figure = dict[str, Any]
Quantile = Literal["p50_s", "p95_s", "p99_s"]
HEIGHT = 230
MOST_BINS = 90
LEAST_BIN_S = 10
SECONDS_UNTIL_S = 600
"""Up to so long a range the axis shows seconds, too."""


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


def throughput(points: Sequence[SeriesPoint], interval_s: int, mode: Mode) -> Figure:
    """Orders started and finished a minute, in at most MOST_BINS bins of LEAST_BIN_S or more.

    The last bin, still filling, is left out.
    """
    width = max(1, -(-len(points) // MOST_BINS), -(-LEAST_BIN_S // max(interval_s, 1)))
    bins = [points[at : at + width] for at in range(0, len(points), width)]
    bins = bins[:-1] if len(bins) > 2 else bins
    per_minute = 60 / (width * max(interval_s, 1))
    starts = [found[0]["t"] for found in bins]
    started = [sum(p["started"] for p in found) * per_minute for found in bins]
    finished = [sum(p["finished"] for p in found) * per_minute for found in bins]
    layout = time_layout(mode, "", starts)
    layout["yaxis"]["hoverformat"] = ".1f"
    return {
        "data": [
            line(starts, started, "started", palette.RUNNING.fill(mode), "solid"),
            line(starts, finished, "finished", palette.COMPLETED.fill(mode), "dash"),
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
    starts = [point["t"] for point in points]
    layout = time_layout(mode, " s", starts)
    layout["yaxis"]["hoverformat"] = ".3g"
    return {
        "data": [
            line(starts, [point[field] for point in points], name, colour, dash)
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
