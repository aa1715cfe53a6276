"""The collector's numbers about itself, for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from collector.api import readiness
from collector.api.models import STATES
from collector.api.reader import Reader
from collector.api.times import FIRST, LAST
from collector.engine import EngineError, Param

_log = logging.getLogger(__name__)

# Reasons that can be given without an error in the collector: each is there from the start, so
# that a rate over it exists before the first refusal.
_REASONS = (
    "engine",
    "invalid id",
    "overload",
    "too large",
    "too slow",
    "unauthenticated",
    "undecodable",
    "unknown host",
    "unsupported",
)


def metrics(reader: Reader, accept: str) -> tuple[bytes, str]:
    """All of them as text, and the text's type: Prometheus' own format, or OpenMetrics if asked."""
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry()
    registry.register(reader.meters)
    registry.register(_Asked(reader))
    return encode(registry), content_type


class _Asked(Collector):
    """What isn't counted along the way, but asked for when somebody looks."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def describe(self) -> list[Metric]:
        """Nothing: it would ask the engine only to know the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "choreoscope_build_info", "1, with the version", labels=["version"]
        )
        build.add_metric([version("choreoscope")], 1)
        yield build
        yield from self._intake()
        troubles = readiness.troubles(self._reader)
        yield GaugeMetricFamily(
            "choreoscope_ready", "1 when it can store and judge", value=not troubles
        )
        try:
            stored = list(self._stored())
        except EngineError as error:
            _log.warning("no numbers from the engine: %s", error)
            stored = []
        yield GaugeMetricFamily(
            "choreoscope_engine_up", "1 when the engine answers", value=bool(stored)
        )
        yield from stored

    def _intake(self) -> Iterator[Metric]:
        intake = self._reader.intake()
        yield CounterMetricFamily(
            "choreoscope_ingest_spans", "Spans stored and acknowledged", value=intake.accepted
        )
        refused = CounterMetricFamily(
            "choreoscope_ingest_refused_spans",
            "Spans refused; a request that couldn't be read counts as one",
            labels=["reason"],
        )
        for reason in sorted({*_REASONS, *intake.refused}):
            refused.add_metric([reason], intake.refused.get(reason, 0))
        yield refused
        yield GaugeMetricFamily(
            "choreoscope_ingest_queue_bytes", "Waiting to be stored", value=intake.queue_bytes
        )
        yield GaugeMetricFamily(
            "choreoscope_ingest_queue_limit_bytes",
            "max_queue_bytes: beyond it clients are told to come back",
            value=intake.max_queue_bytes,
        )

    def _stored(self) -> Iterator[Metric]:
        progress = self._reader.progress()
        behind = self._reader.rows("behind", {"through": progress.through})[0]
        stored = self._reader.shared("stored")[0]
        lag = max(0, self._reader.clock.now() - progress.through) / 1e9
        waiting = behind["last"] > progress.through
        yield GaugeMetricFamily(
            "choreoscope_judged_lag_seconds",
            "Age of the oldest span that isn't judged yet",
            value=lag if waiting else 0.0,
        )
        orders = GaugeMetricFamily("choreoscope_orders", "Orders by state", labels=["state"])
        counts = dict.fromkeys(STATES, 0)
        everything: dict[str, Param] = {"workflow": "", "from": FIRST, "to": LAST}
        for row in self._reader.shared("counts", everything):
            counts[row["state"]] += row["orders"]
        for state, number in counts.items():
            orders.add_metric([state], number)
        yield orders
        yield GaugeMetricFamily(
            "choreoscope_stored_spans", "Distinct spans stored", value=stored["spans"]
        )
        disk = self._reader.rows("disk")[0]
        yield GaugeMetricFamily(
            "choreoscope_disk_bytes", "What the tables take on the disk", value=disk["bytes"]
        )
        yield GaugeMetricFamily(
            "choreoscope_disk_free_bytes", "What is free on the engine's disk", value=disk["free"]
        )
