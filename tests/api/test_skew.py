"""Clocks that are off are found from what they say of each other, and change no alarm."""

import math
import random
from collections.abc import Callable, Iterable
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.api.models import PathPart
from collector.api.order import spans as spans_of
from collector.api.services import services
from collector.api.times import from_text
from collector.jobs.skew import OURS, Bound, Clock, estimate, offsets
from tests.engine.fixtures import KINDS
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read
from tests.golden.world import DAWN, world

S = 1_000_000_000
MS = 1_000_000


def clock(name: str) -> Clock:
    return (name, "")


def seen(
    true: dict[str, float], messages: Iterable[str], calls: Iterable[str] = (), least: float = 0.1
) -> list[Bound]:
    """Bounds as services with these clocks (seconds ahead) would give; `a>b`: a sends to b."""
    bounds = []
    for pair in [*messages, *calls]:
        a, b = pair.split(">")
        delay = int((least + true.get(b, 0) - true.get(a, 0)) * S)
        bounds.append(Bound(clock(a), clock(b), delay, 50))
    for pair in calls:
        a, b = pair.split(">")
        delay = int((0.002 + true.get(a, 0) - true.get(b, 0)) * S)
        bounds.append(Bound(clock(b), clock(a), delay, 50))
    return bounds


def found(bounds: list[Bound]) -> dict[str, float]:
    return {service: o.offset_ns / S for (service, _), o in offsets(bounds).items()}


CHAIN = ["checkout>payment", "payment>stock", "stock>cd", "cd>invoice"]


def test_clocks_that_agree_are_left_alone() -> None:
    assert set(found(seen({}, CHAIN, ["web>checkout"])).values()) == {0}


def test_a_host_four_seconds_behind_is_found_from_messages_alone() -> None:
    for service in ("payment", "stock", "invoice"):
        offset = found(seen({service: -4}, CHAIN))
        assert abs(offset.pop(service) + 4) < 0.5
        assert set(offset.values()) == {0}


def test_a_host_ahead_is_found() -> None:
    offset = found(seen({"payment": 5}, CHAIN))
    assert abs(offset.pop("payment") - 5) < 0.5
    assert set(offset.values()) == {0}


def test_calls_bound_a_clock_at_both_sides() -> None:
    estimate = offsets(seen({"stock": 2}, [], ["web>stock", "stock>db"], least=0.003))
    stock = estimate[clock("stock")]
    assert abs(stock.offset_ns - 2 * S) < 10 * MS
    assert 0 < stock.width_ns < 10 * MS
    assert math.isinf(offsets(seen({}, ["a>b"]))[clock("b")].width_ns)


def test_spans_that_come_before_they_ended_are_of_a_clock_ahead() -> None:
    ours = [Bound(clock("a"), OURS, -3 * S, 50), Bound(clock("b"), OURS, S // 2, 50)]
    assert found(ours) == {"a": 2.999, "b": 0}


def test_what_contradicts_itself_gives_way() -> None:
    """Two clocks that drifted: each seems to be behind the other."""
    bounds = [Bound(clock("a"), clock("b"), -S), Bound(clock("b"), clock("a"), -S)]
    assert set(found(bounds)) == {"a", "b"}


def test_no_bounds() -> None:
    assert offsets([]) == {}
    assert offsets([Bound(clock("a"), clock("a"), -S)]) == {}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_bounds_are_kept_and_it_comes_to_an_end(data: st.DataObject) -> None:
    names = [clock(name) for name in "abcdef"]
    true = {name: data.draw(st.integers(-5, 5)) * S for name in names}
    bounds = [
        Bound(u, v, data.draw(st.integers(0, 3)) * S + true[v] - true[u], 9)
        for u in names
        for v in names
        if u != v and data.draw(st.booleans())
    ]
    estimate = {name: o.offset_ns for name, o in offsets(bounds).items()}
    for bound in bounds:
        assert estimate[bound.target] - estimate[bound.source] <= bound.most_ns + MS


def test_hundreds_of_clocks_take_seconds_at_most() -> None:
    chance = random.Random(1)
    names = [f"s{i}" for i in range(300)]
    true = {name: chance.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, -4.0, 3.0]) for name in names}
    pairs = [f"{chance.choice(names)}>{chance.choice(names)}" for _ in range(1500)]
    bounds = seen(true, pairs)
    estimate = found(bounds)
    wrong = [n for n in estimate if abs(estimate[n] - true[n]) > 0.5]
    assert len(wrong) <= 3


# -- in the product --------------------------------------------------------------------------------


def lived(place: str, ahead: dict[str, float]) -> dict[str, Any]:
    """The story of a consumer that falls silent, as it comes live, with these clocks ahead."""
    story = read("silent_consumer")
    told: dict[str, Any] = {}
    with world(place, now=DAWN) as here:
        for first in range(0, story.orders, 5):
            here.clock.advance(5)
            spans = [
                request(
                    order_id(n),
                    DAWN + n * S + int(ahead.get(span["does"].split()[0], 0) * S),
                    span,
                )
                for n in range(first, first + 5)
                for span in story.odd.get(n, story.usual)
            ]
            here.take(joined(spans))
        here.settle()
        for _ in range(2):  # more than 30 s between ticks would count as a pause
            here.clock.advance(25)
            here.parts.runner.tick()
        told["orders"] = {o.order_id: (o.state, o.verdict, o.step) for o in here.orders()}
        estimate(here.parts.engine, here.clock.now())  # it ran by itself when few had come
        told["services"] = services(here.parts.reader).services
        told["whole"], told["stuck"] = here.order(order_id(3)), here.order(order_id(39))
        told["raw"] = spans_of(here.parts.reader, workflow="order", id=order_id(3)).spans
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_come_from_calls_links_and_polls(
    kind: str, engine_url: Callable[[str], str]
) -> None:
    """As the engine finds them; spans that come live bound every clock at one side."""
    flow = [
        {"does": "web serve GET /", "id": "asked", "took": 0.5},
        {"does": "web call GET /price", "id": "call", "under": "asked", "at": 0.1, "took": 0.1},
        {"does": "price serve GET /price", "under": "call", "at": 0.12, "took": 0.05},
        {"does": "web call GET /slow", "id": "lost", "under": "asked", "at": 0.1, "took": 0.1},
        {"does": "price serve GET /slow", "under": "lost", "at": 0.12, "took": 0.9},  # given up
        {"does": "web send seen", "id": "sent", "under": "asked", "at": 0.3},
        {"does": "mail process seen", "trace": "2", "links": [["", "sent"]], "at": 0.6},
        {"does": "log receive seen", "trace": "3", "links": [["", "sent"]], "at": -3, "took": 3.7},
    ]
    ahead = {"price": 2.0, "mail": -4.0}
    with world(engine_url(kind), now=DAWN) as here:
        here.clock.advance(30)
        spans = [
            request(
                order_id(n), DAWN + n * S + int(ahead.get(span["does"].split()[0], 0) * S), span
            )
            for n in range(20)
            for span in flow
        ]
        here.take(joined(spans))
        here.parts.runner.tick()
        found = estimate(here.parts.engine, here.clock.now())
        shown = {s.service: s for s in services(here.parts.reader).services}
    assert {c: round(o.offset_ns / S, 1) for c, o in found.items() if o.offset_ns} == {
        ("price", ""): 2.0,
        ("mail", ""): -3.7,
    }
    assert shown["price"].clock_width_s == pytest.approx(0.05, abs=0.005)
    assert (
        shown["mail"].clock_width_s is not None
    )  # messages at one side, our own clock at the other
    assert shown["log"].clock_offset_s == 0


def test_clocks_that_are_off_change_no_alarm_and_are_shown(
    engine_url: Callable[[str], str],
) -> None:
    right = lived(engine_url("chdb"), {})
    assert {state for state, _, _ in right["orders"].values()} == {"completed", "stuck"}
    assert {s.clock_offset_s for s in right["services"]} == {0}
    assert right["whole"].clock_offsets == []
    ahead = {"payment": -4.0, "stock": 5.0}
    wrong = lived(engine_url("chdb"), ahead)
    assert wrong["orders"] == right["orders"]
    for service in wrong["services"]:
        assert abs(service.clock_offset_s - ahead.get(service.service, 0)) < 0.5, service
    assert {o.service for o in wrong["whole"].clock_offsets} >= set(ahead)
    for name in ("whole", "stuck"):
        assert_adds_up(wrong[name].critical_path)
        assert services_of(wrong[name].critical_path) == services_of(right[name].critical_path)
    raw = {s.span_id: s.started_at for s in wrong["raw"] if s.service == "payment"}
    moved = {s.span_id: s.started_at for s in right["raw"] if s.service == "payment"}
    assert raw.keys() == moved.keys()
    assert all(raw[id_] != moved[id_] for id_ in raw)  # as it came, not as it was corrected


def services_of(parts: list[PathPart]) -> list[str]:
    """The services that the path leads through, in its order."""
    return [service for service, _ in groupby(part.service for part in parts)]


def assert_adds_up(parts: list[PathPart]) -> None:
    for one, following in pairwise(parts):
        assert one.ended_at == following.started_at
    total = from_text(parts[-1].ended_at, name="", default=0)
    total -= from_text(parts[0].started_at, name="", default=0)
    assert sum(part.duration_ns for part in parts) == total
    assert all(part.duration_ns >= 0 for part in parts)
