"""SIGTERM in full traffic: an end in time, with nothing lost that was acknowledged."""

import signal
import time
from pathlib import Path

import pytest

from collector.engine.connect import open_engine
from tests.cli.processes import Served, wait_until

from .test_kill import Exporter

pytestmark = pytest.mark.slow
PATIENCE_S = 10


def test_what_is_under_way_is_committed_and_answered(tmp_path: Path) -> None:
    with Served(tmp_path, "--linger-ms", "1000") as served:
        exporters = [Exporter(served.url, f"LAST-{n}") for n in range(6)]
        for exporter in exporters:
            exporter.start()
        wait_until(lambda: all(len(e.acknowledged) > 100 for e in exporters), "traffic")
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)  # the exporters come again
        assert served.process.wait(PATIENCE_S) == 0
        for exporter in exporters:
            exporter.stop()
            assert exporter.failures > 0
        assert served.errors == []
    engine = open_engine(f"chdb://{tmp_path}")
    rows = engine.query(
        "SELECT SpanAttributes['order.id'] AS id, uniqExact(SpanId) AS spans "
        "FROM otel_traces GROUP BY id"
    ).to_pylist()
    engine.close()
    stored = {row["id"]: row["spans"] for row in rows}
    for exporter in exporters:
        assert exporter.acknowledged.items() <= stored.items()
