"""Orders watched live, on a clock that tests turn."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from collector.receivers.otlp_json import to_protobuf
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read
from tests.golden.world import DAWN, World, world

Place = Callable[[str], str]
SECOND = 1_000_000_000
EXPORT_S = 0.7  # from a span's end to us
FLOW = read("happy").usual


def told(n: int, spans: list[dict[str, Any]], delay_s: float = 0.0) -> list[tuple[int, bytes]]:
    """An order that starts in second n: each span with the moment when we get it."""
    start = DAWN + n * SECOND + int(delay_s * 1e9)
    exports = [request(order_id(n), start, span) for span in spans]
    ends = [e.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano for e in exports]
    return [
        (end + int(EXPORT_S * 1e9), joined([export]))
        for end, export in zip(ends, exports, strict=True)
    ]


def play(here: World, feed: list[tuple[int, bytes]], until_s: int, *, every_s: int = 3) -> None:
    """Let time pass to a second: take in every second what has come, tick every third."""
    waiting = sorted(
        (item for item in feed if item[0] > here.clock.now()), key=lambda item: item[0]
    )
    while here.clock.now() < DAWN + until_s * SECOND:
        here.clock.advance(1)
        due = [body for at, body in waiting if at <= here.clock.now()]
        waiting = waiting[len(due) :]
        if due:
            here.take(b"".join(due))
        second = (here.clock.now() - DAWN) // SECOND
        if second % every_s == 0 or second == until_s:
            here.parts.runner.tick()


def states(here: World) -> Counter[tuple[str, str]]:
    return Counter((row.state, row.verdict) for row in here.orders())


def split(spans: list[dict[str, Any]], *late: str) -> tuple[list[Any], list[Any]]:
    return [s for s in spans if s["id"] not in late], [s for s in spans if s["id"] in late]


def test_a_silent_consumer_is_found_and_forgiven(engine_url: Place) -> None:
    """stock stops at 40 s and comes back at 60 s, taking what waited."""
    feed: list[tuple[int, bytes]] = []
    for n in range(75):
        now, later = split(FLOW, "reserved", "done")
        feed += told(n, now)
        feed += told(n, later, delay_s=60 - n if 40 <= n < 60 else 0)
    with world(engine_url("chdb"), DAWN) as here:
        play(here, feed, 14)
        assert set(states(here)) == {("unknown", "cold")}
        play(here, feed, 40)
        assert not [row for row in here.orders() if row.state in ("stuck", "failed", "unknown")]

        play(here, feed, 56)
        stuck = here.orders(states=["stuck"])
        assert {row.order_id for row in stuck} >= {order_id(n) for n in range(40, 46)}
        assert {row.verdict for row in stuck} == {"edge_stopped"}
        assert {(row.service, row.step) for row in stuck} == {
            ("stock", "stock process payment.taken")
        }
        assert all("did not consume payment.taken" in row.sentence for row in stuck)

        play(here, feed, 64)
        assert not here.orders(states=["stuck"])
        play(here, feed, 85)
        assert set(states(here)) == {("completed", "")}
        # The outage is no reason to be more patient next time.
        limits = here.parts.engine.query(
            "SELECT max(limit_s) AS longest FROM waits "
            "WHERE model_at = (SELECT max(model_at) FROM models)"
        ).to_pylist()
        assert limits[0]["longest"] < 10


def test_a_round_that_takes_minutes_unlearns_nothing(engine_url: Place) -> None:
    """stock stops at 40 s for good, and the busy machine ends its next round of jobs at 125 s."""
    feed: list[tuple[int, bytes]] = []
    for n in range(120):
        feed += told(n, FLOW if n < 40 else split(FLOW, "reserved", "done")[0])
    with world(engine_url("chdb"), DAWN) as here:
        play(here, feed, 42)
        assert {row.state for row in here.orders()} == {"completed", "in_progress"}
        play(here, feed, 125, every_s=1000)
        assert states(here)["completed", ""] == 40
        play(here, feed, 155, every_s=10)
        assert states(here) == {("completed", ""): 40, ("stuck", "edge_stopped"): 80}


def test_a_slow_queue_is_late_and_not_stuck(engine_url: Place) -> None:
    """From second 30 on stock takes two seconds an order: everybody waits longer than the last."""
    feed: list[tuple[int, bytes]] = []
    for n in range(48):
        now, later = split(FLOW, "reserved", "done")
        feed += told(n, now)
        feed += told(n, later, delay_s=max(0, n - 30))
    with world(engine_url("chdb"), DAWN) as here:
        seen: Counter[str] = Counter()
        for second in range(30, 78, 6):
            play(here, feed, second)
            seen.update(row.verdict for row in here.orders() if row.state == "in_progress")
            assert not here.orders(states=["stuck"])
        assert seen["delayed"]
        assert set(states(here)) == {("completed", "")}


def test_a_restart_keeps_everything(engine_url: Place) -> None:
    place = engine_url("chdb")
    feed: list[tuple[int, bytes]] = []
    for n in range(40):
        feed += told(n, split(FLOW, "reserved", "done")[0] if n >= 30 else FLOW)
    with world(place, DAWN) as here:
        play(here, feed, 36, every_s=6)
        before = states(here)
    with world(place, DAWN + 36 * SECOND) as here:
        here.parts.runner.tick()
        assert states(here) == before
        play(here, feed, 60)
        assert states(here) == {("completed", ""): 30, ("stuck", "edge_stopped"): 10}


def test_time_without_a_collector_is_no_waiting(engine_url: Place) -> None:
    """The collector is away for two minutes; the services' spans of that time come after it."""
    place = engine_url("chdb")
    early = [item for n in range(30) for item in told(n, FLOW)]
    caught = [item for item in told(36, FLOW) if item[0] <= DAWN + 37 * SECOND]
    late = [item for item in told(36, FLOW) if item[0] > DAWN + 37 * SECOND]
    with world(place, DAWN) as here:
        play(here, early + caught, 38, every_s=8)
        assert states(here)["in_progress", "on_time"] == 1
    with world(place, DAWN + 160 * SECOND) as here:
        play(here, [], 164)
        assert states(here)["in_progress", "on_time"] == 1
        here.take(b"".join(body for _, body in late))
        play(here, [], 170)
        assert set(states(here)) == {("completed", "")}


def test_an_outage_many_times_longer_than_all_history(engine_url: Place) -> None:
    """A minute of health, then nine of silence: still the orders are stuck, not done."""
    healthy, silent = FLOW, split(FLOW, "reserved", "done")[0]
    feed = sorted(item for n in range(600) for item in told(n, healthy if n < 60 else silent))
    place = engine_url("chdb")
    with world(place, DAWN) as here:
        for second in range(30, 630, 30):
            here.clock.advance(30)
            due = [body for at, body in feed if at <= here.clock.now()]
            feed = feed[len(due) :]
            if due:
                here.take(b"".join(due))
            here.parts.runner.tick()
            done = sum(row.state == "completed" for row in here.orders())
            assert done <= 60, f"after {second} s"
        counted = states(here)
        assert counted["completed", ""] == 60
        assert counted["stuck", "edge_stopped"] > 400
        # An upgrade in the middle of it, which derives everything anew, learns the same.
        here.parts.engine.query("TRUNCATE TABLE schema_version", lane="job")
        here.parts.engine.query("INSERT INTO schema_version SELECT 1, now64(9)", lane="job")
    with world(place, DAWN + 620 * SECOND) as here:
        here.settle()
        counted = states(here)
        assert counted["completed", ""] == 60
        assert counted["stuck", "edge_stopped"] == 540


def test_orders_that_came_all_at_once_are_judged_when_they_have_aged(engine_url: Place) -> None:
    """Nothing comes after them: time alone makes them old enough to learn from. Their telemetry was
    up to 26 s late, which earns the missing step as much patience."""
    feed = [item for n in range(25) for item in told(n, FLOW if n != 12 else FLOW[:2])]
    with world(engine_url("chdb"), DAWN + 26 * SECOND) as here:
        here.take(b"".join(body for _, body in feed))
        for _ in range(3):
            here.clock.advance(1)
            here.parts.runner.tick()
        assert set(states(here)) == {("unknown", "cold")}
        assert not here.parts.runner.progress().learned
        for _ in range(10):
            here.clock.advance(5)
            here.parts.runner.tick()
        assert here.parts.runner.progress().learned
        assert {state for state, _ in states(here)} == {"completed", "stuck"}
        assert [row.order_id for row in here.orders(states=["stuck"])] == [order_id(12)]


def test_a_span_that_comes_late_is_not_history(engine_url: Place) -> None:
    """payment's exporter was away for five minutes; the service was being watched all the time."""
    feed: list[tuple[int, bytes]] = []
    for n in range(30):
        feed += told(n, FLOW)
    late = told(28, [{**FLOW[2], "id": "late"}])[0][1]
    with world(engine_url("chdb"), DAWN) as here:
        play(here, feed, 40, every_s=20)
        here.clock.advance(300)
        here.take(late)
        rows = here.parts.engine.query(
            "SELECT countIf(seen_at = stored_at) AS live FROM otel_traces WHERE stored_at = "
            "(SELECT max(stored_at) FROM otel_traces)"
        ).to_pylist()
        assert rows == [{"live": 1}]


@pytest.mark.slow
def test_the_recorded_demo(engine_url: Place) -> None:
    """Real services over a real broker: 60 orders go through, 15 wait for the silent cd."""
    path = Path(__file__).parents[1] / "data" / "fulfilment-recording.jsonl.gz"
    with gzip.open(path, "rt") as lines, world(engine_url("chdb"), DAWN) as here:
        recording = [json.loads(line) for line in lines]
        here.clock.set(recording[0]["received_at"])
        for _, entries in groupby(recording, lambda entry: entry["received_at"] // (4 * SECOND)):
            here.clock.advance(4)
            here.take(
                b"".join(to_protobuf(json.dumps(entry["request"]).encode()) for entry in entries)
            )
            here.parts.runner.tick()
        for _ in range(3):
            here.clock.advance(4)
            here.parts.runner.tick()
        assert states(here) == {("completed", ""): 60, ("stuck", "edge_stopped"): 15}
        one = here.orders(states=["stuck"])[0]
        order = here.order(one.order_id)
        assert order.service == "fulfilment-cd"
        assert [owed.diagnosis for owed in order.owed] == ["not_consumed"]
        assert "fulfilment-cd did not consume stock.reserved" in order.owed[0].sentence
        assert "by fulfilment-stock" in order.owed[0].sentence
