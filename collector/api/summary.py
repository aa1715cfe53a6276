"""How is everything? Counts by state, and how far the engine has got."""

from __future__ import annotations

from collector.api.models import (
    Ingest,
    Judged,
    OrderCounts,
    Summary,
    Workflows,
    WorkflowSummary,
)
from collector.api.reader import Reader
from collector.api.times import FIRST, LAST, rfc3339
from collector.engine import Param


def summary(
    reader: Reader, *, workflow: str = "", from_ns: int = FIRST, to_ns: int = LAST
) -> Summary:
    """Orders by state, spans, traces and services; orders by when they started."""
    progress, intake = reader.progress(), reader.intake()
    news = reader.rows("behind", {"through": progress.through})[0]
    behind = news["last"] > progress.through
    settled = not behind and progress.learned
    stored = reader.shared("stored", exact=settled)[0]
    by_workflow = workflows(
        reader, workflow=workflow, from_ns=from_ns, to_ns=to_ns, exact=settled
    ).workflows
    total = OrderCounts()
    for entry in by_workflow:
        for state, orders in entry.orders:
            setattr(total, state, getattr(total, state) + orders)
    now = reader.clock.now()
    return Summary(
        as_of=rfc3339(now),
        spans=stored["spans"],
        traces=stored["traces"],
        services=news["services"],
        orders=total,
        workflows=by_workflow,
        ingest=Ingest(
            spans_per_s=round(intake.spans_per_s, 1), refused=sum(intake.refused.values())
        ),
        judged=Judged(
            through=rfc3339(progress.through) if progress.through else None,
            lag_s=round(max(0, now - progress.through) / 1e9, 3) if behind else 0.0,
            model_at=rfc3339(progress.model_at) if progress.model_at else None,
            settled=settled,
            rebuilt=None if progress.repaired else _rebuilt(reader, stored["spans"]),
        ),
    )


def _rebuilt(reader: Reader, known: int) -> float:
    """The share of all stored spans that is put together; never quite all."""
    stored: int = reader.rows("kept")[0]["spans"]
    return min(known / max(stored, 1), 0.999)


def workflows(
    reader: Reader,
    *,
    workflow: str = "",
    from_ns: int = FIRST,
    to_ns: int = LAST,
    exact: bool | None = None,
) -> Workflows:
    """Every workflow that has orders, with its counts."""
    found: dict[str, WorkflowSummary] = {}
    wanted: dict[str, Param] = {"workflow": workflow, "from": from_ns, "to": to_ns}
    for row in reader.shared("counts", wanted, exact=exact):
        entry = found.setdefault(
            row["workflow"],
            WorkflowSummary(workflow=row["workflow"], orders=OrderCounts(), trivial=True),
        )
        setattr(entry.orders, row["state"], row["orders"])
        entry.trivial = entry.trivial and bool(row["trivial"])
    return Workflows(workflows=list(found.values()))
