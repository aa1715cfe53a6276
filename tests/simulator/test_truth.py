"""What really happens in a run, and that the truth says so."""

import math
from collections import Counter

import pytest

from benchmarks.simulator import choreographies
from benchmarks.simulator.choreographies import Choreography
from benchmarks.simulator.events import Recording
from benchmarks.simulator.faults import Fault, Kind
from benchmarks.simulator.truth import legitimate
from tests.simulator.runs import KINDS, SHOP, kinds_in_runs, played


def steps(recording: Recording, number: int) -> Counter[str]:
    return Counter(
        recording.labels[s.label].step
        for s in recording.spans
        if (number in s.order if isinstance(s.order, tuple) else s.order == number)
    )


def test_without_faults_every_order_ends_well() -> None:
    recording = played(seconds=600, per_s=2)
    old = [o for o in recording.orders if o.started < 200]
    assert {o.outcome for o in old} == {"completed"}
    assert all(o.healthy and o.ended < 600 for o in old)
    for order in recording.orders[:50]:
        happened = steps(recording, order.number)
        assert set(happened.values()) == {1}, "every step once"
        reserved = happened["logistics process stock.reserved"]
        assert happened["logistics send shipment.booked"] == reserved, "a join fires once"


def test_choices_have_their_shares() -> None:
    recording = played(seconds=600, per_s=10)
    sent = Counter(recording.labels[s.label].step for s in recording.spans)
    declined = sent["payment send payment.declined"] / sent["payment process order.placed"]
    assert 0.028 < declined < 0.045
    assert sent["fraud process payment.review"] > 20


@pytest.mark.parametrize("kind", ["lost", "burst", "refund lost"])
def test_an_order_whose_message_is_lost_owes_the_step_of_who_should_have_taken_it(
    kind: Kind,
) -> None:
    recording = played(Fault(kind, 20, 60, "seller payment.captured"))
    hit = [o for o in recording.orders if o.stops]
    assert len(hit) > 100
    for order in hit:
        (stop,) = order.stops
        assert (order.outcome, stop.kind) == ("stuck", kind)
        assert stop.steps == {"seller process payment.captured"}
        assert 20 <= stop.at < 60 and stop.at < stop.due < stop.at + 1
        assert not steps(recording, order.number)["seller process payment.captured"]
        assert legitimate(order, stop.at + 1) is stop
        assert legitimate(order, stop.at - 1) is None


def test_what_is_swallowed_was_taken() -> None:
    recording = played(Fault("swallowed", where="stock payment.captured", share=0.5))
    hit = [o for o in recording.orders if o.stops]
    assert 100 < len(hit) < 350
    happened = steps(recording, hit[0].number)
    assert happened["stock process payment.captured"] == 1
    assert hit[0].stops[0].steps == {
        "stock send stock.reserved",
        "stock send stock.rejected",
        "stock send stock.ordered",
    }
    assert not set(happened) & hit[0].stops[0].steps


def test_a_crash_blocks_orders_until_it_is_over_and_silences_the_service() -> None:
    recording = played(Fault("crash", 30, 60, "stock"))
    blocked = [o for o in recording.orders if o.blocks]
    assert len(blocked) > 80
    for order in blocked:
        (block,) = order.blocks
        assert 30 <= block.at < 60.5 < block.until < 75
        assert legitimate(order, block.at + 0.1) is block
        assert legitimate(order, block.until + 60) is None
    spoken = [
        s.start for s in recording.spans if recording.resources[s.resource].service == "stock"
    ]
    assert not [at for at in spoken if 31 < at < 60]


def test_a_partition_blocks_its_own_orders_only() -> None:
    recording = played(Fault("partition", 30, math.inf, "stock payment.captured", value=3))
    blocked = {o.number % 4 for o in recording.orders if o.blocks}
    assert blocked == {3}
    assert {o.outcome for o in recording.orders if o.blocks} == {"open"}


def test_a_slow_consumer_makes_orders_late_by_minutes_and_none_stuck() -> None:
    slow = Fault("slow", 20, 140, "seller payment.captured", value=2.5)
    recording = played(slow, seconds=400, per_s=4)
    assert all(o.healthy for o in recording.orders)
    waits = _waits(recording, "payment send payment.captured", "seller process payment.captured")
    assert max(waits) > 60
    assert waits[-100] < 1, "it recovers"


def _waits(recording: Recording, first: str, second: str) -> list[float]:
    times: dict[str, dict[int, float]] = {first: {}, second: {}}
    for span in recording.spans:
        step = recording.labels[span.label].step
        if step in times and isinstance(span.order, int):
            times[step].setdefault(span.order, span.start)
    return [times[second][n] - at for n, at in sorted(times[first].items()) if n in times[second]]


@pytest.mark.parametrize(("kind", "letters"), [("poison", 1), ("poison, dropped", 0)])
def test_a_poisonous_message_fails_after_its_attempts(kind: Kind, letters: int) -> None:
    recording = played(Fault(kind, where="stock payment.captured", share=0.1, value=3))
    failed = [o for o in recording.orders if o.outcome == "failed" and o.started < 60]
    assert failed
    happened = steps(recording, failed[0].number)
    assert happened["stock process payment.captured"] == 3
    assert happened["stock send dlq.payment.captured"] == letters
    assert not happened["stock send stock.reserved"]


def test_retries_and_duplicates_do_no_harm() -> None:
    recording = played(
        Fault("retried", where="payment order.placed", share=0.2), Fault("duplicate", share=0.05)
    )
    assert all(o.healthy for o in recording.orders)
    met = Counter(kind for o in recording.orders for kind in o.met)
    assert met["retried"] > 50 and met["duplicate"] > 50
    assert any(s.error for s in recording.spans)


def test_a_deploy_changes_the_flow_from_its_moment_on() -> None:
    after = choreographies.renamed(SHOP, "shipment.booked")
    recording = played(Fault("deploy renames", 60, after=after))
    sent = {
        topic: [s.start for s in recording.spans if recording.labels[s.label].operation == topic]
        for topic in ("shipment.booked", "shipment.booked.v2")
    }
    assert 55 < max(sent["shipment.booked"]) < 65 and min(sent["shipment.booked.v2"]) >= 60
    assert all(o.healthy for o in recording.orders)
    assert {r.version for r in recording.resources if r.service == "carrier"} == {"1.0.0", "1.1.0"}
    inserted = choreographies.inserted(SHOP, "payment.captured", "screening")
    recording = played(Fault("deploy adds", 60, after=inserted))
    assert any(
        s.start > 61 and "screening process" in _step(recording, s.label) for s in recording.spans
    )
    short = choreographies.shortened(SHOP, "carrier shipment.booked")
    recording = played(Fault("deploy removes", 60, after=short))
    late = {_step(recording, s.label) for s in recording.spans if s.start > 62}
    assert "carrier process shipment.booked" not in late and "carrier serve POST /tracking" in late


def _step(recording: Recording, label: int) -> str:
    return recording.labels[label].step


@pytest.mark.parametrize("seed", range(8))
def test_random_choreographies_come_to_an_end(seed: int) -> None:
    made = choreographies.random(seed)
    assert made == choreographies.random(seed)
    assert 6 <= len(made.handlers) <= 20
    recording = played(choreography=made, per_s=1, seconds=600)
    assert {o.outcome for o in recording.orders if o.started < 200} == {"completed"}


@pytest.mark.parametrize(
    "choreography", [choreographies.ids(), choreographies.shapes(), choreographies.returns()]
)
def test_fixed_choreographies_come_to_an_end(choreography: Choreography) -> None:
    recording = played(choreography=choreography, per_s=1, seconds=600)
    assert {o.outcome for o in recording.orders if o.started < 200} == {"completed"}


def test_the_same_seed_plays_the_same_run() -> None:
    faults = (Fault("lost", share=0.01), Fault("duplicate", share=0.01))
    assert played(*faults).spans == played.__wrapped__(*faults).spans
    assert played(*faults).spans != played(*faults, seed=2).spans


def test_the_benchmark_has_every_fault() -> None:
    assert kinds_in_runs() == set(KINDS)
