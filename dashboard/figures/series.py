"""Orders over time as small charts and as small lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from dashboard.figures import formats, palette
from dashboard.records import SeriesPoint

Quantile = Literal["p50_s", "p95_s", "p99_s"]
HEIGHT = 200
MOST_BINS = 90
LEAST_BIN_S = 10
TICKS = 6
DAY_S = 86_400
SECONDS_UNTIL_S = 600
"""Up to so long a range the axis shows seconds, too."""


class Drawn(TypedDict):
    """One series: a value a step, None where there is none. The colour is CSS."""

    name: str
    kind: Literal["line", "bars"]
    colour: str
    dash: Literal["solid", "dash", "dot"]
    values: list[float | None]


class Plot(TypedDict):
    """A chart over equal steps. `ticks`: steps with words; `unit` stands behind every number."""

    height: int
    unit: str
    stacked: bool
    steps: list[str]
    ticks: list[tuple[int, str]]
    series: list[Drawn]


def throughput(points: Sequence[SeriesPoint], interval_s: int) -> Plot:
    """Orders started and finished a minute, in at most MOST_BINS bins of LEAST_BIN_S or more.

    The last bin, still filling, is left out.
    """
    width = max(1, -(-len(points) // MOST_BINS), -(-LEAST_BIN_S // max(interval_s, 1)))
    bins = [points[at : at + width] for at in range(0, len(points), width)]
    bins = bins[:-1] if len(bins) > 2 else bins
    per_minute = 60 / (width * max(interval_s, 1))
    started: list[float | None] = [sum(p["started"] for p in some) * per_minute for some in bins]
    finished: list[float | None] = [sum(p["finished"] for p in some) * per_minute for some in bins]
    return over_time(
        [some[0]["t"] for some in bins],
        "",
        [
            line("started", palette.RUNNING.css(), "solid", started),
            line("finished", palette.COMPLETED.css(), "dash", finished),
        ],
    )


def time_to_finish(points: Sequence[SeriesPoint]) -> Plot:
    """Median, p95 and p99 of the time from an order's first span to its completion."""
    named: tuple[tuple[Quantile, str, str, Literal["solid", "dash", "dot"]], ...] = (
        ("p50_s", "median", palette.ACCENT.css(), "solid"),
        ("p95_s", "p95", palette.MUTED.css(), "dash"),
        ("p99_s", "p99", palette.MUTED.css(), "dot"),
    )
    most = max((point["p99_s"] or 0 for point in points), default=0)
    scale, unit = (1, "s") if most >= 2 else (1000, "ms")
    return over_time(
        [point["t"] for point in points],
        f"{formats.THIN}{unit}",
        [
            line(name, colour, dash, [_times(point[field], scale) for point in points])
            for field, name, colour, dash in named
        ],
    )


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def line(
    name: str, colour: str, dash: Literal["solid", "dash", "dot"], values: list[float | None]
) -> Drawn:
    """A series as a line; None is a gap."""
    return {"name": name, "kind": "line", "colour": colour, "dash": dash, "values": values}


def over_time(starts: Sequence[str], unit: str, series: list[Drawn]) -> Plot:
    """The axis: times of the day, with the day where there are several."""
    span_s = formats.seconds_between(starts[0], starts[-1]) if len(starts) > 1 else 0
    every = max(1, -(-len(starts) // TICKS))
    ticks = [(at, _tick(starts[at], span_s)) for at in range(0, len(starts), every)]
    steps = [f"{formats.stamp(start)} UTC" for start in starts]
    shape: Plot = {
        "height": HEIGHT,
        "unit": unit,
        "stacked": False,
        "steps": steps,
        "ticks": ticks,
        "series": series,
    }
    return shape


def _tick(start: str, span_s: float) -> str:
    if span_s > DAY_S:
        return formats.stamp(start)[5:16]
    clock = formats.clock(start)
    return clock if span_s < SECONDS_UNTIL_S else clock[:5]


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
