"""Three usual ways to notice a stuck order, on the same spans, with what helps them given away.

Each is told what the benchmark knows and a user would have to find out: which orders have nothing
more to come (so that an end isn't silence), and which step caused which. All learn from the time
before the faults and look at every span the moment it arrives.

- idle: nothing new of an order for so long.
- deadline: per edge (cause → one of its effects), the longest wait of 10,000 on the wall clock.
- profile: the temporal profile of Stertz, Mangler and Rinderle-Ma (arXiv 2008.07262), as pm4py has
  it: mean and standard deviation of the time between every ordered pair of steps, six deviations
  allowed. It judges pairs that came; here a second step that usually comes and is overdue counts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise
from statistics import fmean, pstdev

from benchmarks.detection_score import Alarm
from benchmarks.simulator.events import Recording

_USUAL = 0.97
_SURE = 0.9999
_DEVIATIONS = 6.0

Steps = dict[str, float]
"""By step of an order, a time in seconds."""


class Seen:
    """A run as a baseline sees it: by order, when each step and each span arrived."""

    def __init__(self, recording: Recording, seen: list[float], warm_s: float) -> None:
        self.recording = recording
        self.steps: dict[int, Steps] = defaultdict(dict)
        self.began: dict[int, Steps] = defaultdict(dict)
        self.arrivals: dict[int, list[float]] = defaultdict(list)
        self.causes: Counter[tuple[str, str]] = Counter()
        step_of: dict[int, str] = {}
        for span, at in zip(recording.spans, seen, strict=True):
            step = recording.labels[span.label].step
            step_of[span.span] = step
            if math.isnan(at):
                continue
            cause = step_of.get(span.cause, "")
            for number in (span.order,) if isinstance(span.order, int) else span.order:
                if number < 0:
                    continue
                self.arrivals[number].append(at)
                steps = self.steps[number]
                steps[step] = min(at, steps.get(step, math.inf))
                self.began[number].setdefault(step, span.start)
                if cause and recording.orders[number].started < warm_s:
                    self.causes[cause, step] += 1
        self.end = recording.plan.seconds
        learned = [
            o.number
            for o in recording.orders
            if o.started < warm_s and o.outcome == "completed" and o.number in self.steps
        ]
        self.mature = [self.steps[number] for number in learned]
        self.mature_began = [self.began[number] for number in learned]


def idle(seen: Seen, limit_s: float) -> list[Alarm]:
    """Orders of which nothing came for `limit_s`, though more is to come."""
    found = []
    for number, arrivals in seen.arrivals.items():
        order = seen.recording.orders[number]
        times = sorted(arrivals)
        if order.outcome != "completed":
            times.append(math.inf)
        for before, after in pairwise(times):
            at = before + limit_s
            if after > at and at < seen.end:
                found.append(Alarm(number, at, after, "stuck", "idle", ("",)))
    return found


def deadline(seen: Seen) -> list[Alarm]:
    """Orders that wait at an edge longer than all but one of 10,000 did."""
    effects: defaultdict[str, list[str]] = defaultdict(list)
    for cause, step in seen.causes:
        effects[cause].append(step)
    rules: list[tuple[str, tuple[str, ...], float]] = []
    for cause, steps in effects.items():
        took = [m for m in seen.mature if cause in m]
        sure = [s for s in steps if sum(s in m for m in took) >= _USUAL * len(took)]
        rest = tuple(s for s in steps if s not in sure)
        groups: list[tuple[str, ...]] = [(s,) for s in sure]
        if rest and sum(any(s in m for s in rest) for m in took) >= _USUAL * len(took):
            groups.append(rest)
        for group in groups:
            waits = sorted(
                min(m[s] for s in group if s in m) - m[cause]
                for m in took
                if any(s in m for s in group)
            )
            if len(waits) >= 20:
                rules.append((cause, group, waits[min(len(waits) - 1, int(_SURE * len(waits)))]))
    found = []
    for number, steps_seen in seen.steps.items():
        for cause, group, limit in rules:
            if cause in steps_seen:
                due = steps_seen[cause] + max(limit, 0.0) + 1.0
                came = min((steps_seen[s] for s in group if s in steps_seen), default=math.inf)
                if came > due and due < seen.end:
                    found.append(Alarm(number, due, came, "stuck", "deadline", group))
    return found


def profile(seen: Seen) -> list[Alarm]:
    """Orders that lack a step later than six deviations after another."""
    pairs: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    taken: Counter[str] = Counter()
    for steps, began in zip(seen.mature, seen.mature_began, strict=True):
        ordered = sorted(steps, key=lambda step: began[step])
        taken.update(ordered)
        for n, first in enumerate(ordered):
            for second in ordered[n + 1 :]:
                pairs[first, second].append(steps[second] - steps[first])
    limits: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (first, second), waits in pairs.items():
        if len(waits) >= max(20, _USUAL * taken[first]):
            limits[first][second] = fmean(waits) + _DEVIATIONS * pstdev(waits)
    found = []
    for number, steps in seen.steps.items():
        overdue: dict[str, float] = {}
        for first, at in steps.items():
            for second, limit in limits.get(first, {}).items():
                due, came = at + limit, steps.get(second, math.inf)
                if came > due and due < seen.end:
                    overdue[second] = min(due, overdue.get(second, math.inf))
        for step, due in overdue.items():
            came = steps.get(step, math.inf)
            found.append(Alarm(number, due, came, "stuck", "profile", (step,)))
    return found


def all_of(seen: Seen) -> Mapping[str, list[Alarm]]:
    """Every baseline's alarms, by its name."""
    return {
        "idle for 60 s": idle(seen, 60),
        "idle for 10 min": idle(seen, 600),
        "idle for 30 min": idle(seen, 1800),
        "deadline per edge": deadline(seen),
        "temporal profile": profile(seen),
    }
