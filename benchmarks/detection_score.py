"""Marks for what was said about orders, given the truth about them. Pure.

An alarm is an order that is shown as stuck or failed, from the tick that shows it until the tick
that doesn't any more. It is right when the truth says that the order is stuck, failed or blocked
then; about a leaf step whose span was dropped nobody can know, so such alarms are counted apart.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.simulator.events import Recording
from benchmarks.simulator.faults import BLOCKED, HARMLESS, Fault, Kind
from benchmarks.simulator.play import Said
from benchmarks.simulator.truth import Block, Order, Stop, legitimate

PATIENCE_S = 180.0
"""An order that should have gone on later than this before the end needn't have been found."""
BLOCKED_S = 60.0
"""Nor one that was blocked for less."""
_TAIL_S = 120.0


@dataclass(frozen=True)
class Alarm:
    """An order was called stuck or failed."""

    order: int
    at: float
    until: float
    state: str
    verdict: str
    steps: tuple[str, ...]
    """Steps named as owed: at first, and later if it changed."""


@dataclass
class Mark:
    """What is counted of a kind of fault."""

    orders: int = 0
    found: int = 0
    right_edge: int = 0
    right_state: int = 0
    times: list[float] = field(default_factory=list)
    met: int = 0
    """Healthy orders that were under way while it went on."""
    false: int = 0
    examples: list[str] = field(default_factory=list)
    incidents: int = 0
    incidents_found: int = 0
    incident_times: list[float] = field(default_factory=list)
    false_incidents: int = 0
    changes: list[float] = field(default_factory=list)
    """Seconds from a deploy until the product said that the flow changed."""

    def add(self, other: Mark) -> None:
        """Count those, too."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Marks:
    """Of a run, or of many."""

    kinds: dict[str, Mark] = field(default_factory=lambda: defaultdict(Mark))
    healthy: int = 0
    false: int = 0
    right: int = 0
    leaves: int = 0
    """Alarms about orders that lack nothing but the span of a leaf step."""
    learning: int = 0
    """Healthy orders that were called stuck or failed while their flow was being learned, …"""
    learned_from: int = 0
    """… of so many."""
    finals: Counter[str] = field(default_factory=Counter)
    """Healthy completed orders by the state shown at the end."""

    def add(self, other: Marks) -> None:
        """Count those, too."""
        for name, mark in other.kinds.items():
            self.kinds[name].add(mark)
        self.healthy += other.healthy
        self.false += other.false
        self.right += other.right
        self.leaves += other.leaves
        self.learning += other.learning
        self.learned_from += other.learned_from
        self.finals += other.finals


def alarms(said: Iterable[Said], orders: Sequence[Order]) -> list[Alarm]:
    """The times in which orders were shown as stuck or failed."""
    numbers = {(order.workflow, order.order_id): order.number for order in orders}
    words: defaultdict[int, list[Said]] = defaultdict(list)
    for word in said:
        number = numbers.get((word.workflow, word.order_id))
        if number is not None:
            words[number].append(word)
    found: list[Alarm] = []
    for number, spoken in words.items():
        raised: Said | None = None
        steps: list[str] = []
        for word in spoken:
            bad = word.state in ("stuck", "failed")
            if bad and raised is None:
                raised, steps = word, []
            if bad and word.step not in steps:
                steps.append(word.step)
            if raised is not None and not bad:
                found.append(_alarm(number, raised, word.at, steps))
                raised = None
        if raised is not None:
            found.append(_alarm(number, raised, math.inf, steps))
    return found


def _alarm(number: int, raised: Said, until: float, steps: list[str]) -> Alarm:
    return Alarm(number, raised.at, until, raised.state, raised.verdict, tuple(steps))


def marks(
    recording: Recording,
    raised: Sequence[Alarm],
    said: Sequence[Said] = (),
    warm_s: float = 0.0,
    until: float = math.inf,
) -> Marks:
    """Compare what was said until then.

    Alarms that were over before `warm_s` are counted apart: what is usual was still being learned.
    """
    result = Marks()
    orders, faults = recording.orders, recording.plan.faults
    end = min(until, recording.plan.seconds)
    early = {a.order for a in raised if a.until <= warm_s and not legitimate(orders[a.order], a.at)}
    result.learning = len({n for n in early if not orders[n].unseen})
    result.learned_from = sum(order.started < warm_s for order in orders)
    raised = [alarm for alarm in raised if alarm.at <= end and alarm.until > warm_s]
    by_order: defaultdict[int, list[Alarm]] = defaultdict(list)
    for alarm in raised:
        by_order[alarm.order].append(alarm)
    last = {(word.workflow, word.order_id): word.state for word in said}
    for order in orders:
        _mark(result, order, by_order.get(order.number, []), faults, end)
        if order.healthy and warm_s <= order.started < end:
            result.healthy += not order.unseen
            if order.outcome == "completed" and order.ended < end - PATIENCE_S:
                result.finals[last.get((order.workflow, order.order_id), "not shown")] += 1
    _harmless(result, orders, faults, warm_s, end)
    _incidents(result, recording, raised, end)
    _changes(result, [f for f in faults if f.at < end], said)
    return result


def _mark(
    result: Marks, order: Order, raised: Sequence[Alarm], faults: Sequence[Fault], end: float
) -> None:
    about: dict[Stop | Block, Alarm] = {}
    false: list[Alarm] = []
    unseen = False
    for alarm in raised:
        reason = legitimate(order, alarm.at)
        if reason is not None:
            about.setdefault(reason, alarm)
        elif order.unseen:
            unseen = True
        else:
            false.append(alarm)
    result.leaves += unseen and not about and not false
    result.right += bool(about)
    if false:
        result.false += 1
        mark = result.kinds[_blamed(order, false[0], faults)]
        mark.false += 1
        if len(mark.examples) < 5:
            mark.examples.append(_example(order, false[0]))
    for stop in order.stops:
        _found(result.kinds[stop.kind], stop, about.get(stop), order, end)
    for block in order.blocks:
        if block.at < end and min(block.until, end) - block.due >= BLOCKED_S:
            _found(result.kinds[block.kind], block, about.get(block), order, end)


def _found(mark: Mark, reason: Stop | Block, alarm: Alarm | None, order: Order, end: float) -> None:
    if alarm is None and reason.due > end - PATIENCE_S:
        return
    if alarm is None and order.unseen and order.unseen & reason.steps:
        return
    if alarm is None and order.compensated and reason.kind != "refund lost":
        return  # it was undone: nothing else is expected of it any more
    mark.orders += 1
    if alarm is None:
        if len(mark.examples) < 5:
            mark.examples.append(
                f"missed: {order.order_id} at {reason.at:.0f} s, {'|'.join(sorted(reason.steps))}"
            )
        return
    mark.found += 1
    mark.right_edge += alarm.steps[0] in reason.steps
    if alarm.steps[0] not in reason.steps and len(mark.examples) < 5:
        mark.examples.append(
            f"edge: {order.order_id} said {alarm.steps}, true {'|'.join(sorted(reason.steps))}"
        )
    wanted = reason.outcome if isinstance(reason, Stop) else "stuck"
    mark.right_state += alarm.state == wanted
    mark.times.append(max(0.0, alarm.at - reason.due))


def _blamed(order: Order, alarm: Alarm, faults: Sequence[Fault]) -> str:
    """The fault at whose door a false alarm is laid: what the order met, else what was going on."""
    passing = [
        f
        for f in faults
        if f.workflow in ("", order.workflow)
        and f.at <= alarm.at
        and min(f.until, f.at + _TAIL_S if f.after else f.until) + _TAIL_S >= alarm.at
    ]
    own = [f for f in passing if f.kind in order.met and f.kind != "sampled"]
    short = [f for f in passing if f.kind in (*BLOCKED, *_SHORT) and f not in own]
    for candidates in (own, short):
        if candidates:
            return min(candidates, key=lambda f: min(f.until, 1e9) - f.at).kind
    sampled = [f for f in passing if f.kind in ("sampled", "skew", "quiet")]
    return sampled[0].kind if sampled else "background"


_SHORT: tuple[Kind, ...] = (
    "burst",
    "slow",
    "late telemetry",
    "no telemetry",
    "deploy renames",
    "deploy adds",
    "deploy removes",
)


def _example(order: Order, alarm: Alarm) -> str:
    return (
        f"false: {order.order_id} {alarm.state}/{alarm.verdict} at {alarm.at:.0f} s for "
        f"{alarm.until - alarm.at:.0f} s, {alarm.steps[0]}; met {sorted(order.met)}"
    )


def _harmless(
    result: Marks, orders: Sequence[Order], faults: Sequence[Fault], warm_s: float, end: float
) -> None:
    """How many healthy orders could have been called stuck because of each fault."""
    for fault in {(f.kind, f.at, f.until, f.workflow): f for f in faults if f.at < end}.values():
        late = min(end, fault.until, fault.at + 2 * _TAIL_S if fault.after else fault.until)
        for order in orders:
            if (
                order.started >= end
                or not order.healthy
                or fault.workflow not in ("", order.workflow)
            ):
                continue
            if fault.kind in _MET and fault.kind not in order.met:
                continue
            ended = min(order.ended, end)
            if order.started <= late + _TAIL_S and ended >= max(fault.at, warm_s):
                result.kinds[fault.kind].met += 1


_MET: tuple[Kind, ...] = (
    "slow",
    "retried",
    "duplicate",
    "stragglers",
    "late telemetry",
    "span twice",
)


def _incidents(result: Marks, recording: Recording, raised: Sequence[Alarm], end: float) -> None:
    """An incident is orders that are shown as waiting at an edge that stopped."""
    orders, faults = recording.orders, recording.plan.faults
    first: dict[Fault, float] = {}
    groups: defaultdict[str, list[tuple[Alarm, bool]]] = defaultdict(list)
    for alarm in raised:
        order = orders[alarm.order]
        reason = legitimate(order, alarm.at)
        if alarm.verdict == "edge_stopped":
            right = reason is not None or bool(order.unseen)
            groups[alarm.steps[0]].append((alarm, right))
        if isinstance(reason, Block) and (fault := _behind(reason, faults)):
            first[fault] = min(first.get(fault, math.inf), alarm.at)
    due: dict[Fault, float] = {}
    for order in orders:
        for block in order.blocks:
            if fault := _behind(block, faults):
                due[fault] = min(due.get(fault, math.inf), block.due)
    for fault, since in due.items():
        if since < end - PATIENCE_S or fault in first:
            mark = result.kinds[fault.kind]
            mark.incidents += 1
            if fault in first:
                mark.incidents_found += 1
                mark.incident_times.append(first[fault] - since)
    for group in groups.values():
        for episode in _episodes(group):
            if not any(right for _, right in episode):
                alarm = episode[0][0]
                kind = _blamed(orders[alarm.order], alarm, faults)
                result.kinds[kind].false_incidents += 1


def _behind(block: Block, faults: Sequence[Fault]) -> Fault | None:
    for fault in faults:
        if fault.kind == block.kind and fault.at <= block.at <= fault.until:
            return fault
    return None


def _episodes(group: list[tuple[Alarm, bool]]) -> list[list[tuple[Alarm, bool]]]:
    group.sort(key=lambda one: one[0].at)
    episodes: list[list[tuple[Alarm, bool]]] = []
    reach = -math.inf
    for alarm, right in group:
        if alarm.at > reach + 30:
            episodes.append([])
        episodes[-1].append((alarm, right))
        reach = max(reach, alarm.at if math.isinf(alarm.until) else alarm.until)
    return episodes


def _changes(result: Marks, faults: Sequence[Fault], said: Sequence[Said]) -> None:
    deploys = sorted((f for f in faults if f.after), key=lambda f: f.at)
    told = [word.at for word in said if word.verdict == "flow_changed"]
    for n, deploy in enumerate(deploys):
        until = deploys[n + 1].at if n + 1 < len(deploys) else math.inf
        first = min((at for at in told if deploy.at <= at < until), default=math.inf)
        result.kinds[deploy.kind].changes.append(first - deploy.at)


def quantile(values: Sequence[float], q: float) -> float:
    """A quantile; nan of nothing."""
    known = sorted(values)
    if not known:
        return math.nan
    if len(known) == 1:
        return known[0]
    return quantiles(known, n=100, method="inclusive")[round(q * 100) - 1]


def is_harmless(kind: str) -> bool:
    """Whether no order is worse for it."""
    return kind in HARMLESS or kind == "background"
