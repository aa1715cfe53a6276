"""What is too old leaves, once an hour: traces by age, and the dead rows of the judge's list."""

from __future__ import annotations

import logging

from collector.engine import Param
from collector.jobs.statements import Statements

log = logging.getLogger(__name__)

_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS
_WEEK_NS = 7 * _DAY_NS
_FAILED_KEPT = 2  # failed orders keep their spans this many times longer
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
_DEAD_ROWS = 50_000  # of `obligations`, before they are cleared away


class Expiry:
    """Deletes what has had its time; `kept_ns` is how long traces stay, in nanoseconds."""

    def __init__(self, statements: Statements, kept_ns: int) -> None:
        self._do = statements
        self._kept_ns = kept_ns
        self._done_at = 0

    def run_if_due(self, now: int) -> None:
        """Delete the traces that are too old; the orders' states must be up to date."""
        self._clear_obligations()
        if now - self._done_at < _HOUR_NS:
            return
        self._done_at = now  # before, so that what fails waits for an hour, too
        self._do.execute(
            "DELETE FROM lateness WHERE at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')",
            {"before": now - _DAY_NS},
        )
        self._do.execute(
            "DELETE FROM passes WHERE armed < fromUnixTimestamp64Nano({before:Int64}, 'UTC')",
            {"before": now - _WEEK_NS},
        )
        params: dict[str, Param] = {
            "before": now - self._kept_ns,
            "failed_before": now - _FAILED_KEPT * self._kept_ns,
        }
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
            log.info("dropped %s traces for their age", expired)
        for row in self._do.rows("retention_days", **params):
            place = f"PARTITION ID '{row['partition_id']}'"
            self._do.execute(f"ALTER TABLE otel_traces APPLY DELETED MASK IN {place}")

    def _clear_obligations(self) -> None:
        """Orders come to the judge's list and leave it all the time: keep its table small."""
        rows = self._do.rows("obligations")[0]
        if int(rows["dead"]) > _DEAD_ROWS + int(rows["stored"]) // 2:
            self._do.execute("OPTIMIZE TABLE obligations FINAL CLEANUP")
