"""Orders judged by a declared flow, on a clock that tests turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from collector.api.expectations import expectations
from collector.api.summary import summary
from collector.app import parts
from collector.clock import VirtualClock
from collector.settings import SettingsError
from tests.engine.fixtures import KINDS
from tests.golden.stories import order_id
from tests.golden.world import DAWN, World, settings
from tests.jobs.test_live import FLOW, play, split, states, told

Place = Callable[[str], str]
SENT, TAKEN = "payment send payment.taken", "stock process payment.taken"
DECLARED = f"""\
workflow: order
steps:
  - step: {TAKEN}
    after: {SENT}
    within: 30s
"""


@contextmanager
def declaring(engine_url: str, folder: Path, text: str) -> Iterator[World]:
    """A world with one declared flow; none if the text is empty."""
    path = folder / "order.yaml"
    path.write_text(text) if text else path.unlink()
    clock = VirtualClock(DAWN)
    with parts(replace(settings(engine_url), flows=folder), clock) as opened:
        yield World(clock, opened)


def sources(here: World) -> dict[tuple[str, str], tuple[str, float]]:
    found = expectations(here.parts.reader).expectations
    return {(rule.after, rule.step): (rule.source, rule.limit_s) for rule in found}


@pytest.mark.parametrize("kind", KINDS)
def test_three_orders_of_which_one_misses_a_step(
    kind: str, engine_url: Place, tmp_path: Path
) -> None:
    lost = split(FLOW, "reserved", "done")[0]
    feed = [item for n in range(3) for item in told(n, lost if n == 1 else FLOW)]
    with declaring(engine_url(kind), tmp_path, DECLARED) as here:
        here.parts.runner.tick()
        assert sources(here) == {(SENT, TAKEN): ("declared", 30.0)}
        assert here.orders() == []
        assert summary(here.parts.reader).judged.settled

        play(here, feed, 20)
        assert states(here) == {("completed", ""): 2, ("in_progress", "on_time"): 1}
        sentence = here.order(order_id(1)).owed[0].sentence
        assert sentence.endswith("; declared to come within 30 s.")

        play(here, [], 30)
        assert states(here) == {("completed", ""): 2, ("in_progress", "on_time"): 1}
        play(here, [], 34)
        order = here.order(order_id(1))
        assert (order.state, order.verdict, order.step) == ("stuck", "odd_order", TAKEN)
        [owed] = order.owed
        assert (owed.diagnosis, owed.service, owed.of) == ("not_consumed", "stock", 0)
        assert owed.sentence.startswith("stock did not consume payment.taken: published ")
        assert "by payment, 33 s ago; declared to come within 30 s; stock's last" in owed.sentence
        assert " 0 of 0 " not in owed.sentence

        here.take(told(1, FLOW)[-2][1])
        here.clock.advance(4)
        here.parts.runner.tick()
        assert states(here) == {("completed", ""): 3}


def test_declared_wins_over_learned_until_the_file_is_gone(
    engine_url: Place, tmp_path: Path
) -> None:
    place = engine_url("chdb")
    feed = [item for n in range(25) for item in told(n, FLOW)]
    with declaring(place, tmp_path, DECLARED) as here:
        play(here, feed, 50)
        rules = sources(here)
        assert rules[SENT, TAKEN] == ("declared", 30.0)
        assert {source for source, _ in rules.values()} == {"declared", "learned"}
        [rule] = [r for r in expectations(here.parts.reader).expectations if r.step == TAKEN]
        assert (rule.seen, rule.of) == (25, 25)
    later = DECLARED.replace("    within: 30s\n", "")
    with declaring(place, tmp_path, later) as here:
        here.clock.advance(51)
        here.parts.runner.tick()
        source, limit_s = sources(here)[SENT, TAKEN]
        assert (source, limit_s < 30) == ("declared", True)
    with declaring(place, tmp_path, "") as here:
        here.clock.advance(52)
        here.parts.runner.tick()
        assert sources(here)[SENT, TAKEN] == ("learned", limit_s)
        assert states(here) == {("completed", ""): 25}


def test_a_wrong_file_refuses_the_start(engine_url: Place, tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match=r"order\.yaml, line 5: within: soon; expected a time"),
        declaring(engine_url("chdb"), tmp_path, DECLARED.replace("30s", "soon")),
    ):
        pass
