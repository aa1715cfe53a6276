"""An order over services and time: lanes, bars, arrows, the missing step in the lane that owes it.

Places along the time axis are shares of it (0 to 1), places across it are rows; the component
knows pixels and letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NotRequired, TypedDict

from dashboard.figures import formats, palette
from dashboard.figures.journey import Journey, Leg, Stop
from dashboard.figures.pathparts import PATH_WORDS, part_words
from dashboard.figures.timeline import Timeline, compressed, linear
from dashboard.figures.tracks import Tracks, tracks
from dashboard.records import Owed, PathPart, Span

MOST_THIN = 500
"""With more spans than this only steps are drawn."""


class Lane(TypedDict):
    """A service: its first row and how many it has."""

    name: str
    row: int
    rows: int


class Shade(TypedDict):
    """Idle time: where nothing happened for so long."""

    left: float
    width: float
    text: str


class Tick(TypedDict):
    """A time on the axis, from the order's start."""

    at: float
    text: str


class Bar(TypedDict):
    """A step, done or missing (then with what is usual)."""

    id: str
    row: int
    left: float
    width: float
    look: str
    icon: str
    text: str
    took: str
    tip: str
    missing: bool
    usual: NotRequired[str]


class Thin(TypedDict):
    """A span below the bar of its step."""

    row: int
    left: float
    width: float
    look: str
    tip: str


class Arrow(TypedDict):
    """How one step led to another."""

    kind: str
    text: str
    pending: bool
    source: str
    target: str
    at: float


class Piece(TypedDict):
    """A stretch of the critical path."""

    kind: str
    left: float
    width: float
    tip: str


class Swimlane(TypedDict):
    """What the component draws."""

    lanes: list[Lane]
    rows: int
    shades: list[Shade]
    ticks: list[Tick]
    bars: list[Bar]
    thin: list[Thin]
    arrows: list[Arrow]
    path: list[Piece]


def axis_of(journey: Journey, now: int, real_time: bool = False) -> Timeline:
    """The time axis of an order: up to now when it waits for something."""
    work = [(s.start, s.end if s.end is not None else s.start) for s in journey.stops if s.start]
    waits = any(stop.owed for stop in journey.stops)
    if real_time and work:
        first = min(start for start, _ in work)
        return linear(first, now if waits else max(end for _, end in work))
    return compressed(work, now if waits else None)


def swimlane(
    journey: Journey,
    spans: Sequence[Span],
    path: Sequence[PathPart],
    now: int,
    *,
    real_time: bool = False,
    shift_of: Callable[[str], int] = lambda _service: 0,
) -> Swimlane:
    """The drawing; `now` in nanoseconds is where an open wait ends.

    `shift_of` tells how many nanoseconds a service's clock is ahead: taken off the spans' times.
    """
    axis = axis_of(journey, now, real_time)
    lanes = tracks(journey.stops, now)
    steps = {stop.step for stop in journey.stops}
    thin = [
        _thin(axis, lanes, span, shift_of(span["service"]))
        for span in (spans if len(spans) <= MOST_THIN else ())
        if span["step"] not in steps and span["service"] in lanes.top
    ]
    stops = {stop.step: stop for stop in journey.stops}
    return {
        "lanes": [
            {"name": name, "row": int(-top), "rows": lanes.rows[name]}
            for name, top in lanes.top.items()
        ],
        "rows": lanes.total,
        "shades": [
            {
                "left": _share(stretch.left),
                "width": _share(stretch.right - stretch.left),
                "text": formats.duration(stretch.seconds),
            }
            for stretch in axis.stretches
            if stretch.idle
        ],
        "ticks": _ticks(axis, now),
        "bars": [
            _missing(axis, lanes, stop, stop.owed, now)
            if stop.owed
            else _bar(axis, lanes, stop, journey)
            for stop in sorted(journey.stops, key=lambda stop: stop.start or now)
            if stop.owed or stop.start is not None
        ],
        "thin": thin,
        "arrows": [a for leg in journey.legs if (a := _arrow(axis, leg, stops)) is not None],
        "path": [_piece(axis, part) for part in path],
    }


def _share(place: float) -> float:
    return round(place, 5)


def _ticks(axis: Timeline, now: int) -> list[Tick]:
    found: list[Tick] = [
        {"at": _share(at), "text": formats.duration((instant - axis.start) / 1e9)}
        for at, instant in axis.ticks()
    ]
    found[0]["text"] = "0"
    if axis.end == now:
        found[-1]["text"] = "now"
    return found


def _bar(axis: Timeline, lanes: Tracks, stop: Stop, journey: Journey) -> Bar:
    start = stop.start or 0
    end = stop.end if stop.end is not None else start
    left = axis.place(start)
    took = formats.duration((end - start) / 1e9)
    undone = [other.title for other in journey.stops if other.step in stop.undoes]
    said = [
        stop.step,
        f"{stop.look.icon} {stop.look.word}, {took}, from {formats.moment(start):%H:%M:%S.%f}"[:-3]
        + " UTC",
    ]
    if stop.attempts > 1:
        said.append(f"{stop.attempts} attempts")
    if undone:
        said.append(f"undoes {', '.join(undone)}")
    if stop.error:
        said.append(formats.shortened(stop.error, 200))
    return {
        "id": stop.step,
        "row": _row(lanes, stop.step),
        "left": _share(left),
        "width": _share(axis.place(end) - left),
        "look": palette.token(stop.look),
        "icon": stop.look.icon,
        "text": stop.title,
        "took": took,
        "tip": "\n".join(said),
        "missing": False,
    }


def _missing(axis: Timeline, lanes: Tracks, stop: Stop, owed: Owed, now: int) -> Bar:
    """The step that is owed: from when it became due to now."""
    since = formats.nanoseconds(owed["since"])
    left = axis.place(since)
    return {
        "id": stop.step,
        "row": _row(lanes, stop.step),
        "left": _share(left),
        "width": _share(1 - left),
        "look": palette.token(stop.look),
        "icon": stop.look.icon,
        "text": missing_words(owed, stop.title),
        "took": formats.duration(max(now - since, 0) / 1e9),
        "tip": owed["sentence"],
        "missing": True,
        "usual": usual_wait(owed),
    }


def missing_words(owed: Owed, title: str) -> str:
    """What is missing, in few words."""
    name = owed["destination"] or title
    if not owed["late"]:
        return f"{name} expected"
    if owed["diagnosis"] is None:
        return f"{name} overdue"
    verbs = {"not_consumed": "not consumed", "never_sent": "never sent"}
    return f"{name} {verbs.get(owed['diagnosis'] or '', 'missing')}"


def usual_wait(owed: Owed) -> str:
    """What was known of the wait when the step became owed; a declared step that nobody took yet
    carries its declared limit in `p99_s`.
    """
    if owed["of"] == 0:
        return f"declared within {formats.duration(owed['p99_s'])}"
    return f"usual {formats.duration(owed['median_s'])}, p99 {formats.duration(owed['p99_s'])}"


def _row(lanes: Tracks, step: str) -> int:
    return int(-lanes.heights[step])


def _thin(axis: Timeline, lanes: Tracks, span: Span, shift: int) -> Thin:
    start = formats.nanoseconds(span["started_at"]) - shift
    left = axis.place(start)
    took = formats.milliseconds(span["duration_ms"])
    return {
        "row": int(-lanes.height_at(span["service"], start)),
        "left": _share(left),
        "width": _share(axis.place(start + int(span["duration_ms"] * 1e6)) - left),
        "look": "failed" if span["status"] == "Error" else "completed",
        "tip": f"{span['name']}\n{span['service']}, {took}",
    }


def _arrow(axis: Timeline, leg: Leg, stops: dict[str, Stop]) -> Arrow | None:
    source, target = stops[leg.source], stops[leg.target]
    if source.service == target.service or source.start is None or leg.kind == "compensation":
        return None
    left_at = leg.left_at if leg.left_at is not None else (source.end or source.start)
    return {
        "kind": leg.kind,
        "text": leg.topic or "",
        "pending": leg.pending,
        "source": leg.source,
        "target": leg.target,
        "at": _share(axis.place(left_at)),
    }


def _piece(axis: Timeline, part: PathPart) -> Piece:
    left = axis.place(formats.nanoseconds(part["started_at"]))
    right = axis.place(formats.nanoseconds(part["ended_at"]))
    took = formats.duration(part["duration_s"])
    return {
        "kind": part["kind"],
        "left": _share(left),
        "width": _share(right - left),
        "tip": f"{PATH_WORDS[part['kind']]}, {took}\n{part_words(part)}",
    }
