"""What the detection benchmark prints."""

from __future__ import annotations

import math
from collections.abc import Iterable

from benchmarks.detection_score import Mark, Marks, is_harmless, quantile
from benchmarks.detection_watch import PRODUCT, Outcome
from benchmarks.machine import describe


def table(total: Marks) -> list[str]:
    """A row a fault."""
    head = (
        f"{'fault':<18}{'orders':>7}{'recall':>8}{'right edge':>11}{'state':>7}"
        f"{'TTD p50':>9}{'p90':>7}{'incidents':>11}{'TTD':>6}"
        f"{'met by':>9}{'false':>7}{'/10k':>8}{'incidents':>11}"
    )
    rows = [head, "-" * len(head)]
    for kind in sorted(total.kinds, key=lambda k: (is_harmless(k), k)):
        mark = total.kinds[kind]
        rows.append(_row(kind, mark))
    return rows


def _row(kind: str, mark: Mark) -> str:
    changed = [at for at in mark.changes if math.isfinite(at)]
    incidents = f"{mark.incidents_found}/{mark.incidents}" if mark.incidents else ""
    if mark.changes:
        incidents = f"{len(changed)}/{len(mark.changes)}"
    first = [*mark.incident_times, *changed]
    return (
        f"{kind:<18}{mark.orders or '':>7}{_share(mark.found, mark.orders):>8}"
        f"{_share(mark.right_edge, mark.found):>11}{_share(mark.right_state, mark.found):>7}"
        f"{_seconds(mark.times, 0.5):>9}{_seconds(mark.times, 0.9):>7}"
        f"{incidents:>11}{_seconds(first, 0.5):>6}"
        f"{mark.met:>9,}{mark.false:>7}{_per_10k(mark.false, mark.met):>8}"
        f"{mark.false_incidents:>11}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def _seconds(values: list[float], q: float) -> str:
    return f"{quantile(values, q):.0f} s" if values else ""


def _per_10k(false: int, healthy: int) -> str:
    return f"{false / healthy * 1e4:.1f}" if healthy else ""


def summary(by_name: dict[str, Marks]) -> list[str]:
    """A row a detector: everything together."""
    head = (
        f"{'detector':<20}{'recall':>8}{'precision':>11}{'false/10k':>11}{'right edge':>12}"
        f"{'TTD p50':>9}{'p90':>8}{'false incidents':>17}{'leaf spans':>12}"
    )
    rows = [head, "-" * len(head)]
    for name, total in by_name.items():
        both = Mark()
        for mark in total.kinds.values():
            both.add(mark)
        alarmed = total.right + total.false
        rows.append(
            f"{name:<20}{_share(both.found, both.orders):>8}{_share(total.right, alarmed):>11}"
            f"{_per_10k(total.false, total.healthy):>11}{_share(both.right_edge, both.found):>12}"
            f"{_seconds(both.times, 0.5):>9}{_seconds(both.times, 0.9):>8}"
            f"{both.false_incidents if name == PRODUCT else '':>17}{total.leaves:>12}"
        )
    return rows


def report(outcomes: Iterable[Outcome], took_s: float) -> list[str]:
    """All that is printed at the end."""
    done = list(outcomes)
    by_name: dict[str, Marks] = {}
    for outcome in done:
        for name, found in outcome.marks.items():
            by_name.setdefault(name, Marks()).add(found)
    ours = by_name[PRODUCT]
    right, said, true = (sum(o.pairs[n] for o in done) for n in range(3))
    lines = [
        describe(),
        f"{len(done)} runs, {sum(o.orders for o in done):,} orders, "
        f"{sum(o.spans for o in done):,} spans, {sum(o.ticks for o in done):,} ticks; "
        f"{took_s:,.0f} s, {sum(o.cpu_s for o in done):,.0f} s of processor time",
        "",
        *table(ours),
        "",
        *summary(by_name),
        "",
        "Healthy orders that were over, by the state shown at the end: "
        + (", ".join(f"{n:,} {state}" for state, n in ours.finals.most_common()) or "none"),
    ]
    lines.append(
        f"While the flow was being learned: {ours.learning:,} of {ours.learned_from:,} healthy "
        "orders were called stuck or failed for a while"
    )
    if true:
        precision, recall = right / max(1, said), right / true
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        lines.append(
            f"Correlation, pairs of spans: F1 {f1:.4f} (precision {precision:.4f}, "
            f"recall {recall:.4f})"
        )
    if differing := sum(o.differing for o in done):
        lines.append(f"The list and the table differ for {differing:,} orders.")
    return lines


def by_run(outcomes: Iterable[Outcome]) -> list[str]:
    """A line a run, and examples of what went wrong."""
    lines = []
    for outcome in sorted(outcomes, key=lambda o: (o.name, o.seed)):
        total = outcome.marks[PRODUCT]
        orders = sum(m.orders for m in total.kinds.values())
        found = sum(m.found for m in total.kinds.values())
        right, said, true = outcome.pairs
        more = f", pairs {right:.0f} right of {said:.0f} said, {true:.0f} true" if true else ""
        lines.append(
            f"{outcome.name} {outcome.seed}: {found} of {orders} found, "
            f"{total.learning} false early, {total.false} false of {total.healthy:,} healthy, "
            f"{total.leaves} leaf spans, "
            f"{outcome.took_s:.0f} s{more}"
        )
        for kind, mark in total.kinds.items():
            lines += [f"    {kind}: {example}" for example in mark.examples]
        lines += [f"    says {sentence}" for sentence in outcome.sentences]
    return lines
