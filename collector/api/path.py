"""The critical path of one order, across its traces: what the time went by, without gap or overlap.

Pure: spans in, segments out; integer nanoseconds, so that the segments add up exactly to the time
between the order's first and last moment. Walked backwards: inside a handler always into the child
that finished last; from a handler's start to what led to it, be it in another trace and long over.
Times are those that the caller has corrected; where they still contradict the causes, the causes
win and the contradiction takes no time. Fed by `order` and `critical_path`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["work", "call", "broker", "retry", "untracked", "waiting"]

_CONSUMER = ("process", "receive")
_STEP = ("process", "receive", "serve", "send", "call")
_MOST_SEGMENTS = 300
_MOST_IDS = 100  # spans that a segment names


@dataclass(frozen=True, order=True)
class PathSpan:
    """What the path needs of a span. Ids are any strings that are unique within the order."""

    start: int
    end: int
    id: str
    parent: str = ""
    cause: str = ""
    """The span that led here: the step above it, or what it links to."""
    service: str = ""
    role: str = ""
    operation: str = ""
    destination: str = ""
    message_id: str = ""
    callee: str = ""
    failed: bool = False

    @property
    def step(self) -> str:
        """Its name as a step; '' for detail."""
        return f"{self.service} {self.role} {self.operation}" if self.role in _STEP else ""


@dataclass(frozen=True)
class Segment:
    """A stretch of the path; the next one starts where it ends."""

    kind: Kind
    step: str
    service: str
    start: int
    end: int
    after: str = ""
    """The step before a gap; '' for work and calls."""
    callee: str = ""
    """Who was called, when the call is no step of its own (a database)."""
    spans: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """What a path that is open at its end waits for."""

    step: str
    service: str
    after: str
    now: int


@dataclass(frozen=True)
class Path:
    """The segments in the order of time, and the spans that they lead through."""

    segments: list[Segment]
    on_path: frozenset[str]


def critical_path(spans: Iterable[PathSpan], waiting: Waiting | None = None) -> Path:
    """From the order's first moment to its last, or to `waiting.now` when a step is owed.

    Whatever the spans say (cycles, ends before starts, doubles), the segments are contiguous, none
    is negative, and the order of the spans doesn't matter. Takes O(n log n).
    """
    arranged = causes(spans)
    return _Walk(arranged).run(waiting) if arranged else Path([], frozenset())


def causes(spans: Iterable[PathSpan]) -> list[tuple[PathSpan, str]]:
    """Each span once, by start, with the id of what led to it ('' if that isn't known).

    A message isn't taken before it is sent: where the times say so, all that followed from it is
    moved back in time. A receive span that polled before there was a message begins with it.
    """
    once = {s.id: replace(s, end=max(s.start, s.end)) for s in sorted(spans, reverse=True)}
    messages = _Messages(once)
    above = {id_: _above(span, once, messages) for id_, span in once.items()}
    below: defaultdict[str, list[str]] = defaultdict(list)
    for id_, cause in above.items():
        below[cause].append(id_)
    moved: dict[str, PathSpan] = {}
    waiting = [(id_, 0) for id_ in below[""]]
    while waiting:  # what hangs on a cycle of causes is never reached, and stays where it is
        id_, shift = waiting.pop()
        span, led = once[id_], moved.get(above[id_])
        if led and span.role in _CONSUMER:
            taken = span.end if span.role == "receive" else span.start
            shift = max(0, led.start - taken)
        start, end = span.start + shift, span.end + shift
        if led and span.role == "receive":
            start = max(start, min(end, led.end))
        moved[id_] = replace(span, start=start, end=end)
        waiting += [(following, shift) for following in below[id_]]
    arranged = [(moved.get(id_, span), above[id_]) for id_, span in once.items()]
    return sorted(arranged, key=lambda pair: (pair[0].start, pair[0].id))


class _Walk:
    """One walk: `t` only ever falls, a span is entered once and left once."""

    def __init__(self, arranged: list[tuple[PathSpan, str]]) -> None:
        self.by_start = [span for span, _ in arranged]
        self.spans = {span.id: span for span in self.by_start}
        self.above = {span.id: above for span, above in arranged}
        self.starts = [span.start for span in self.by_start]
        self.latest = _latest_ending(self.by_start)
        self.children: defaultdict[str, list[PathSpan]] = defaultdict(list)
        for span in sorted(self.spans.values(), key=lambda s: (s.end, -s.start, s.id)):
            if span.role not in _CONSUMER and span.parent in self.spans:
                self.children[span.parent].append(span)
        self.tries: defaultdict[tuple[str, str], list[PathSpan]] = defaultdict(list)
        for span in self.by_start:
            if span.role in _CONSUMER:
                self.tries[span.step, self.message(span)].append(span)
        self.named: dict[str, str] = {}
        self.entered: set[str] = set()
        self.left: set[str] = set()
        self.found: list[Segment] = []

    def run(self, waiting: Waiting | None) -> Path:
        first = self.starts[0]
        at = self.target(waiting)
        t = at.end
        if waiting:
            now = max(t, waiting.now)
            self.found.append(
                Segment("waiting", waiting.step, waiting.service, t, now, waiting.after)
            )
        came: PathSpan | None = None
        while True:
            self.entered.add(at.id)
            child = self.last_child(at, t)
            if child is not None:
                self.own(at, child, came, child.end, t)
                at, t, came = child, child.end, None
                continue
            begin = min(at.start, t)
            self.own(at, None, None, begin, t)
            self.left.add(at.id)
            t = begin
            kind, before = self.before(at, t)
            if before is None:
                break
            if before.end < t:
                self.gap(kind, before, at, before.end, t)
                t = before.end
            at, came = before, at if before.id == at.parent else None
        if t > first:
            self.gap("untracked", None, at, first, t)
        if not self.found:  # an order of no length
            self.found.append(Segment("work", self.name(at), at.service, t, t, spans=(at.id,)))
        return Path(_condensed(_merged(self.found[::-1])), frozenset(self.entered))

    def target(self, waiting: Waiting | None) -> PathSpan:
        """Where the path ends: in the step after which something is owed, else in the last span."""
        ends = [s for s in self.by_start if waiting and s.step == waiting.after] or self.by_start
        return max(ends, key=lambda s: (s.end, -s.start, s.id))

    def last_child(self, at: PathSpan, t: int) -> PathSpan | None:
        """The synchronous child that finished last; one that still ran at `t` wasn't waited for."""
        waiting = self.children.get(at.id)
        while waiting:
            child = waiting[-1]
            if child.end <= t and child.id not in self.entered:
                if child.end <= at.start:
                    return None
                return waiting.pop()
            waiting.pop()
        return None

    def before(self, at: PathSpan, t: int) -> tuple[Kind, PathSpan | None]:
        """What led to the start of a span, and what the time between the two counts as."""
        above = self.above[at.id]
        if at.role in _CONSUMER:
            for earlier in self.earlier_tries(at):
                return "retry", earlier
        if above and above not in self.left:
            cause = self.spans[above]
            sent = cause.role in ("send", "create") or cause.service != at.service
            return ("broker" if at.role in _CONSUMER and sent else "untracked"), cause
        place = bisect_left(self.starts, t)
        if place and self.latest[place - 1].id not in self.entered:
            return "untracked", self.latest[place - 1]
        return "untracked", None

    def message(self, span: PathSpan) -> str:
        """The id of the message that a consumer took, behind its own receive span if it has one."""
        above = self.above[span.id]
        own = above and self.spans[above].role == "receive" and span.role == "process"
        return self.above[above] or above if own else above

    def earlier_tries(self, at: PathSpan) -> Iterable[PathSpan]:
        """The latest failed attempt at the same message that began before this one."""
        tries = self.tries[at.step, self.message(at)]
        while tries:
            earlier = tries.pop()
            if earlier.start < at.start and earlier.failed and earlier.id not in self.entered:
                yield earlier

    def own(
        self, at: PathSpan, child: PathSpan | None, came: PathSpan | None, start: int, end: int
    ) -> None:
        """A span's own time between two of its children, or before the first, or after the last."""
        if start >= end:
            return
        if child and came and child.failed and child.step and child.step == came.step:
            self.gap("retry", child, came, start, end)
            return
        kind: Kind = "call" if at.role in ("call", "database") else "work"
        callee = at.callee or at.operation if kind == "call" else ""
        self.found.append(
            Segment(kind, self.name(at), at.service, start, end, "", callee, (at.id,))
        )

    def gap(
        self, kind: Kind, before: PathSpan | None, following: PathSpan, start: int, end: int
    ) -> None:
        ids = (before.id, following.id) if before else (following.id,)
        after = self.name(before) if before else ""
        self.found.append(
            Segment(kind, self.name(following), following.service, start, end, after, "", ids)
        )

    def name(self, span: PathSpan) -> str:
        """The step that a span is, or is a detail of."""
        way: dict[str, None] = {}
        at: PathSpan | None = span
        name = ""
        while at is not None and not name and at.id not in way:
            way[at.id] = None
            name = at.step or self.named.get(at.id, "")
            at = self.spans.get(at.parent)
        name = name or f"{span.service} {span.operation}".strip()
        for id_ in way:
            self.named[id_] = name
        return name


class _Messages:
    """Finds the message that a consumer took."""

    def __init__(self, spans: dict[str, PathSpan]) -> None:
        self.spans = spans
        self.by_id: dict[tuple[str, str], str] = {}
        self.sent: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for span in spans.values():
            if span.role == "send":
                self.sent[span.destination].append((span.start, span.id))
        for sends in self.sent.values():
            sends.sort()
        for destination, sends in self.sent.items():
            for _, id_ in sends:
                self.by_id[destination, spans[id_].message_id] = id_

    def taken_by(self, span: PathSpan) -> str:
        """What its parent or link says if that is such a message; else the one with the same id;
        else the latest sent there before, or the first; '' if none is known."""
        said = next((i for i in (span.cause, span.parent) if i in self.spans and i != span.id), "")
        if said:
            cause = self.spans[said]
            message = cause.role in ("send", "create", "receive")
            if message and cause.destination == span.destination:
                return said
        if span.message_id and (span.destination, span.message_id) in self.by_id:
            return self.by_id[span.destination, span.message_id]
        sends = self.sent.get(span.destination, [])
        place = bisect_left(sends, (span.start + 1, ""))
        return sends[max(0, place - 1)][1] if sends else said


def _above(span: PathSpan, spans: dict[str, PathSpan], messages: _Messages) -> str:
    """The id of what led to a span: its parent; for a consumer the message; '' if unknown."""
    if span.role in _CONSUMER:
        return messages.taken_by(span)
    return next((i for i in (span.parent, span.cause) if i in spans and i != span.id), "")


def _latest_ending(by_start: list[PathSpan]) -> list[PathSpan]:
    """For each place: of the spans up to here the one that ended last."""
    found: list[PathSpan] = []
    for span in by_start:
        found.append(span if not found or span.end >= found[-1].end else found[-1])
    return found


def _merged(segments: list[Segment]) -> list[Segment]:
    """Neighbours that say the same are one."""
    made: list[Segment] = []
    for s in segments:
        if made and _said(made[-1]) == _said(s):
            made[-1] = _joined(made[-1], s)
        else:
            made.append(s)
    return made


def _condensed(segments: list[Segment]) -> list[Segment]:
    """Of very many segments, those of one visit to a service once for each thing that they say, one
    behind the other: how long is exact, when only as good as a picture of that many can show."""
    if len(segments) <= _MOST_SEGMENTS:
        return segments
    made: list[Segment] = []
    visit: list[Segment] = []

    def end_visit() -> None:
        at = visit[0].start
        totals: dict[object, list[Segment]] = {}
        for s in visit:
            totals.setdefault(_said(s), []).append(s)
        for same in totals.values():
            took = sum(s.end - s.start for s in same)
            ids = tuple(dict.fromkeys(i for s in same for i in s.spans))[:_MOST_IDS]
            made.append(replace(same[0], start=at, end=at + took, spans=ids))
            at += took

    for s in segments:
        if visit and visit[-1].service != s.service:
            end_visit()
            visit = []
        visit.append(s)
    end_visit()
    return made


def _said(s: Segment) -> tuple[str, str, str, str, str]:
    return (s.kind, s.step, s.service, s.after, s.callee)


def _joined(a: Segment, b: Segment) -> Segment:
    ids = a.spans + tuple(i for i in b.spans if i not in a.spans)
    return replace(a, end=b.end, spans=ids[:_MOST_IDS])
