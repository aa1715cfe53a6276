"""Verdicts on orders whose facts are told: a story is a workflow, and all are judged in one go."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from collector.engine import Engine, EngineError, Param
from collector.engine.connect import open_engine
from collector.jobs.judging import Judging
from collector.jobs.learning import Learner
from collector.jobs.statements import Statements
from collector.schema.migrate import migrate
from tests.jobs.told_orders import DAWN, SECOND, Order, tell

NOW_S = 100_000.0
NOW = DAWN + int(NOW_S) * SECOND
A, B, C, D = (f"{name} send {name}" for name in ("a", "b", "c", "d"))
_SERVICES = (
    "INSERT INTO services (service, first_seen, last_seen, first_live, last_live) "
    "SELECT arrayJoin(['a', 'b', 'c']), now64(9), now64(9), now64(9), now64(9)"
)


def ordered(start: float, took: float, name: str = "") -> Order:
    """a, then b after `took` seconds, and c right after that."""
    order = Order(start, name=name)
    b = order.take(B, order.take(A), took)
    order.take(C, b)
    return order


def began(start: float, name: str = "") -> Order:
    """a, and nothing yet."""
    return ordered(start, 1, name).without(B, C)


def taking_hours() -> list[Order]:
    """The wait for b is anything from half an hour to two, and thousands are in it at any time."""
    known = [ordered(n * 4, 1800 + n * 7919 % 5400) for n in range(2500)]
    return known + [
        ordered(start, took)
        if start + took < NOW_S - 10
        else began(start, "lost" if n == 1000 else "")
        for n in range(4000)
        for start, took in [(NOW_S - 9000 + n * 2.24, 1800 + n * 7919 % 5400)]
    ]


def told_late() -> list[Order]:
    """Of b's spans one in thirty comes a minute late; c, which follows it, comes in time."""
    orders = [ordered(90_000 + n, 0.3 + n % 7 / 10) for n in range(9990)]
    for order in orders[::30]:
        order.steps[1].seen = 60.0
    return [*orders, began(NOW_S - 30.5, "lost"), began(NOW_S - 5.2, "new")]


def told_backwards() -> list[Order]:
    """A span of a comes a minute after that of b: nobody who waits since then was overtaken."""
    orders = [ordered(90_000 + n, 0.3 + n % 7 / 10) for n in range(9980)]
    late = ordered(NOW_S - 62, 0.5)
    late.steps[0].seen = 61.9
    return [*orders, late, began(NOW_S - 8, "waits")]


def retried() -> list[Order]:
    """b fails and is tried again; once the attempt that works is dropped, once there is none."""
    orders = [ordered(90_000 + 9 * n, 0.5) for n in range(900)]
    dropped, dead = ordered(NOW_S - 500, 0.5, "dropped"), ordered(NOW_S - 400, 0.5, "dead")
    for order in (dropped, dead):
        order.steps[1].failed = True
    dropped.steps[2].at += 5
    failing = ordered(NOW_S - 22, 0.5, "failing").without(C)
    failing.steps[1].failed, failing.steps[1].seen = True, 13.0
    after = [ordered(NOW_S - 20 + n, 0.5) for n in range(14)]
    return [*orders, dropped, dead.without(C), failing, *after]


def detoured() -> list[Order]:
    """One in ten takes a detour of half a minute. Of one that does, a's span comes after that."""
    orders = []
    for n in range(900):
        order = Order(90_000 + n)
        a = order.take(A)
        order.take(B, order.take(D, a) if n % 10 == 0 else a, 30.0 if n % 10 == 0 else 0.3)
        orders.append(order)
    late = Order(NOW_S - 40, name="late")
    late.take(D, late.take(A))
    late.steps[0].seen = 20.0
    return [*orders, late, *(ordered(NOW_S - 20 + n, 0.3).without(C) for n in range(10))]


def busy() -> list[Order]:
    """Of the same services: one span of b in a hundred comes half a minute late."""
    orders = [ordered(NOW_S - 58 + n / 20, 0.3) for n in range(1000)]
    for order in orders[::100]:
        order.steps[1].seen = 30.0
    return orders


def rare() -> list[Order]:
    """Few take this way, and no span of theirs came late yet. Nothing follows b."""
    known = [ordered(90_000 + 100 * n, 0.3) for n in range(60)]
    after = [ordered(NOW_S - 18 + n, 0.3) for n in range(12)]
    return [*(order.without(C) for order in [*known, *after]), began(NOW_S - 20, "waits")]


def untold() -> list[Order]:
    """For a minute no span of b comes, and c, which follows it, does."""
    orders = [ordered(90_000 + n, 0.3 + n % 7 / 10) for n in range(9940)]
    since = [ordered(99_940 + 4 * n, 0.5).without(B) for n in range(14)]
    return [*orders, *since, began(NOW_S - 15, "unseen")]


def refused() -> list[Order]:
    """a asks b and goes on. Once b says no and a is done; once a goes on then; once a dies."""

    def asked(start: float, name: str = "", *, no: bool = False) -> Order:
        order = Order(start, name=name)
        entry = order.take("a serve order", took=0)
        call = order.take("a call charge", entry)
        order.take("b serve charge", call)
        order.take(A, entry, 0.5)
        entry.ended, call.ended, call.failed = 0.6, 0.3, no
        return order

    known = [asked(90_000 + 9 * n) for n in range(900)]
    after = [asked(NOW_S - 30 + n) for n in range(20)]
    no, died = asked(NOW_S - 40, "no", no=True), asked(NOW_S - 40, "died")
    return [*known, *after, asked(NOW_S - 40, "minor", no=True), no.without(A), died.without(A)]


class Judged:
    """The stories, learned from and judged."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        migrate(engine, NOW)
        engine.query(_SERVICES, lane="job")
        stories = (taking_hours, told_late, told_backwards, retried, detoured, busy, rare, untold)
        stories = (*stories, refused)
        for number, story in enumerate(stories):
            tell(engine, story(), story.__name__, version=number + 1)
        Learner(engine).learn(NOW, 0)
        versions = itertools.count(NOW)
        self.statements = Statements(engine)
        self.judging = Judging(self.statements, lambda: next(versions), min_orders=20)
        self.statements.run("lateness", since=0, now=NOW)
        self.judging.reform(NOW, 0)
        self.judging.judge(NOW, 0, (0, 0))

    def words(self, workflow: str) -> dict[str, tuple[str, str]]:
        return {
            row["order_id"]: (row["state"], row["verdict"]) for row in self.rows(workflow=workflow)
        }

    def rows(self, **params: Param) -> list[dict[str, Any]]:
        asked = "SELECT * FROM orders FINAL WHERE workflow = {workflow:String}"
        return self.engine.query(asked, params).to_pylist()


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    engine = open_engine(f"chdb://{tmp_path_factory.mktemp('judged') / 'data'}")
    try:
        yield Judged(engine)
    finally:
        engine.close()


def test_however_many_wait_where_waits_differ_that_is_no_alarm(judged: Judged) -> None:
    words = judged.words("taking_hours")
    assert Counter(words.values())["in_progress", "on_time"] > 1500
    assert {name for name, word in words.items() if word[0] == "stuck"} <= {"lost"}


def test_a_span_that_comes_late_hides_no_loss_if_the_next_one_came(judged: Judged) -> None:
    words = judged.words("told_late")
    assert words["lost"] == ("stuck", "odd_order")
    assert words["new"][0] == "in_progress"


def test_who_waited_before_somebody_elses_late_span_was_not_overtaken_earlier(
    judged: Judged,
) -> None:
    assert judged.words("told_backwards")["waits"] != ("stuck", "odd_order")


def test_a_failure_that_led_on_later_was_none(judged: Judged) -> None:
    words = judged.words("retried")
    assert words["dropped"] == ("completed", "")
    assert words["dead"][0] == "failed"
    assert words["failing"] == ("in_progress", "suspect")


def test_who_was_told_no_and_is_done_waits_for_nothing(judged: Judged) -> None:
    words = judged.words("refused")
    assert words["no"] == ("failed", "dead")
    assert words["minor"] == ("completed", "")
    assert words["died"] == ("in_progress", "suspect")
    [row] = [row for row in judged.rows(workflow="refused") if row["order_id"] == "no"]
    assert (row["step"], row["service"], row["diagnosis"]) == ("a call charge", "a", "failed")


def test_a_span_may_be_late_on_a_rare_way_as_everywhere(judged: Judged) -> None:
    assert judged.words("rare")["waits"] == ("in_progress", "suspect")


def test_a_detour_is_known_before_the_late_span_from_where_it_leads(judged: Judged) -> None:
    assert judged.words("detoured")["late"] == ("in_progress", "on_time")


def test_who_waits_for_a_service_whose_spans_are_missing_is_not_stuck(judged: Judged) -> None:
    assert judged.words("untold")["unseen"] == ("unknown", "no_telemetry")


def test_what_did_not_change_is_not_judged_again(judged: Judged) -> None:
    def stored() -> int:
        return int(judged.engine.query("SELECT count() AS n FROM orders").to_pylist()[0]["n"])

    before = stored()
    judged.judging.judge(NOW + 1000, NOW + 10_000, (0, 0))
    assert stored() == before


def test_a_judge_that_fails_is_made_up_for(judged: Judged, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of owed steps is stored, the verdicts on their orders aren't."""
    later = NOW + 600 * SECOND
    run = judged.statements.run

    def failing(name: str, **params: Param) -> None:
        if name == "judge":
            raise EngineError("out of memory")
        run(name, **params)

    with monkeypatch.context() as broken:
        broken.setattr(judged.statements, "run", failing)
        with pytest.raises(EngineError):
            judged.judging.judge(later, later, (0, 0))
    assert judged.words("told_late")["new"][0] == "in_progress"
    judged.judging.judge(later, later, (0, 0))
    assert judged.words("told_late")["new"][0] == "stuck"
