"""The key figures of the overview, and how they have changed."""

from __future__ import annotations

from dashboard import address
from dashboard.components.signs import Card, Delta
from dashboard.figures import formats, series
from dashboard.links import link
from dashboard.records import Cause, OrderCounts, Series, Summary


def range_part(chosen: str) -> str | None:
    """The range for a link to Orders, where looking at everything is the default."""
    return None if chosen == "all" else chosen


def figures(
    *,
    summary: Summary,
    recent: Summary,
    before: OrderCounts | None,
    causes: list[Cause],
    trend: Series | None,
    workflow: str | None,
    chosen: str,
) -> list[Card]:
    """The five key figures."""
    words, part = address.RANGE_WORDS[chosen], range_part(chosen)
    stuck, failed = summary["orders"]["stuck"], recent["orders"]["failed"]
    held = [cause for cause in causes if cause["state"] == "stuck"]
    note = "nothing is overdue"
    if stuck and held:
        oldest = min(cause["oldest_since"] for cause in held)
        note = f"oldest {formats.age(formats.seconds_between(oldest, summary['as_of']))}"
    joined = round(5 * sum(cause["trend_per_min"] for cause in held))
    points = trend["series"] if trend else []
    median, slowest = (trend["finished"][q] if trend else None for q in ("p50_s", "p99_s"))
    return [
        {
            "label": "Orders started",
            "value": formats.number(sum(recent["orders"].values())),
            "note": words,
            "delta": delta(recent["orders"], before, chosen),
            "href": link("orders", workflow=workflow, range=part),
            "points": series.points_of(points, "started"),
        },
        {
            "label": "Stuck right now",
            "value": formats.number(stuck),
            "note": note,
            "delta": {"way": "↑", "text": f"+{formats.number(joined)} in 5 min", "look": "stuck"}
            if joined
            else None,
            "look": "stuck" if stuck else None,
            "href": link("orders", workflow=workflow, state="stuck"),
            "points": series.points_of(points, "stuck"),
        },
        {
            "label": "Failed",
            "value": formats.number(failed),
            "note": words,
            "delta": delta(recent["orders"], before, chosen, "failed"),
            "bars": True,
            "look": "failed" if failed else None,
            "href": link("orders", workflow=workflow, state="failed", range=part),
            "points": series.points_of(points, "failed"),
        },
        {
            "label": "Median time to finish",
            "value": formats.duration(median),
            "note": words,
            "href": link("orders", workflow=workflow, state="completed", range=part),
            "points": series.points_of(points, "p50_s"),
        },
        {
            "label": "Slowest 1 %",
            "value": formats.duration(slowest),
            "note": "of orders take longer",
            "title": "99th percentile of the time to finish",
            "href": link("orders", workflow=workflow, state="completed", range=part),
            "points": series.points_of(points, "p99_s"),
        },
    ]


def earlier(recent: Summary, twice: Summary | None) -> OrderCounts | None:
    """Orders that started in as long a time before, by state; None where nothing did."""
    if twice is None:
        return None
    counts = {state: twice["orders"][state] - count for state, count in recent["orders"].items()}
    return counts if any(count > 0 for count in counts.values()) else None


def delta(
    now: OrderCounts, before: OrderCounts | None, chosen: str, state: str | None = None
) -> Delta | None:
    """The change against as long a time before: in percent, or in orders of one state."""
    if before is None:
        return None
    base = f"vs {address.RANGE_NAMES[chosen]} before"
    if state is not None:
        more = now[state] - before[state]
        if not more:
            return None
        look = state if more > 0 else None
        way = "↑" if more > 0 else "↓"
        return {"way": way, "text": f"{formats.number(abs(more))} {base}", "look": look}
    old = sum(before.values())
    share = (sum(now.values()) - old) / old
    way = "↑" if share >= 0 else "↓"
    return {"way": way, "text": f"{formats.percent(abs(share))} {base}"}
