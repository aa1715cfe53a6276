"""Orders judged by a declared flow, on a clock that tests turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from collector.api.expectations import expectations, exported
from collector.api.models import Expectation
from collector.api.summary import summary
from collector.app import parts
from collector.clock import VirtualClock
from collector.settings import SettingsError
from tests.engine.fixtures import KINDS
from tests.golden.spans import joined
from tests.golden.stories import order_id, read, requests
from tests.golden.world import DAWN, LATER, World, settings
from tests.jobs.test_live import FLOW, SECOND, split, states, told

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
def declaring(engine_url: str, folder: Path, text: str, now: int = DAWN) -> Iterator[World]:
    """A world with a folder for declared flows, and one of them unless the text is empty."""
    if text:
        (folder / "order.yaml").write_text(text)
    clock = VirtualClock(now)
    with parts(replace(settings(engine_url), flows=folder), clock) as opened:
        yield World(clock, opened)


def watch(here: World, feed: list[tuple[int, bytes]], *seconds: int) -> None:
    """Tick at these seconds, having taken in what has come by then."""
    for second in seconds:
        before, now = here.clock.now(), DAWN + second * SECOND
        here.clock.advance((now - before) / SECOND)
        due = [body for at, body in feed if before < at <= now]
        if due:
            here.take(b"".join(due))
        here.parts.runner.tick()


def sources(here: World) -> dict[tuple[str, str], tuple[str, float]]:
    return {(rule.after, rule.step): (rule.source, rule.limit_s) for rule in rules(here)}


def rules(here: World) -> list[Expectation]:
    return expectations(here.parts.reader).expectations


def tick(here: World) -> None:
    here.clock.advance(1)
    here.parts.runner.tick()


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

        watch(here, feed, 1, 2, 3, 4, 20, 30)
        assert {(n, state) for (state, _), n in states(here).items()} == {
            (2, "completed"),
            (1, "in_progress"),
        }
        watch(here, feed, 34)
        order = here.order(order_id(1))
        assert (order.state, order.verdict, order.step) == ("stuck", "odd_order", TAKEN)
        [owed] = order.owed
        assert (owed.diagnosis, owed.service) == ("not_consumed", "stock")
        assert owed.sentence.startswith("stock did not consume payment.taken: published ")

        here.take(told(1, FLOW)[-2][1])
        watch(here, [], 38)
        assert states(here) == {("completed", ""): 3}


def test_a_flow_is_taken_over_while_the_collector_runs(engine_url: Place, tmp_path: Path) -> None:
    with declaring(engine_url("chdb"), tmp_path, "", LATER) as here:
        here.take(joined(requests(read("happy"))))
        here.settle()
        learned = {rule.rule: rule for rule in rules(here)}
        assert {rule.source for rule in learned.values()} == {"learned"}
        limit_s = sources(here)[SENT, TAKEN][1]

        here.parts.declared.put("order", DECLARED.encode())
        tick(here)
        assert sources(here)[SENT, TAKEN] == ("declared", 30.0)
        assert [r.source for r in rules(here)].count("declared") == 1
        [rule] = [rule for rule in rules(here) if rule.source == "declared"]
        assert (rule.seen, rule.of, rule.within_s) == (40, 40, 30.0)
        assert "40 of 40 orders" in rule.text

        (tmp_path / "order.yaml").write_text(DECLARED.replace("    within: 30s\n", ""))
        tick(here)
        assert sources(here)[SENT, TAKEN] == ("declared", limit_s)

        # What is in force, as a file, is in force again, whole.
        content = exported(here.parts.reader, here.parts.declared)
        here.parts.declared.put("order", content.encode())
        tick(here)
        again = {rule.rule: rule for rule in rules(here)}
        assert again.keys() == learned.keys()
        assert {rule.source for rule in again.values()} == {"declared"}
        for name, rule in again.items():
            known = learned[name]
            assert (rule.handover, rule.seen, rule.of) == (known.handover, known.seen, known.of)
            assert rule.limit_s == pytest.approx(known.limit_s)
        lines = content.splitlines()
        once_more = exported(here.parts.reader, here.parts.declared).splitlines()
        assert [line for line in once_more if "#" not in line] == [
            line for line in lines if "#" not in line
        ]

        here.parts.declared.put(
            "order", f"workflow: order\nsteps: {{t: {{on: {TAKEN}, optional: true}}}}".encode()
        )
        tick(here)
        assert TAKEN not in {rule.step for rule in rules(here)}
        here.parts.declared.delete("order")
        tick(here)
        assert {rule.rule for rule in rules(here)} == learned.keys()
        assert states(here) == {("completed", ""): 40}

        # Whose spans it binds changes with the file, too.
        here.parts.declared.put("order", f"{DECLARED}services: [elsewhere]".encode())
        tick(here)
        here.take(b"".join(body for _, body in told(900, FLOW)))
        tick(here)
        assert len(here.orders(workflow="order")) == 40 < len(here.orders())


REFUSED = [
    *FLOW[:5],
    {"does": "stock process payment.taken", "id": "refusing", "under": "told", "at": 0.5},
    {"does": "stock send stock.rejected", "id": "no", "under": "refusing", "at": 0.52},
    {"does": "payment process stock.rejected", "id": "undoing", "under": "no", "at": 0.7},
    {"does": "payment send payment.refunded", "id": "undone", "under": "undoing", "at": 0.72},
]
REFUNDED = "payment send payment.refunded"


def test_undoing_is_proposed_declared_and_watched(engine_url: Place, tmp_path: Path) -> None:
    feed = [body for n in range(60) for _, body in told(n, REFUSED if n % 3 == 0 else FLOW)]
    with declaring(engine_url("chdb"), tmp_path, "", LATER) as here:
        here.take(b"".join(feed))
        here.settle()
        [proposal] = expectations(here.parts.reader, workflow="order").proposals
        assert (proposal.step, proposal.compensates) == (REFUNDED, SENT)
        assert (proposal.seen, proposal.of) == (20, 20)
        content = exported(here.parts.reader, here.parts.declared)
        assert (
            f"    # {REFUNDED} seems to undo {SENT} ({proposal.why}; 20 of 20 orders)." in content
        )
        assert f"    # compensates: {SENT}" in content
        choices = [rule for rule in rules(here) if len(rule.any_of) > 1]
        assert all(0 < (found.share or 0) < 1 for rule in choices for found in rule.any_of)

        # Take the remark off the line, as people would.
        taken_up = content.replace("# compensates", "compensates")
        here.parts.declared.put("order", taken_up.encode())
        tick(here)
        assert expectations(here.parts.reader, workflow="order").proposals == []
        [undoing] = [rule for rule in rules(here) if rule.compensates]
        assert (undoing.step, undoing.compensates, undoing.source) == (REFUNDED, [SENT], "declared")
        assert f"{REFUNDED} undoes {SENT} after " in undoing.text

        whole, half = told(100, REFUSED), told(101, REFUSED[:-1])
        here.take(b"".join(body for _, body in whole + half))
        here.settle()
        undone = here.order(order_id(100))
        assert undone.state == "compensated"
        assert {s.step: s.state for s in undone.steps}[SENT] == "compensated"
        stuck = here.order(order_id(101))
        assert (stuck.state, stuck.verdict) == ("stuck", "compensation_stuck")
        assert [owed.step for owed in stuck.owed] == [REFUNDED]


def test_a_wrong_file_refuses_the_start(engine_url: Place, tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match=r"order\.yaml, line 5: within: soon; expected a time"),
        declaring(engine_url("chdb"), tmp_path, DECLARED.replace("30s", "soon")),
    ):
        pass
