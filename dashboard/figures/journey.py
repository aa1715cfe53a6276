"""An order's steps as people see them: what was served or processed, and how one led to the next.

`send` and `call` steps are how one service reaches the next; where the next step is there, they
become the arrow to it. A call that leads nowhere (a database, an outside party) is detail, unless
it failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.figures import formats, palette
from dashboard.figures.palette import Look
from dashboard.records import Order, Owed, Step

_CARRIERS = {"send": "messaging", "call": "rpc"}


@dataclass(frozen=True)
class Stop:
    """A step that is drawn as a box and a bar."""

    step: str
    service: str
    title: str
    role: str
    look: Look
    start: int | None
    end: int | None
    attempts: int
    error: str | None
    owed: Owed | None = None
    undoes: tuple[str, ...] = ()
    """The steps of this order that it undid."""
    duplicates: int = 0
    late: bool = False
    """Whether it is what the order is stuck at."""


@dataclass(frozen=True)
class Leg:
    """How one stop led to another; `carrier` is the send or call step in between.

    `kind` is rpc, messaging, within (the same service) or compensation (the source undid the
    target, which led to nothing).
    """

    source: str
    target: str
    kind: str
    carrier: str | None
    left_at: int | None
    pending: bool
    topic: str | None = None


@dataclass(frozen=True)
class Journey:
    """Stops and legs of an order."""

    stops: list[Stop]
    legs: list[Leg]


def journey(
    order: Order,
    undoing: Mapping[str, Sequence[str]] | None = None,
    shifts: Mapping[str, int] | None = None,
) -> Journey:
    """The stops of an order and the legs between them.

    `undoing` says which steps a step undoes; `shifts`, by service, how many nanoseconds its clock
    is ahead, which are taken off.
    """
    undoing, shifts = undoing or {}, shifts or {}
    steps = {step["step"]: step for step in order["steps"]}
    owed = {owed["step"]: owed for owed in order["owed"]}
    leading = {cause for step in steps.values() for cause in step["causes"]}
    leading |= {wanted["after"] for wanted in owed.values()}
    stops, hidden = [], set()
    for name, step in steps.items():
        carries = step["role"] in _CARRIERS and step["state"] in {"done", "running"}
        if name not in owed and carries and (name in leading or step["role"] == "call"):
            hidden.add(name)
        elif name not in owed:
            undone = tuple(other for other in undoing.get(name, ()) if other in steps)
            stops.append(_stop(step, undone, shifts.get(step["service"], 0)))
    stops += [_owed_stop(wanted, order["state"] == "stuck") for wanted in owed.values()]
    shown = {stop.step for stop in stops}
    legs = _legs(steps, owed, hidden, shown, shifts)
    for stop in stops:
        for other in stop.undoes:
            if other in shown and stop.step != other:
                legs.append(Leg(stop.step, other, "compensation", None, None, False))
    return Journey(stops, legs)


def _stop(step: Step, undoes: tuple[str, ...], shift: int) -> Stop:
    title = formats.step_name(step["step"], step["service"])
    undid = bool(undoes) and step["state"] == "done"
    return Stop(
        step["step"],
        step["service"],
        title,
        step["role"],
        palette.step_look("undoing" if undid else step["state"]),
        formats.nanoseconds(step["started_at"]) - shift if step["started_at"] else None,
        formats.nanoseconds(step["ended_at"]) - shift if step["ended_at"] else None,
        step["attempts"],
        step["error"],
        undoes=undoes,
        duplicates=step["duplicates"],
    )


def _owed_stop(owed: Owed, stuck: bool) -> Stop:
    title = formats.step_name(owed["step"], owed["service"])
    late = stuck and owed["late"]
    look = palette.step_look("owed", late)
    return Stop(
        owed["step"], owed["service"], title, "owed", look, None, None, 0, None, owed, late=late
    )


def _legs(
    steps: dict[str, Step],
    owed: dict[str, Owed],
    hidden: set[str],
    shown: set[str],
    shifts: Mapping[str, int],
) -> list[Leg]:
    found: dict[tuple[str, str], Leg] = {}
    for target in shown:
        causes = list(steps[target]["causes"]) if target in steps else []
        if target in owed:
            causes.append(owed[target]["after"])
        for cause in dict.fromkeys(causes):
            for source, carrier in _sources(cause, steps, hidden):
                if source != target and source in shown:
                    leg = _leg(source, target, carrier, steps, shifts)
                    found[source, target] = replace(leg, pending=target in owed)
    return sorted(found.values(), key=lambda leg: (leg.source, leg.target))


def _sources(
    cause: str, steps: dict[str, Step], hidden: set[str]
) -> Sequence[tuple[str, str | None]]:
    """The shown stops behind a cause, with the carrier nearest to the target."""
    if cause not in hidden:
        return [(cause, None)] if cause in steps else []
    found, seen, open_ends = [], {cause}, [cause]
    while open_ends:
        name = open_ends.pop()
        for earlier in steps[name]["causes"]:
            if earlier in seen or earlier not in steps:
                continue
            seen.add(earlier)
            if earlier in hidden:
                open_ends.append(earlier)
            else:
                found.append((earlier, cause))
    return found


def _leg(
    source: str,
    target: str,
    carrier: str | None,
    steps: dict[str, Step],
    shifts: Mapping[str, int],
) -> Leg:
    through = steps[carrier] if carrier else steps[source]
    kind = _CARRIERS.get(through["role"], "rpc" if carrier else "within")
    # A call leaves when it begins, a message when it has been sent.
    left = through["started_at" if kind == "rpc" else "ended_at"]
    left_at = formats.nanoseconds(left) - shifts.get(through["service"], 0) if left else None
    topic = through["destination"] if kind == "messaging" else None
    return Leg(source, target, kind, carrier, left_at, False, topic)
