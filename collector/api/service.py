"""How is one service? What it does and how fast, who is around it, and what waits for it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from collector.api.graph import stuck_on_edges
from collector.api.models import (
    MapEdge,
    ServiceBroker,
    ServiceBucket,
    ServiceDetail,
    ServiceInstance,
    ServiceOwed,
    ServicePoint,
    ServiceWork,
)
from collector.api.problems import ProblemError
from collector.api.reader import Reader, Row
from collector.api.series import interval
from collector.api.services import services
from collector.api.times import FIRST, LAST, rfc3339, text

_OWED = 12
_MANY = 100_000
"""Spans of a service, from which on rows that came twice aren't looked for."""
_POINTS = 60
_NOTHING = (None, None, None)


def service(reader: Reader, name: str, *, from_ns: int = FIRST, to_ns: int = LAST) -> ServiceDetail:
    """One service; work and calls between two moments, what waits for it now.

    Raises ProblemError 404.
    """
    found = services(reader, service=name).services
    if not found:
        raise ProblemError(404, f"no span of a service {name!r} has been seen")
    now = reader.clock.now()
    extent = reader.rows("service_extent", {"service": name})[0]
    first = max(from_ns, extent["first"]) if extent["spans"] else max(from_ns, 0)
    # A service that fell silent shows its silence; a file loaded today ends where it ends.
    last = max(first, min(to_ns, extent["last"] if from_ns == FIRST else now))
    interval_s = interval(first, last, _POINTS)
    asked = {"service": name, "from": from_ns, "to": min(to_ns, last)}
    many = extent["spans"] > _MANY
    rows = reader.rows("service_work", {**asked, "interval_s": interval_s, "many": many})
    work = [row for row in rows if row["by"] == "step"]
    whole = [row for row in rows if row["by"] == "all" and row["runs"]]
    took: dict[str, Any] = (
        _quantiles(whole[0]) if whole else {"p50_ms": None, "p95_ms": None, "p99_ms": None}
    )
    calls = reader.rows("service_calls", {**asked, "now": now})
    edges = [row for row in calls if row["source"]]
    owed = reader.rows("service_owed", {"service": name, "limit": _OWED})
    return ServiceDetail(
        **found[0].model_dump(),
        as_of=rfc3339(now),
        steps=[row["step"] for row in reader.rows("service_steps", {"service": name})],
        callers=sorted({row["source"] for row in edges if row["target"] == name}),
        callees=sorted({row["target"] for row in edges if row["source"] == name}),
        edges=_edges(reader, edges),
        work=sorted((_work(name, row) for row in work), key=lambda w: (-w.runs, w.step)),
        interval_s=interval_s,
        series=_series([row for row in rows if row["by"] == "interval"], first, last, interval_s),
        durations=_durations([row for row in rows if row["by"] == "bucket"]),
        runs=sum(row["runs"] for row in work),
        run_errors=sum(row["errors"] for row in work),
        **took,
        broker=next((_broker(row) for row in calls if not row["source"]), None),
        waiting=owed[0]["orders"] if owed else 0,
        late=owed[0]["late_orders"] if owed else 0,
        oldest_since=text(owed[0]["oldest"]) if owed else None,
        owed=[_owed(row) for row in owed],
        instances=[
            ServiceInstance(
                instance=row["instance"],
                version=row["version"],
                spans=row["spans"],
                first_seen_at=text(row["first_seen"]),
                last_seen_at=text(row["last_seen"]),
            )
            for row in reader.rows("service_instances", {"service": name})
        ],
    )


def _quantiles(row: Row) -> dict[str, Any]:
    return dict(zip(("p50_ms", "p95_ms", "p99_ms"), (s * 1000 for s in row["took_s"]), strict=True))


def _edges(reader: Reader, rows: list[Row]) -> list[MapEdge]:
    stuck: Counter[tuple[str, str]] = stuck_on_edges(reader.shared("waiting", {"workflow": ""}))
    return [
        MapEdge(
            source=row["source"],
            target=row["target"],
            kind=row["kind"],
            calls=row["calls"],
            errors=row["errors"],
            **_quantiles(row),
            stuck_orders=stuck[row["source"], row["target"]],
            last_seen_at=text(row["last_seen"]),
        )
        for row in rows
    ]


def _work(name: str, row: Row) -> ServiceWork:
    return ServiceWork(
        step=f"{name} {row['role']} {row['operation']}",
        role=row["role"],
        operation=row["operation"],
        runs=row["runs"],
        errors=row["errors"],
        **_quantiles(row),
        last_at=text(row["last"]),
    )


def _series(rows: list[Row], first: int, last: int, interval_s: int) -> list[ServicePoint]:
    """Every interval between two moments, also those in which nothing ran."""
    if not rows:
        return []
    known = {row["t"]: row for row in rows}
    start = min(first // 10**9 // interval_s * interval_s, *known)
    end = max(last // 10**9, *known)
    points = []
    for t in range(start, end + 1, interval_s):
        row = known.get(t)
        took = [s * 1000 for s in row["took_s"]] if row else _NOTHING
        points.append(
            ServicePoint(
                t=rfc3339(t * 10**9),
                runs=row["runs"] if row else 0,
                errors=row["errors"] if row else 0,
                p50_ms=took[0],
                p95_ms=took[1],
                p99_ms=took[2],
            )
        )
    return points


def _durations(rows: list[Row]) -> list[ServiceBucket]:
    if not rows:
        return []
    runs = {row["bucket"]: row["runs"] for row in rows}
    return [
        ServiceBucket(
            from_ms=2 ** ((at - 1) / 2) / 1000, to_ms=2 ** (at / 2) / 1000, runs=runs.get(at, 0)
        )
        for at in range(min(runs), max(runs) + 1)
    ]


def _broker(row: Row) -> ServiceBroker:
    return ServiceBroker(messages=row["calls"], **_quantiles(row), last_at=text(row["last_seen"]))


def _owed(row: Row) -> ServiceOwed:
    return ServiceOwed(
        workflow=row["workflow"],
        order_id=row["order_id"],
        state=row["state"],
        step=row["step"],
        after=row["after"],
        since=text(row["since"]),
        late=bool(row["late"]),
        diagnosis=(row["diagnosis"] or None) if row["late"] else None,
    )
