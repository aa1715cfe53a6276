"""`kill -9` at random moments, again and again on one folder, with the jobs in full swing.

Nothing that was acknowledged is missing, nothing counts twice, and what is derived agrees with the
spans: by itself, after the next start.
"""

import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from collector.api.graph import service_map
from collector.api.summary import summary
from collector.app import Parts, parts
from collector.settings import load
from tests.e2e.killed import FLOW

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the embedded engine's lock"),
]
SEED = 20260214


@pytest.mark.parametrize(
    "kills", [3, pytest.param(200, marks=[pytest.mark.matrix, pytest.mark.timeout(3600)])]
)
def test_killed_again_and_again(kills: int, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    acknowledged: set[str] = set()
    for round_ in range(kills):
        acknowledged |= killed_after(chance.uniform(0.05, 2.5), tmp_path, round_)
    assert acknowledged
    with parts(replace(load(environ={}), data=tmp_path)) as held:
        caught_up(held)
        told = summary(held.reader)
        edges = {(edge.source, edge.target): edge.calls for edge in service_map(held.reader).edges}
        [stored] = held.engine.query(
            "SELECT groupArray(order_id) AS orders, groupUniqArray(span_count) AS spans, "
            "(SELECT uniqExact(TraceId, SpanId) FROM otel_traces) AS spans_stored FROM order_facts "
            "FINAL"
        ).to_pylist()
    orders = set(stored["orders"])
    assert acknowledged <= orders
    # A commit is whole or not there.
    assert stored["spans"] == [len(FLOW)]
    assert told.spans == stored["spans_stored"] == len(FLOW) * len(orders)
    assert sum(n for _, n in told.orders) == len(orders) == len(stored["orders"])
    assert edges == {
        ("shop", "topic:order.placed"): len(orders),
        ("topic:order.placed", "stock"): len(orders),
    }


def killed_after(seconds: float, folder: Path, round_: int) -> set[str]:
    """Run a collector for so long after it was ready; the orders that it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.killed", str(folder), str(round_)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        threading.Timer(seconds, process.kill).start()
        lines = process.stdout.read().split("\n")
    return {order for line in lines[:-1] for order in line.split()}


def caught_up(held: Parts) -> None:
    deadline = time.monotonic() + 120
    while not (held.runner.repaired() and held.runner.progress().learned):
        assert time.monotonic() < deadline
        held.runner.tick()
        time.sleep(0.1)
