"""How did it go over time?"""

from __future__ import annotations

import math

from collector.api.models import Finished, Series, SeriesPoint
from collector.api.reader import Reader
from collector.api.times import FIRST, LAST, rfc3339

_INTERVALS_S = (1, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400, 604800)
_POINTS = 120
_NOTHING = Series(
    interval_s=60, finished=Finished(orders=0, p50_s=None, p95_s=None, p99_s=None), series=[]
)


def series(
    reader: Reader, *, workflow: str = "", step: str = "", from_ns: int = FIRST, to_ns: int = LAST
) -> Series:
    """Orders per interval, at most 120 of them over the time asked for or known; none left out."""
    extent = reader.shared("extent", {"workflow": workflow})[0]
    if not extent["orders"]:
        return _NOTHING
    first, last = max(from_ns, extent["first"]), min(to_ns, max(extent["last"], extent["first"]))
    if first > last:
        return _NOTHING
    interval_s = interval(first, last)
    rows = {
        row["t"]: row
        for row in reader.rows(
            "series",
            {
                "workflow": workflow,
                "step": step,
                "from": first,
                "to": last,
                "interval_s": interval_s,
            },
        )
    }
    start = first // 1_000_000_000 // interval_s * interval_s
    points = []
    for t in range(start, last // 1_000_000_000 + 1, interval_s):
        row = rows.get(t)
        took = row["took_s"] if row and row["finished"] else [None, None, None]
        points.append(
            SeriesPoint(
                t=rfc3339(t * 1_000_000_000),
                started=row["started"] if row else 0,
                finished=row["finished"] if row else 0,
                stuck=row["stuck"] if row else 0,
                failed=row["failed"] if row else 0,
                p50_s=took[0],
                p95_s=took[1],
                p99_s=took[2],
            )
        )
    all_ = reader.rows("finished", {"workflow": workflow, "step": step, "from": first, "to": last})[
        0
    ]
    took = all_["took_s"] if all_["orders"] else [None, None, None]
    finished = Finished(orders=all_["orders"], p50_s=took[0], p95_s=took[1], p99_s=took[2])
    return Series(interval_s=interval_s, finished=finished, series=points)


def interval(first_ns: int, last_ns: int, points: int = _POINTS) -> int:
    """Seconds of an interval so that at most so many of them span the time between two moments."""
    span_s = (last_ns - first_ns) / 1e9
    return next((i for i in _INTERVALS_S if span_s / i <= points), 0) or (
        math.ceil(span_s / points / 604800) * 604800
    )
