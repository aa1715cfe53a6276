"""Golden stories on both engines, and the same answer however the spans come."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.engine import EngineError
from tests.engine.fixtures import KINDS
from tests.golden.spans import joined
from tests.golden.stories import NAMES, answer, expected, read, requests, tell
from tests.golden.world import world

Place = Callable[[str], str]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_story_comes_out_as_told(name: str, kind: str, engine_url: Place) -> None:
    story = read(name)
    with world(engine_url(kind)) as here:
        tell(here, story)
        assert answer(here, story) == expected(name)


@pytest.mark.parametrize(
    "name",
    [
        "link_instead_of_parent",
        pytest.param("key_on_last_span", marks=pytest.mark.matrix),
        pytest.param("batch", marks=pytest.mark.matrix),
    ],
)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 5), doubled=st.floats(0, 0.5))
def test_order_batches_and_doubles_change_nothing(
    name: str, engine_url: Place, seed: int, cuts: int, doubled: float
) -> None:
    """Shuffled, partly sent twice, in several requests with the jobs running in between."""
    assert_same_answer(name, engine_url("chdb"), seed=seed, cuts=cuts, doubled=doubled)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["lost_message", "retry"])
def test_both_engines_take_spans_doubled_and_split(name: str, kind: str, engine_url: Place) -> None:
    assert_same_answer(name, engine_url(kind), seed=7, cuts=3, doubled=0.3)


def assert_same_answer(name: str, place: str, *, seed: int, cuts: int, doubled: float) -> None:
    """Told shuffled, partly twice, in several requests with the jobs running in between."""
    story = read(name)
    chance = random.Random(seed)
    told = requests(story)
    told += [request for request in told if chance.random() < doubled]
    chance.shuffle(told)
    size = -(-len(told) // cuts)
    with world(place) as here:
        for start in range(0, len(told), size):
            here.take(joined(told[start : start + size]))
            here.clock.advance(1)
            here.parts.runner.tick()
        here.settle()
        found = answer(here, story)
    # How long ago things happened is the only thing that may differ.
    for side in (wanted := expected(name), found):
        for order in side.values():
            order.pop("owed", None)
    assert found == wanted


def test_a_correlation_that_is_cut_off_is_taken_up_again(
    engine_url: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when traces had found their orders, but the traces linked to them hadn't yet."""
    story = read("link_instead_of_parent")
    place = engine_url("chdb")
    told = requests(story)
    keyed = [request for request in told if b"checkout" in request.SerializeToString()]
    with world(place) as here:
        here.take(joined(request for request in told if request not in keyed))
        here.parts.runner.tick()
        here.take(joined(keyed))
        whole = here.parts.runner._do.run

        def cut(name: str, **params: object) -> None:
            if params.get("neighbours_of"):
                raise EngineError("killed")
            whole(name, **params)

        monkeypatch.setattr(here.parts.runner._do, "run", cut)
        with pytest.raises(EngineError):
            here.parts.runner.tick()
    with world(place) as here:
        here.settle()
        assert answer(here, story)["orders"] == expected("link_instead_of_parent")["orders"]


def test_orders_that_a_killed_collector_had_not_judged_yet_are_judged(
    engine_url: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the orders were put together and nothing was said of them."""
    story = read("happy")
    place = engine_url("chdb")
    with world(place) as here:
        here.take(joined(requests(story)))
        whole = here.parts.runner._do.run

        def cut(name: str, **params: object) -> None:
            if name == "frontier":
                raise EngineError("killed")
            whole(name, **params)

        monkeypatch.setattr(here.parts.runner._do, "run", cut)
        with pytest.raises(EngineError):
            here.parts.runner.tick()
        assert not here.orders()
    with world(place) as here:
        here.settle()
        assert answer(here, story)["orders"] == expected("happy")["orders"]
