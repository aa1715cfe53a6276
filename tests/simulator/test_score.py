"""Marks: what counts as found, as false, as nobody's fault."""

import math

from benchmarks.detection_baselines import Seen, all_of
from benchmarks.detection_score import Alarm, Marks, alarms, marks
from benchmarks.simulator.events import Recording
from benchmarks.simulator.faults import Fault
from benchmarks.simulator.otlp import exports
from benchmarks.simulator.play import Said
from benchmarks.simulator.truth import Order
from tests.simulator.runs import played

LOST = Fault("lost", 60, 200, "seller payment.captured", 0.1)
SELLER = "seller process payment.captured"


def marked(recording: Recording, *raised: Alarm) -> Marks:
    return marks(recording, raised)


def alarm(order: Order, at: float, step: str = SELLER, verdict: str = "odd_order") -> Alarm:
    return Alarm(order.number, at, math.inf, "stuck", verdict, (step,))


def test_words_become_alarms() -> None:
    recording = played()
    order = recording.orders[3]
    said = [
        Said(at, order.workflow, order.order_id, state, "", step)
        for at, state, step in [
            (5, "in_progress", "a"),
            (10, "stuck", "a"),
            (15, "stuck", "b"),
            (20, "completed", "c"),
            (30, "failed", "d"),
        ]
    ]
    first, second = alarms(said, recording.orders)
    assert (first.order, first.at, first.until, first.steps) == (3, 10, 20, ("a", "b"))
    assert (second.at, second.until, second.state) == (30, math.inf, "failed")


def test_found_missed_false_and_too_early() -> None:
    recording = played(LOST, seconds=400)
    stuck = [o for o in recording.orders if o.stops and not o.compensated]
    healthy = next(o for o in recording.orders if o.healthy)
    found, missed, wrong_edge, early = stuck[:4]
    total = marked(
        recording,
        alarm(found, found.stops[0].due + 20),
        alarm(wrong_edge, wrong_edge.stops[0].due + 10, "crm process order.shipped"),
        alarm(early, early.stops[0].at - 5),
        alarm(healthy, 100),
    )
    mark = total.kinds["lost"]
    assert (mark.orders, mark.found, mark.right_edge) == (len(stuck), 2, 1)
    assert sorted(round(t) for t in mark.times) == [10, 20]
    assert (total.right, total.false) == (2, 2)
    assert missed.order_id in " ".join(mark.examples)


def test_an_alarm_about_a_dropped_leaf_is_nobodys_fault() -> None:
    recording = played(seed=3)
    order = recording.orders[5]
    order.unseen.add("crm process order.shipped")
    total = marked(recording, alarm(order, 100, "crm process order.shipped"))
    assert (total.false, total.leaves, total.right) == (0, 1, 0)


def test_incidents_are_right_or_false() -> None:
    recording = played(Fault("crash", 60, 120, "stock"), seconds=300)
    blocked = [o for o in recording.orders if o.blocks and o.blocks[0].at < 70]
    healthy = [o for o in recording.orders if o.healthy][:2]
    step = "stock process payment.captured"
    total = marked(
        recording,
        *(alarm(o, 80, step, "edge_stopped") for o in blocked),
        *(alarm(o, 200, "crm process order.shipped", "edge_stopped") for o in healthy),
    )
    mark = total.kinds["crash"]
    assert (mark.incidents, mark.incidents_found) == (1, 1)
    assert 15 < mark.incident_times[0] < 21
    assert sum(m.false_incidents for m in total.kinds.values()) == 1


def test_baselines_find_lost_messages_and_cry_wolf_when_a_queue_grows() -> None:
    slow = Fault("slow", 250, 330, "crm order.shipped", value=3.0)
    lost = Fault("lost", 200, 320, "stock payment.captured", 0.05)
    recording = played(slow, lost, seconds=500)
    seen = Seen(recording, exports(recording).seen, 200)
    for name, raised in all_of(seen).items():
        total = marks(recording, [a for a in raised if a.at > 200], (), 200)
        if "10 min" in name or "30 min" in name:
            assert not total.right, "the run is shorter"
        else:
            assert total.kinds["lost"].found > 0.9 * total.kinds["lost"].orders > 10, name
        if name == "deadline per edge":
            assert total.false > 20
