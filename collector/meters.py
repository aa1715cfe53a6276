"""What the collector counts of its own work, in Prometheus' types; one set per collector."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a time beside each counter

_REQUEST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TICK_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Meters:
    """Counters and histograms that grow while the collector works.

    They are told by those who work, who don't know them: `observe` and `inc` are handed out as
    functions. What can be asked for at any time isn't counted here; `api.metrics` asks.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.commit_s = Histogram(
            "choreoscope_commit_seconds",
            "Time of one commit, of one request or several",
            buckets=_REQUEST_SECONDS,
            registry=self.registry,
        )
        self.acknowledge_s = Histogram(
            "choreoscope_acknowledge_seconds",
            "Time from a checked request to its acknowledgement",
            buckets=_REQUEST_SECONDS,
            registry=self.registry,
        )
        self.tick_s = Histogram(
            "choreoscope_tick_seconds",
            "Time of one round of jobs",
            buckets=_TICK_SECONDS,
            registry=self.registry,
        )
        self._cut = Counter(
            "choreoscope_ingest_cut",
            "What was stored shortened: attributes over max_attributes, texts over max_value_bytes",
            ["what"],
            registry=self.registry,
        )
        self._redacted = Counter(
            "choreoscope_ingest_redacted_attributes",
            "Attributes that redact_drop or redact_hash changed",
            registry=self.registry,
        )
        for what in ("attributes", "texts"):
            self._cut.labels(what)

    def count_cut(self, attributes: int, texts: int, redacted: int) -> None:
        """Count what a request lost before it was stored."""
        self._cut.labels("attributes").inc(attributes)
        self._cut.labels("texts").inc(texts)
        self._redacted.inc(redacted)
