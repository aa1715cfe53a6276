"""What has had its time leaves: traces by age or for the disk's sake, in the end orders, too.

Once an hour, or as soon as the tables are larger than they may be. Nothing open leaves, and what
can't leave though it should is told in the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from collector.engine import Param
from collector.jobs.statements import Statements

log = logging.getLogger(__name__)

_MINUTE_NS = 60_000_000_000
_HOUR_NS = 60 * _MINUTE_NS
_DAY_NS = 24 * _HOUR_NS
_WEEK_NS = 7 * _DAY_NS
_LEAST_KEPT_NS = 10 * _MINUTE_NS  # whatever the disk says
_ROOM = 0.1  # made beyond the limit, so that it isn't reached again at once
# What holds rows of traces, in the order of deletion; see retention.sql.
# A span that is stored meanwhile stays.
_OLD = "stored_at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')"
_EXPIRING = {
    "calls": "true",
    "span_links": "true",
    "inherited": "true",
    "span_keys": "true",
    "order_traces": "true",
    "arrivals": _OLD,
    "otel_traces": _OLD,
    "spans": _OLD,
    "traces": "true",
}
# What holds rows of orders; `orders` last, as above.
_ORDERS = ("alias_orders", "verdicts", "order_facts", "orders")
_DEAD_ROWS = 50_000  # of `obligations`, before they are cleared away


@dataclass(frozen=True)
class Kept:
    """How long things stay, in nanoseconds, and how many bytes the tables may take (0: any)."""

    traces_ns: int = 30 * _DAY_NS
    failed_ns: int = 60 * _DAY_NS
    """Traces of orders that failed, or of which nothing is known."""
    orders_ns: int = 365 * _DAY_NS
    max_bytes: int = 0


class Expiry:
    """Deletes what has had its time."""

    def __init__(self, statements: Statements, kept: Kept) -> None:
        self._do = statements
        self._kept = kept
        self._done_at = 0
        self._weighed_at = 0
        self._orders_done_at = 0

    def run_if_due(self, now: int) -> None:
        """Delete what is too old or too much; the orders' states must be up to date."""
        self._clear_obligations()
        excess = self._excess_if_due(now)
        if now - self._done_at < _HOUR_NS and not excess:
            return
        self._done_at = now  # before, so that what fails waits, too
        self._do.execute(
            "DELETE FROM lateness WHERE at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')",
            {"before": now - _DAY_NS},
        )
        self._do.execute(
            "DELETE FROM passes WHERE armed < fromUnixTimestamp64Nano({before:Int64}, 'UTC')",
            {"before": now - _WEEK_NS},
        )
        self._thin_calls(now)
        self._drop_traces(now, excess)
        if now - self._orders_done_at >= _DAY_NS:
            self._orders_done_at = now
            self._drop_orders(now - self._kept.orders_ns)

    def _thin_calls(self, now: int) -> None:
        """The map's minutes become hours when they are a day old."""
        before: dict[str, Param] = {"before": (now - _DAY_NS) // _HOUR_NS * 3600}
        self._do.run("calls_by_hour", **before)
        self._do.execute(
            "DELETE FROM calls_by_minute WHERE minute < {before:Int64} AND minute % 3600 != 0",
            before,
        )

    def _drop_traces(self, now: int, excess: float) -> None:
        before = now - self._kept.traces_ns
        if excess:
            cutoff = int(self._do.rows("retention_cutoff", share=excess)[0]["at"])
            before = max(before, min(cutoff, now - _LEAST_KEPT_NS))
        # Failed orders keep their spans longer, also where the disk is what counts.
        longer = self._kept.failed_ns / self._kept.traces_ns
        self._drop_traces_before(before, now - int((now - before) * longer))
        if excess and not self._is_small():
            self._drop_traces_before(before, before)
            if not self._is_small():
                self._warn()

    def _drop_traces_before(self, before: int, failed_before: int) -> None:
        params: dict[str, Param] = {"before": before, "failed_before": failed_before}
        self._do.execute("TRUNCATE TABLE expired")
        self._do.run("retention", **params)
        expired = int(self._do.rows("expired")[0]["traces"])
        if expired:
            for table, old in _EXPIRING.items():
                self._do.execute(
                    f"DELETE FROM {table} WHERE TraceId IN (SELECT TraceId FROM expired) AND {old}",
                    params,
                )
            self._do.execute("TRUNCATE TABLE expired")
            log.info("dropped %s traces", expired)
        for row in self._do.rows("retention_days", **params):
            place = f"PARTITION ID '{row['partition_id']}'"
            self._do.execute(f"ALTER TABLE otel_traces APPLY DELETED MASK IN {place}")

    def _excess_if_due(self, now: int) -> float:
        """The share of what is stored that is too much, and some more; 0 where there is room."""
        if not self._kept.max_bytes or now - self._weighed_at < _MINUTE_NS:
            return 0
        self._weighed_at = now
        stored = self._bytes()
        if stored <= self._kept.max_bytes:
            return 0
        return 1 - self._kept.max_bytes * (1 - _ROOM) / stored

    def _is_small(self) -> bool:
        """Whether the tables are as small as they should be, without the rows marked as deleted."""
        for table in _EXPIRING:
            self._do.execute(f"ALTER TABLE {table} APPLY DELETED MASK")
        return self._bytes() <= self._kept.max_bytes

    def _warn(self) -> None:
        log.warning(
            "the tables take %s MiB, retention_bytes allows %s: what is left belongs to orders "
            "that aren't finished, or is younger than %s minutes",
            self._bytes() // 2**20,
            self._kept.max_bytes // 2**20,
            _LEAST_KEPT_NS // _MINUTE_NS,
        )

    def _bytes(self) -> int:
        return int(self._do.rows("retention_size")[0]["bytes"])

    def _drop_orders(self, before: int) -> None:
        """Delete the rows of orders that finished long ago, and what is known of them alone."""
        self._do.execute("TRUNCATE TABLE expired_orders")
        self._do.run("retention_orders", before=before)
        orders = int(self._do.rows("expired_orders")[0]["orders"])
        if orders:
            mine = "(workflow, order_id) IN (SELECT workflow, order_id FROM expired_orders)"
            for table in _ORDERS:
                self._do.execute(f"DELETE FROM {table} WHERE {mine}")
            log.info("dropped %s orders for their age", orders)
        self._do.execute("TRUNCATE TABLE expired_orders")
        self._do.run("retention_aliases", before=max(0, before))
        self._do.execute(
            "DELETE FROM calls_by_minute WHERE version < {before:UInt64}",
            {"before": max(0, before)},
        )

    def _clear_obligations(self) -> None:
        """Orders come to the judge's list and leave it all the time: keep its table small."""
        rows = self._do.rows("obligations")[0]
        if int(rows["dead"]) > _DEAD_ROWS + int(rows["stored"]) // 2:
            self._do.execute("OPTIMIZE TABLE obligations FINAL CLEANUP")
            self._do.execute("OPTIMIZE TABLE overdue FINAL CLEANUP")
