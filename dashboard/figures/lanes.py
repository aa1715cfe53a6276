"""What is drawn in the lanes of an order: stripes, bars, labels, arrows, the missing step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey, Leg, Stop
from dashboard.figures.markup import plotly_text
from dashboard.figures.palette import Look, Mode
from dashboard.figures.timeline import Timeline
from dashboard.figures.tracks import Tracks
from dashboard.records import Owed, Span

LEAST = 0.004
"""The narrowest bar, as a share of the axis."""
CHARACTER = 0.0072
"""Width of a letter as a share of the axis at the usual page width, to keep labels apart."""


@dataclass
class Swimlane:
    """What is being drawn: places of everything, and Plotly's parts."""

    axis: Timeline
    tracks: Tracks
    mode: Mode
    bars: dict[tuple[Look, bool], list[tuple[float, float, float, str]]] = field(
        default_factory=dict
    )
    labels: list[tuple[float, float, str]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)


def background(drawing: Swimlane) -> None:
    """Stripes for lanes, shades over idle time with its real length above."""
    panel = palette.PANEL.of(drawing.mode)
    for at, (service, y) in enumerate(drawing.tracks.top.items()):
        if at % 2 == 0:
            low = y + 0.5 - drawing.tracks.rows[service]
            drawing.shapes.append(_rectangle(0, 1, low, y + 0.5, panel))
    shade = palette.translucent(palette.MUTED.of(drawing.mode), 0.10)
    bottom = 0.5 - drawing.tracks.total
    for stretch in drawing.axis.stretches:
        if stretch.idle:
            drawing.shapes.append(_rectangle(stretch.left, stretch.right, bottom, 0.5, shade))
            middle = (stretch.left + stretch.right) / 2
            drawing.notes.append(
                _note(
                    middle, 0.56, formats.duration(stretch.seconds), palette.MUTED.of(drawing.mode)
                )
            )


def _rectangle(left: float, right: float, low: float, high: float, fill: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "x0": left,
        "x1": right,
        "y0": low,
        "y1": high,
        "fillcolor": fill,
        "line": {"width": 0},
    }


def _note(x: float, y: float, text: str, colour: str, anchor: str = "center") -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": anchor,
        "yanchor": "bottom",
        "font": {"size": 11, "color": colour},
    }


def bar(drawing: Swimlane, stop: Stop) -> None:
    """The bar of a step in the lane of its service."""
    start = stop.start or 0
    end = stop.end if stop.end is not None else start
    left, right = drawing.axis.place(start), drawing.axis.place(end)
    y = drawing.tracks.heights[stop.step] + 0.02
    said = [
        f"<b>{plotly_text(stop.title)}</b>",
        plotly_text(stop.service),
        f"{stop.look.icon} {stop.look.word}, {formats.duration((end - start) / 1e9)}",
        f"{formats.moment(start):%H:%M:%S.%f}"[:-3] + " UTC",
    ]
    if stop.error:
        said.append(plotly_text(formats.shortened(stop.error, 90)))
    width = max(right - left, LEAST)
    drawing.bars.setdefault((stop.look, False), []).append((left, width, y, "<br>".join(said)))
    drawing.labels.append((left, y, f"{stop.look.icon} {stop.title}"))


def thin_bar(drawing: Swimlane, span: Span) -> None:
    """A span below the bar of its step."""
    start = formats.nanoseconds(span["started_at"])
    left = drawing.axis.place(start)
    width = max(drawing.axis.place(start + int(span["duration_ms"] * 1e6)) - left, LEAST)
    look = palette.FAILED if span["status"] == "Error" else palette.COMPLETED
    y = drawing.tracks.height_at(span["service"], start) - 0.26
    took = formats.milliseconds(span["duration_ms"])
    said = f"{plotly_text(span['name'])}<br>{plotly_text(span['service'])}<br>{took}"
    drawing.bars.setdefault((look, True), []).append((left, width, y, said))


def missing(drawing: Swimlane, stop: Stop, now: int) -> None:
    """The step that is owed: hatched from when it became due to now."""
    owed = stop.owed
    if owed is None:
        return
    left = drawing.axis.place(formats.nanoseconds(owed["since"]))
    y = drawing.tracks.heights[stop.step] + 0.02
    waits = (now - formats.nanoseconds(owed["since"])) / 1e9
    colour, ink = stop.look.fill(drawing.mode), stop.look.ink(drawing.mode)
    name = owed["destination"] or stop.title
    verb = {"not_consumed": "not consumed", "never_sent": "never sent"}.get(
        owed["diagnosis"] or "", "missing"
    )
    word = f"{name} {verb}" if owed["late"] else f"{name} expected"
    left = min(left + 0.012, 0.97)
    drawing.traces.append(
        {
            "type": "bar",
            "orientation": "h",
            "base": [left],
            "x": [1 - left],
            "y": [y],
            "width": [0.36],
            "marker": {
                "color": palette.translucent(colour, 0.16),
                "line": {"color": colour, "width": 1},
                "pattern": {
                    "shape": "/",
                    "fgcolor": palette.translucent(colour, 0.55),
                    "size": 7,
                    "solidity": 0.2,
                },
            },
            "hovertext": [plotly_text(owed["sentence"], wrap=70)],
            "hoverinfo": "text",
            "showlegend": False,
        }
    )
    usual = usual_wait(owed)
    room = int((1 - left) / CHARACTER)
    text = formats.shortened(f"{stop.look.icon} {word}", max(room - 22, 8))
    boxed = {"bgcolor": palette.PAGE.of(drawing.mode), "borderpad": 2, "yanchor": "middle"}
    shown = f"<b>{plotly_text(text)}</b>  {formats.duration(waits)}"
    drawing.notes.append(_note(left + 0.012, y, shown, ink, "left") | boxed)
    if room > 24:
        muted = palette.MUTED.of(drawing.mode)
        drawing.notes.append(
            _note(left + 0.012, y - 0.21, usual, muted, "left") | {"yanchor": "top"}
        )


def usual_wait(owed: Owed) -> str:
    """What was known of the wait when the step became owed; a declared step that nobody took yet
    carries its declared limit in `p99_s`.
    """
    if owed["of"] == 0:
        return f"declared within {formats.duration(owed['p99_s'])}"
    return f"usual {formats.duration(owed['median_s'])}, p99 {formats.duration(owed['p99_s'])}"


def arrows(drawing: Swimlane, journey: Journey) -> None:
    """Calls red, messages blue; dotted to a step that hasn't come."""
    stops = {stop.step: stop for stop in journey.stops}
    for kind, tone in (("rpc", palette.RPC), ("messaging", palette.MESSAGING)):
        for pending in (False, True):
            legs = [leg for leg in journey.legs if leg.kind == kind and leg.pending is pending]
            ends = [ends for leg in legs if (ends := _ends(drawing, leg, stops))]
            if not ends:
                continue
            xs: list[float | None] = []
            ys: list[float | None] = []
            for x0, y0, x1, y1 in ends:
                xs += [x0, x1, None]
                ys += [y0, y1, None]
            colour = tone.of(drawing.mode)
            drawing.traces.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "x": xs,
                    "y": ys,
                    "hoverinfo": "skip",
                    "line": {"color": colour, "width": 1.5, "dash": "dot" if pending else "solid"},
                    "marker": {
                        "symbol": "arrow",
                        "angleref": "previous",
                        "color": colour,
                        "opacity": 1,
                        "size": [0, 9, 0] * len(ends),
                    },
                    "showlegend": False,
                    "cliponaxis": False,
                }
            )


def _ends(
    drawing: Swimlane, leg: Leg, stops: dict[str, Stop]
) -> tuple[float, float, float, float] | None:
    source, target = stops[leg.source], stops[leg.target]
    if source.service == target.service or source.start is None:
        return None
    left_at = leg.left_at if leg.left_at is not None else (source.end or source.start)
    y0, y1 = (drawing.tracks.heights[step] for step in (leg.source, leg.target))
    x0 = drawing.axis.place(left_at)
    if target.start is not None:
        x1 = drawing.axis.place(target.start)
    elif target.owed is not None:
        x1 = min(drawing.axis.place(formats.nanoseconds(target.owed["since"])) + 0.012, 0.97)
    else:
        return None
    down = y1 < y0
    return x0, y0 - 0.32 if down else y0 + 0.2, x1, y1 + 0.2 if down else y1 - 0.32


def labels(drawing: Swimlane) -> None:
    """Step names above their bars, cut where the next one in the lane begins."""
    by_lane: dict[float, list[tuple[float, str]]] = {}
    for left, y, text in sorted(drawing.labels):
        by_lane.setdefault(y, []).append((left, text))
    colour = palette.TEXT.of(drawing.mode)
    for y, labels in by_lane.items():
        for at, (left, text) in enumerate(labels):
            end = labels[at + 1][0] if at + 1 < len(labels) else 1.06
            room = int((end - left) / CHARACTER) - 1
            if room >= 4:
                shown = plotly_text(formats.shortened(text, room))
                drawing.notes.append(_note(left, y + 0.14, shown, colour, "left"))
