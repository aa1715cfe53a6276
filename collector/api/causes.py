"""Why? Stuck and failed orders by where and why they stopped."""

from __future__ import annotations

from collector.api import sentences
from collector.api.models import Cause, Causes
from collector.api.reader import Reader, Row
from collector.api.times import text

_OWED = ("step", "service", "owing", "role", "operation", "destination", "after")


def causes(reader: Reader, *, workflow: str = "") -> Causes:
    """All causes, the one with the most orders first."""
    rows = reader.rows("causes", {"workflow": workflow, "now": reader.clock.now()})
    return Causes(causes=[_cause(row) for row in rows])


def _cause(row: Row) -> Cause:
    if row["state"] == "stuck":
        owed = dict(zip(_OWED, row["owed"].values(), strict=True))
        sentence = sentences.headline({**owed, "diagnosis": row["diagnosis"]})
    else:
        sentence = sentences.failed_sentence(row["step"], row["error"])
    return Cause(
        cause_id=row["cause_id"],
        sentence=sentence,
        workflow=row["workflow"],
        service=row["service"],
        step=row["step"],
        diagnosis=row["diagnosis"],
        state=row["state"],
        orders=row["orders"],
        oldest_since=text(row["oldest_since"]),
        trend_per_min=row["trend_per_min"],
        contrast=[],
    )
