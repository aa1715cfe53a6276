"""Which orders? Lists, filtered and paged."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collector.api import sentences
from collector.api.models import STATES, OrderRow, Orders
from collector.api.problems import ProblemError
from collector.api.reader import Reader, Row
from collector.api.times import FIRST, LAST, text

_MOST_RANK = 100
_BEFORE_ALL = (-1, 0, "", "")
_LATE = ("odd_order", "edge_stopped")


@dataclass(frozen=True)
class Filter:
    """What an order must match; an empty value matches all."""

    workflow: str = ""
    states: Sequence[str] = field(default_factory=tuple)
    verdict: str = ""
    cause: str = ""
    service: str = ""
    step: str = ""
    edge: str = ""
    q: str = ""
    trivial: bool = False
    from_ns: int = FIRST
    to_ns: int = LAST


def orders(reader: Reader, wanted: Filter, *, limit: int = 50, cursor: str | None = None) -> Orders:
    """A page of orders, the most urgent first.

    `edge` names an edge of the map as `ends` reads it: orders that took it or wait at its end.
    Raises ProblemError 422 for an unknown state, edge or cursor.
    """
    unknown = [state for state in wanted.states if state not in STATES]
    if unknown:
        raise ProblemError(422, f"state: {unknown[0]!r} is none of {', '.join(STATES)}")
    source, target = ends(wanted.edge) if wanted.edge else ("", "")
    after = _decode(cursor) if cursor else _BEFORE_ALL
    found = reader.shared(
        "orders",
        {
            "workflow": wanted.workflow,
            "states": list(wanted.states),
            "verdict": wanted.verdict,
            "cause": wanted.cause,
            "service": wanted.service,
            "step": wanted.step,
            "source": source,
            "target": target,
            "q": wanted.q.strip(),
            "told": not wanted.trivial,
            "from": wanted.from_ns,
            "to": wanted.to_ns,
            "after": bool(cursor),
            "after_rank": after[0],
            "after_started": after[1],
            "after_workflow": after[2],
            "after_order": after[3],
            "limit": limit + 1,
        },
    )
    now = reader.now()
    page = found[:limit]
    more = len(found) > limit
    return Orders(
        orders=[order_row(row, now) for row in _shown(reader, page)],
        total=found[0]["total"] if found else 0,
        next=_encode(page[-1]) if more else None,
    )


def _shown(reader: Reader, page: list[Row]) -> list[Row]:
    """What is shown of the orders of a page, in its order; some may have left meanwhile."""
    if not page:
        return []
    rows = reader.rows(
        "orders_shown",
        {
            "workflows": sorted({row["workflow"] for row in page}),
            "ids": [row["order_id"] for row in page],
        },
    )
    by_id = {(row["workflow"], row["order_id"]): row for row in rows}
    keys = [(row["workflow"], row["order_id"]) for row in page]
    return [by_id[key] for key in keys if key in by_id]


def ends(edge: str) -> tuple[str, str]:
    """Source and target of an edge named `source>target`, where a `>` within a name is `%3E` and a
    `%` before 25 or 3E is `%25`.

    Raises ProblemError 422.
    """
    names = [end.replace("%3E", ">").replace("%25", "%") for end in edge.split(">")]
    if len(names) != 2 or not all(names):
        raise ProblemError(
            422,
            f"edge: {edge!r} is not of the form source>target; a > within a name is written %3E",
        )
    return names[0], names[1]


def order_row(row: Row, now: datetime) -> OrderRow:
    """A row of the table `orders` as the API shows it."""
    return OrderRow(
        workflow=row["workflow"],
        order_id=row["order_id"],
        state=row["state"],
        verdict=row["verdict"],
        started_at=text(row["started"]),
        last_seen_at=text(row["ended"]),
        state_since=text(row["state_since"]),
        step=row["step"],
        service=row["service"],
        cause_id=row["cause_id"] or None,
        sentence=sentence(row, now),
        span_count=row["span_count"],
        trace_count=row["trace_count"],
    )


def sentence(row: Row, now: datetime) -> str:
    """What to know of an order in one line."""
    owed = row["owed"]
    if row["state"] == "stuck":
        late = [o for o in owed if o["verdict"] in _LATE] or owed
        if late:
            waited = sentences.duration(max(0.0, (now - late[0]["since"]).total_seconds()))
            return f"{sentences.headline(late[0])}; waiting for {waited}"
    if row["state"] == "failed" and row["verdict"] == "declared":
        return f"Ended in failure: {row['step']}"
    if row["state"] == "failed":
        return sentences.failed_sentence(row["step"], row["error"])
    if row["state"] in ("in_progress", "compensating", "unknown") and owed:
        telling = [o for o in owed if o["verdict"] == row["verdict"]] or owed
        waiting = sentences.waiting_sentence(telling[0], now=now)
        if row["verdict"] == "sampled":
            return f"{waiting} Its traces are sampled, so a missing span says nothing."
        return f"Being undone. {waiting}" if row["state"] == "compensating" else waiting
    took = sentences.duration(max(0.0, (row["ended"] - row["started"]).total_seconds()))
    if row["state"] == "completed" and row["verdict"] == "with_gaps":
        return f"Completed in {took}; missing, but not critical: {sentences.choice(owed[0])}."
    if row["state"] == "compensated":
        return f"Failed, and every step that was done is undone, in {took}."
    if row["state"] == "compensating":
        return "Being undone."
    if row["state"] == "completed":
        return f"Every expected step happened, in {took}."
    if row["state"] == "unknown":
        return "Too few orders of this workflow are known yet to say what should come next."
    return f"Last step seen: {row['step']}."


def _encode(row: Row) -> str:
    key = [row["rank"], -row["started_ns"], row["workflow"], row["order_id"]]
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, int, str, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError):
        key = None
    if not _is_key(key):
        raise ProblemError(422, "next: not a cursor of this API")
    rank, started, workflow, order_id = key
    return rank, started, workflow, order_id


def _is_key(key: Any) -> bool:
    """Whether it is what `_encode` writes, and so what the engine's parameters can hold."""
    if not isinstance(key, list) or [type(value) for value in key] != [int, int, str, str]:
        return False
    in_range = abs(key[0]) <= _MOST_RANK and FIRST <= -key[1] <= LAST
    return in_range and _is_text(key[2] + key[3])


def _is_text(text: str) -> bool:
    """Whether it has no half of a character, as JSON's escapes may make."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
