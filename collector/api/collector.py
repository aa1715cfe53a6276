"""How does the collector itself do? What comes in, what waits, what was refused, what is kept."""

from __future__ import annotations

from importlib.metadata import version

from collector.api import readiness
from collector.api.models import CollectorState
from collector.api.reader import Reader
from collector.api.times import rfc3339


def collector(reader: Reader) -> CollectorState:
    """The collector's own state, on one page."""
    intake = reader.intake()
    disk = reader.rows("disk")[0]
    extent = reader.shared("extent", {"workflow": ""})[0]
    return CollectorState(
        as_of=rfc3339(reader.clock.now()),
        version=version("choreoscope"),
        troubles=readiness.troubles(reader),
        accepted=intake.accepted,
        refused=dict(intake.refused),
        spans_per_s=round(intake.spans_per_s, 1),
        queue_bytes=intake.queue_bytes,
        queue_limit_bytes=intake.max_queue_bytes,
        disk_bytes=disk["bytes"] or 0,
        disk_free_bytes=disk["free"] or 0,
        retention_days=reader.retention_days,
        oldest_at=rfc3339(extent["first"]) if extent["orders"] else None,
    )
