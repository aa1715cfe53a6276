"""An order over services and time: lanes, bars, arrows, the missing step hatched in its lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey
from dashboard.figures.lanes import Swimlane, arrows, background, bar, labels, missing, thin_bar
from dashboard.figures.markup import plotly_text
from dashboard.figures.palette import Mode
from dashboard.figures.timeline import Timeline, compressed, linear
from dashboard.figures.tracks import tracks
from dashboard.records import Span

LANE_PX = 58
MOST_BARS = 500
"""With more spans than this only steps are drawn."""
BAR, THIN_BAR = 0.30, 0.11


def axis_of(journey: Journey, now: int, real_time: bool = False) -> Timeline:
    """The time axis of an order: up to now when it waits for something late."""
    work = [(s.start, s.end if s.end is not None else s.start) for s in journey.stops if s.start]
    waits = any(stop.owed for stop in journey.stops)
    if real_time and work:
        first = min(start for start, _ in work)
        return linear(first, now if waits else max(end for _, end in work))
    return compressed(work, now if waits else None)


def swimlane(
    journey: Journey, spans: Sequence[Span], now: int, mode: Mode, real_time: bool = False
) -> dict[str, Any]:
    """The figure; `now` in nanoseconds is where an open wait ends."""
    axis = axis_of(journey, now, real_time)
    ordered = sorted((s for s in journey.stops if s.start is not None), key=lambda s: s.start or 0)
    drawing = Swimlane(axis, tracks(journey.stops, now), mode)
    background(drawing)
    for stop in ordered:
        bar(drawing, stop)
    if len(spans) <= MOST_BARS:
        names = {stop.step for stop in journey.stops}
        for span in spans:
            if span["step"] not in names and span["service"] in drawing.tracks.top:
                thin_bar(drawing, span)
    for stop in journey.stops:
        if stop.owed is not None:
            missing(drawing, stop, now)
    arrows(drawing, journey)
    labels(drawing)
    return {"data": [*_bar_traces(drawing), *drawing.traces], "layout": _layout(drawing)}


def _bar_traces(drawing: Swimlane) -> list[dict[str, Any]]:
    traces = []
    for (look, thin), bars in drawing.bars.items():
        lefts, widths, ys, said = zip(*bars, strict=True)
        colour = look.fill(drawing.mode)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "base": lefts,
                "x": widths,
                "y": ys,
                "width": THIN_BAR if thin else BAR,
                "hovertext": said,
                "hoverinfo": "text",
                "marker": {
                    "color": palette.translucent(colour, 0.6) if thin else colour,
                    "cornerradius": 2 if thin else 3,
                    "line": {"width": 0},
                },
                "showlegend": False,
            }
        )
    return traces


def _layout(drawing: Swimlane) -> dict[str, Any]:
    muted, text = palette.MUTED.of(drawing.mode), palette.TEXT.of(drawing.mode)
    axis, lanes = drawing.axis, drawing.tracks
    count = lanes.total
    ticks = axis.ticks()
    names = [formats.duration((instant - axis.start) / 1e9) for _, instant in ticks]
    names[0] = "0"
    if axis.stretches[-1].idle:
        names[-1] = "now"
    names_of_lanes = [plotly_text(formats.squeezed(name, 26)) for name in lanes.top]
    longest = max((min(len(name), 26) for name in lanes.top), default=0)
    return {
        "height": 64 + LANE_PX * count,
        "margin": {"l": 20 + int(longest * 6.8), "r": 16, "t": 30, "b": 28},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12, "color": text},
        "barmode": "overlay",
        "bargap": 0,
        "dragmode": False,
        "hovermode": "closest",
        "hoverdistance": 8,
        "showlegend": False,
        "hoverlabel": {
            "bgcolor": palette.PANEL.of(drawing.mode),
            "bordercolor": palette.BORDER.of(drawing.mode),
            "font": {"color": text, "size": 12},
            "align": "left",
        },
        "shapes": drawing.shapes,
        "annotations": drawing.notes,
        "xaxis": {
            "range": [-0.002, 1.004],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": [place for place, _ in ticks],
            "ticktext": names,
            "tickfont": {"size": 11, "color": muted},
            "title": {"text": ""},
            "showline": False,
        },
        "yaxis": {
            "range": [0.5 - count, 0.62],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": [y - (lanes.rows[name] - 1) / 2 for name, y in lanes.top.items()],
            "ticktext": names_of_lanes,
            "tickfont": {"size": 12, "color": text},
            "title": {"text": ""},
            "showline": False,
        },
    }
