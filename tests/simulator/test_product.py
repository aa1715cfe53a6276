"""The same spans in another order, twice, in other portions, at the same times: the same facts."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.simulator import choreographies, play
from benchmarks.simulator.events import Flow, Plan
from benchmarks.simulator.events import play as simulate
from benchmarks.simulator.faults import Fault
from benchmarks.simulator.otlp import Exports, exports
from benchmarks.simulator.play import Pace, Said, Watched
from collector.app import parts
from collector.clock import VirtualClock

PACE = Pace(tick_s=15, store_s=7.5)
SECONDS = 45.0
_FACTS = (
    "SELECT workflow, order_id, started, ended, first_seen, last_seen, span_count, "
    "arraySort(trace_ids) AS trace_ids, `steps.step` AS step, `steps.started` AS step_started, "
    "`steps.seen` AS seen, `steps.attempts` AS attempts, `steps.failed` AS failed, "
    "`steps.cause` AS cause FROM order_facts FINAL ORDER BY workflow, order_id"
)


@pytest.mark.slow
def test_shuffled_and_doubled_requests_give_the_same_facts_and_words(tmp_path: Path) -> None:
    shop = choreographies.shop("link")
    faults = (
        Fault("lost", share=0.02),
        Fault("retried", where="payment order.placed", share=0.1),
        Fault("stragglers", share=0.02, value=20),
        Fault("skew", value=5),
    )
    recording = simulate(Plan((Flow(shop, 2.0),), SECONDS, 7, faults))
    arrived = exports(recording)
    random = Random(7)
    mixed = [request for request in arrived.requests for _ in range(random.choice((1, 1, 2)))]
    random.shuffle(mixed)
    # Stored in portions of 7.5 s: within a portion the order is free, the moment isn't.
    mixed.sort(key=lambda request: int(-(-request[0] // PACE.store_s)))
    moved = [(-(-at // PACE.store_s) * PACE.store_s, body) for at, body in mixed]
    first = watched(tmp_path / "as_sent", arrived)
    second = watched(tmp_path / "mixed", Exports(moved))
    assert len(first[1]) > 60
    assert first[1] == second[1]
    assert last(first[0].said) == last(second[0].said)
    assert first[0].differing == second[0].differing == 0


def last(said: list[Said]) -> dict[str, tuple[str, str, str]]:
    return {word.order_id: (word.state, word.verdict, word.step) for word in said}


def watched(folder: Path, arrived: Exports) -> tuple[Watched, list[dict[str, Any]]]:
    how = play.settings(folder, play.workflows([choreographies.shop()]))
    seen = play.watch(arrived, how, SECONDS, PACE)
    with parts(how, VirtualClock(play.EPOCH_NS)) as opened:
        return seen, opened.engine.query(_FACTS).to_pylist()
