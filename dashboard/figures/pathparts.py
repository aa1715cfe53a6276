"""The critical path of an order in words and sums: where its time went, beside what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.figures import formats
from dashboard.records import PathPart, PathShare

PATH_WORDS = {
    "work": "work",
    "call": "calls",
    "broker": "in brokers",
    "retry": "between attempts",
    "untracked": "untracked",
    "waiting": "still waiting",
}
"""Kinds of the critical path, in the order of the legend."""
PATH_MEANING = {
    "work": "a service at work on the order",
    "call": "waiting for a database or another party to answer",
    "broker": "a message lying in a broker, or its consumer not taking it",
    "retry": "waiting between failed attempts",
    "untracked": "between two spans, where no span says what happened",
    "waiting": "the step that hasn't come",
}
SMALL = 0.01
"""Hops below this share of the time are told in one row."""

Key = tuple[str, str, str | None, str | None]


class Hop(NamedTuple):
    """A hop of the path: what an order spent on it, and what orders usually do (None: unknown)."""

    kind: str
    words: str
    step: str
    seconds: float
    share: float
    usual: PathShare | None


class Sums(NamedTuple):
    """Time by kind, in seconds, without the wait that is still open; and that wait."""

    kinds: dict[str, float]
    total: float
    waiting: float


def part_words(part: PathPart | PathShare) -> str:
    """What happened on a stretch of the path."""
    step = formats.step_name(part["step"], part["service"])
    if part["kind"] == "call":
        return f"{part['service']} waits for {part['callee'] or 'an answer'} in {step}"
    if part["kind"] == "broker":
        topic = step.removeprefix("process ").removeprefix("receive ")
        return f"{topic} waits for {part['service']}"
    if part["kind"] == "retry":
        return f"{part['service']} tries {step} again"
    if part["kind"] == "waiting":
        return f"{part['service']} owes {step}"
    if part["kind"] == "untracked":
        return f"before {part['service']} {step}"
    return f"{part['service']} {step}"


def sums(parts: Sequence[PathPart]) -> Sums:
    """The path's time by kind, in the order of the legend."""
    kinds = dict.fromkeys(PATH_WORDS, 0.0)
    for part in parts:
        kinds[part["kind"]] = kinds.get(part["kind"], 0.0) + part["duration_s"]
    waiting = kinds.pop("waiting", 0.0)
    return Sums(kinds, sum(kinds.values()), waiting)


def usual_sums(usual: Sequence[PathShare]) -> dict[str, float]:
    """The medians of the hops by kind: about what an order usually spends."""
    kinds = dict.fromkeys(PATH_WORDS, 0.0)
    for hop in usual:
        kinds[hop["kind"]] = kinds.get(hop["kind"], 0.0) + hop["p50_s"]
    return {kind: seconds for kind, seconds in kinds.items() if kind != "waiting"}


def hops(parts: Sequence[PathPart], usual: Sequence[PathShare]) -> tuple[list[Hop], list[Hop]]:
    """The hops of the path in the order of time: those that count, and the small rest."""
    known = {_key(hop): hop for hop in usual}
    spent: dict[Key, float] = {}
    first: dict[Key, PathPart] = {}
    for part in parts:
        key = _key(part)
        first.setdefault(key, part)
        spent[key] = spent.get(key, 0.0) + part["duration_s"]
    total = sums(parts).total or 1.0
    found = [
        Hop(
            part["kind"],
            part_words(part),
            part["step"],
            spent[key],
            1.0 if part["kind"] == "waiting" else spent[key] / total,
            known.get(key),
        )
        for key, part in first.items()
    ]
    counts = [hop for hop in found if hop.share >= SMALL]
    return counts, [hop for hop in found if hop.share < SMALL]


def times_usual(hop: Hop) -> float | None:
    """How many times its p99 a hop took, when that is more than once and worth a word."""
    if hop.usual is None or hop.seconds < 0.05 or hop.usual["p99_s"] <= 0:
        return None
    times = hop.seconds / hop.usual["p99_s"]
    return times if times > 1 else None


def _key(part: PathPart | PathShare) -> Key:
    return part["kind"], part["step"], part["after"], part["callee"]
