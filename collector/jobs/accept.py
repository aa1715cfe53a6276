"""From proposed rules and what was measured of them to the rules of the model, and their waits.

One pure function, no SQL and no clock. A rule holds when nearly every order that took what it
requires also took what it expects. Of few orders every one must have; a rule whose step nobody
takes any more is gone.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collector.jobs.pair_counts import CHANGED, GONE
from collector.jobs.propose import Candidate
from collector.jobs.rules import Rule, Wait
from collector.jobs.shares import block_share, late_after, tail, usual

FEW = 5  # orders that a rule needs once its workflow has many
KEPT = 0.99  # of the orders of a rule: what one in fifty does otherwise is another way, not a fault
SETTLED = 300  # orders from which on a rule may have misses that nobody explains: …
AT_FIRST = 0.995  # … before, the rare way that would explain them may not be known yet
MANY = 5  # times as many mature orders as make a workflow known
FOLLOWED = 40  # times of which is known how many were followed by then
RECENT = 12  # blocks of orders whose waits are the usual ones: waits drift
SELDOM = 0.02  # of a rule's orders: an edge that fewer take doesn't make the rule's limit


@dataclass(frozen=True)
class Measure:
    """What was measured of a rule (`last` is ''), or of one of its edges; see measure.sql."""

    workflow: str
    rule: str
    last: str
    of: int = 0
    seen: int = 0
    implied: int = 0
    """Of `seen`, those whose step is known only from what came after it."""
    before: int = 0
    """Orders that came before the first that kept the rule; not in `of`."""
    since: int = 0
    """Orders that came after the last that kept it."""
    armed_first: int = 0
    """When the first order that kept it came to wait for it; nanoseconds, collector's clock."""
    block_of: Sequence[int] = ()
    block_seen: Sequence[int] = ()
    n: int = 0
    armed_per_s: float = 0.0
    block_median_s: Sequence[float] = ()
    block_p99_s: Sequence[float] = ()
    gap_s: float = 0.0
    late: Sequence[float] = ()
    followed: Mapping[int, int] = dataclasses.field(default_factory=dict)
    """How many were followed by a later step within 3 s × 1.15^k, but not 3 s × 1.15^(k-1), by k;
    at -1 those that nothing followed."""


@dataclass(frozen=True)
class Learned:
    """The rules that hold, how long they take, and whose spans go missing."""

    rules: list[Rule]
    waits: list[Wait]
    dropped: dict[str, dict[str, float]]
    """Workflow → service → share of its steps that are known only from what came after them."""


def accept(
    candidates: Iterable[Candidate],
    measures: Iterable[Measure],
    *,
    mature_orders: Mapping[str, int],
    min_orders: int = 20,
) -> Learned:
    """The candidates that hold, by workflow and id; declared ones hold whatever was counted."""
    whole: dict[tuple[str, str], Measure] = {}
    edges: defaultdict[tuple[str, str], list[Measure]] = defaultdict(list)
    for measure in measures:
        key = (measure.workflow, measure.rule)
        if measure.last:
            edges[key].append(measure)
        else:
            whole[key] = measure

    learned: dict[tuple[str, str], Rule] = {}
    waits: list[Wait] = []
    for candidate in sorted(candidates, key=lambda c: (c.unless != "", c.rule.workflow)):
        rule = candidate.rule
        key = (rule.workflow, rule.rule)
        if key in learned or (rule.workflow, candidate.unless) in learned:
            continue
        measure = whole.get(key, Measure(*key, ""))
        share = block_share(measure.block_of, measure.block_seen)
        if rule.source == "declared" or _holds(
            measure, share, _needed(mature_orders.get(rule.workflow, 0), min_orders), min_orders
        ):
            ways = [_wait(edge) for edge in sorted(edges[key], key=lambda edge: edge.last)]
            learned[key] = _measured(rule, measure, share, ways)
            waits += ways
    return Learned(
        rules=[learned[key] for key in sorted(learned)],
        waits=sorted(waits, key=lambda wait: (wait.workflow, wait.rule, wait.last)),
        dropped=_dropped(learned, whole),
    )


def _needed(mature_orders: int, min_orders: int) -> int:
    """Orders that a rule must have been seen in: few, once its workflow is well known."""
    return min(FEW, min_orders) if mature_orders >= MANY * min_orders else min_orders


def _holds(measure: Measure, share: float, needed: int, min_orders: int) -> bool:
    if measure.of < needed or measure.since >= GONE:
        return False
    if measure.of < min_orders:
        return measure.seen == measure.of
    return share >= (KEPT if measure.of >= SETTLED else AT_FIRST)


def _measured(rule: Rule, measure: Measure, share: float, ways: Sequence[Wait]) -> Rule:
    main = max(ways, key=lambda way: (way.n, way.last), default=None)
    return dataclasses.replace(
        rule,
        share=share,
        seen=measure.seen,
        of=measure.of,
        median_s=main.median_s if main else 0.0,
        p99_s=main.p99_s if main else 0.0,
        limit_s=max(
            (way.limit_s for way in ways if way.n >= SELDOM * measure.of), default=late_after(0, 0)
        ),
        valid_from=measure.armed_first if measure.before >= CHANGED else 0,
    )


def _wait(edge: Measure) -> Wait:
    p99_s = usual(edge.block_p99_s[-RECENT:])
    return Wait(
        workflow=edge.workflow,
        rule=edge.rule,
        last=edge.last,
        n=edge.n,
        armed_per_s=edge.armed_per_s,
        median_s=usual(edge.block_median_s[-RECENT:]),
        p99_s=p99_s,
        limit_s=late_after(p99_s, edge.n),
        gap_s=edge.gap_s,
        late=tuple(edge.late),
        tail=tail(edge.late),
        unfollowed=_unfollowed(edge),
        endless=edge.followed.get(-1, 0) / max(1, sum(edge.followed.values())),
    )


def _unfollowed(edge: Measure) -> tuple[float, ...]:
    """The share that was followed later than each of the times, or not at all; never quite 0."""
    of = left = sum(edge.followed.values())
    shares = []
    for k in range(FOLLOWED):
        left -= edge.followed.get(k, 0)
        shares.append((left + 0.5) / (of + 1))
    return tuple(shares)


def _dropped(
    learned: Mapping[tuple[str, str], Rule], whole: Mapping[tuple[str, str], Measure]
) -> dict[str, dict[str, float]]:
    """Of steps that must have happened, the share whose span is missing, by service."""
    happened: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, rule in learned.items():
        measure = whole.get(key)
        # a last step has no later ones to show that it is missing
        if measure is not None and rule.implied_by:
            count = happened[rule.workflow, rule.any_of[0].service]
            count[0] += measure.implied
            count[1] += measure.seen
    shares: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (workflow, service), (missing, of) in sorted(happened.items()):
        if missing:
            shares[workflow][service] = missing / of
    return dict(shares)
