"""The critical path of an order: it adds up exactly, whatever the spans say."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.api.path import Path, PathSpan, Waiting, causes, critical_path
from collector.api.path_slack import slack


def span(
    does: str, start: int, end: int, under: str = "", *, id: str = "", **more: object
) -> PathSpan:
    """`checkout send order.placed` from start to end; its id is what it does unless it is named."""
    service, role, operation = does.split(" ", 2)
    messaging = role in ("send", "process", "receive", "create")
    made = PathSpan(
        start,
        end,
        id or does,
        under,
        service=service,
        role="" if role == "work" else role,
        operation=operation,
        destination=operation if messaging else "",
        callee="",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def told(path: Path) -> list[str]:
    """`broker payment process order.placed 130` for each segment."""
    return [f"{s.kind} {s.step} {s.end - s.start}" for s in path.segments]


ORDER = [
    span("checkout serve POST /orders", 0, 60),
    span("checkout send placed", 20, 30, "checkout serve POST /orders"),
    span("payment process placed", 200, 250, cause="checkout send placed"),
    span("payment query row", 210, 220, "payment process placed", role="database"),
    span("payment send taken", 230, 240, "payment process placed"),
    span("stock process taken", 500, 550, cause="payment send taken"),
]


def test_a_consumer_that_starts_long_after_its_producer_ended_is_on_the_path() -> None:
    assert told(critical_path(ORDER)) == [
        "work checkout serve POST /orders 20",
        "work checkout send placed 10",
        "broker payment process placed 170",
        "work payment process placed 10",
        "call payment process placed 10",
        "work payment process placed 10",
        "work payment send taken 10",
        "broker stock process taken 260",
        "work stock process taken 50",
    ]
    assert critical_path(ORDER).segments[4].callee == "row"
    assert critical_path(ORDER).segments[2].after == "checkout send placed"


def test_a_stuck_order_waits_from_the_step_that_was_last_done() -> None:
    waiting = Waiting("ship process taken", "ship", "payment send taken", 1000)
    path = critical_path(ORDER, waiting)
    assert told(path)[-2:] == ["work payment send taken 10", "waiting ship process taken 760"]
    assert path.segments[-1].end == 1000


def test_redelivery_counts_apart_from_the_broker() -> None:
    spans = [
        span("checkout send placed", 0, 10),
        span("payment process placed", 20, 30, cause="checkout send placed", id="1", failed=True),
        span("payment process placed", 90, 100, cause="checkout send placed", id="2", failed=True),
        span("payment process placed", 300, 310, cause="checkout send placed", id="3"),
    ]
    assert told(critical_path(spans)) == [
        "work checkout send placed 10",
        "broker payment process placed 10",
        "work payment process placed 10",
        "retry payment process placed 60",
        "work payment process placed 10",
        "retry payment process placed 200",
        "work payment process placed 10",
    ]
    received = [
        spans[0],
        span("payment receive placed", 15, 16, cause="checkout send placed", id="r1"),
        span("payment process placed", 20, 30, "r1", cause="r1", id="1", failed=True),
        span("payment receive placed", 85, 86, cause="checkout send placed", id="r2"),
        span("payment process placed", 90, 100, "r2", cause="r2", id="2"),
    ]
    assert "retry payment process placed 60" in told(critical_path(received))


def test_a_call_counts_for_the_service_that_answered() -> None:
    spans = [
        span("web serve GET /", 0, 100),
        span("web call GET /a", 10, 60, "web serve GET /"),
        span("a serve GET /a", 20, 50, "web call GET /a"),
        span("web call GET /b", 12, 40, "web serve GET /"),  # beside it, and over before
    ]
    assert told(critical_path(spans)) == [
        "work web serve GET / 10",
        "call web call GET /a 10",
        "work a serve GET /a 30",
        "call web call GET /a 10",
        "work web serve GET / 40",
    ]


def test_a_call_that_is_tried_again_backs_off() -> None:
    spans = [
        span("web serve GET /", 0, 100),
        span("web call GET /a", 10, 20, "web serve GET /", id="1", failed=True),
        span("web call GET /a", 70, 90, "web serve GET /", id="2"),
    ]
    assert told(critical_path(spans))[2:4] == [
        "retry web call GET /a 50",
        "call web call GET /a 20",
    ]


def test_flattened_parents_are_seen_through() -> None:
    """Every consumer hangs under the first message of the chain."""
    spans = [
        span("a send one", 0, 10),
        span("b process one", 20, 40, "a send one"),
        span("b send two", 30, 35, "b process one"),
        span("c process two", 60, 80, "a send one"),
    ]
    assert told(critical_path(spans)) == [
        "work a send one 10",
        "broker b process one 10",
        "work b process one 10",
        "work b send two 5",
        "broker c process two 25",
        "work c process two 20",
    ]


def test_time_in_no_span_is_said_to_be_untracked() -> None:
    spans = [span("a serve POST /", 0, 10), span("b serve POST /approve", 500, 510)]
    assert told(critical_path(spans)) == [
        "work a serve POST / 10",
        "untracked b serve POST /approve 490",
        "work b serve POST /approve 10",
    ]


def test_a_message_is_not_taken_before_it_is_sent() -> None:
    """Clocks may say so; what followed from it is moved, the rest stays."""
    spans = [
        span("a send one", 1000, 1010),
        span("b process one", 20, 40, "a send one"),
        span("b call GET /", 25, 30, "b process one"),
    ]
    assert told(critical_path(spans)) == [
        "work b process one 5",
        "call b call GET / 5",
        "work b process one 10",
    ]


def test_a_poll_that_waited_for_the_message_is_no_work() -> None:
    spans = [
        span("a serve POST /", 0, 1000),
        span("a send one", 980, 990, "a serve POST /"),
        span("b receive one", -500, 1020, cause="a send one"),
        span("b process one", 1030, 1040, "b receive one"),
    ]
    path = critical_path(spans)
    assert told(path) == [
        "work a serve POST / 980",
        "work a send one 10",
        "work b receive one 30",
        "untracked b process one 10",
        "work b process one 10",
    ]


def test_nothing_and_a_moment() -> None:
    assert critical_path([]).segments == []
    assert told(critical_path([span("a serve GET /", 5, 5)])) == ["work a serve GET / 0"]


NAMES = [
    f"{service} {role} {what}"
    for service in ("a", "b")
    for role in ("serve", "send", "process", "receive", "call", "work", "database")
    for what in ("x", "y")
]


@st.composite
def orders(draw: st.DrawFn) -> list[PathSpan]:
    """Spans that make no sense: cycles, own parents, ends before starts, causes from the future."""
    n = draw(st.integers(1, 14))
    ids = [str(i) for i in range(n)]
    other = st.sampled_from([*ids, "", "gone"])
    return [
        span(
            draw(st.sampled_from(NAMES)),
            draw(st.integers(-20, 60)),
            draw(st.integers(-20, 60)),
            draw(other),
            id=id,
            cause=draw(other),
            failed=draw(st.booleans()),
            message_id=draw(st.sampled_from(["", "m"])),
        )
        for id in ids
    ]


@settings(max_examples=300, deadline=None)
@given(spans=orders(), chance=st.randoms(use_true_random=False), now=st.integers(-30, 90))
def test_it_adds_up_whatever_the_spans_say(
    spans: list[PathSpan], chance: random.Random, now: int
) -> None:
    arranged = [span for span, _ in causes(spans)]
    assert {s.id for s in arranged} == {s.id for s in spans}
    path = critical_path(spans)
    assert path.segments[0].start == min(s.start for s in arranged)
    assert path.segments[-1].end == max(s.end for s in arranged)
    owed = Waiting("c process z", "c", spans[0].step or "b send y", now)
    waiting = critical_path(spans, owed)
    for found in (path, waiting):
        timed = [s for s in found.segments if s.kind != "waiting"]
        assert all(s.start < s.end for s in timed) or len(timed) == 1
        assert all(s.start <= s.end for s in found.segments)
        for one, following in zip(found.segments, found.segments[1:], strict=False):
            assert one.end == following.start
    shuffled = [*spans, *spans[:3]]
    chance.shuffle(shuffled)
    assert critical_path(shuffled) == path
    assert all(seconds >= 0 for seconds in slack(spans, path).values())


@pytest.mark.parametrize("shape", ["chain", "fan", "nested", "cycle", "apart", "retries"])
def test_20_000_spans_take_a_moment(shape: str) -> None:
    n = 20_000
    made = {
        "chain": lambda i: span(
            ["b send x", "a process x"][i % 2], 10 * i, 10 * i + 8, str(i - 1), id=str(i)
        ),
        "fan": lambda i: span("a call x", 10 * i, 10 * i + 8, "0", id=str(i)),
        "nested": lambda i: span("a work x", i, 2 * n - i, str(i - 1), id=str(i)),
        "cycle": lambda i: span("a work x", 10 * i, 10 * i + 8, str((i + 1) % n), id=str(i)),
        "apart": lambda i: span(f"s{i} serve x", 10 * i, 10 * i + 8, id=str(i)),
        "retries": lambda i: span("a process x", 10 * i, 10 * i + 8, id=str(i), failed=True),
    }[shape]
    spans = [made(i) for i in range(n)]
    began = time.process_time()
    path = critical_path(spans)
    took = time.process_time() - began
    assert sum(s.end - s.start for s in path.segments) == max(s.end for s in spans)
    assert took < 5  # a second on an idle machine; quadratic would be minutes


def test_slack_of_branches() -> None:
    """A branch that nobody waits for may take longer, by as much as the order goes on after it."""
    spans = [
        *ORDER,
        span("mail process placed", 40, 90, cause="checkout send placed"),
        span("web call GET /a", 232, 239, "payment send taken"),
        span("web call GET /b", 231, 237, "payment send taken"),
    ]
    path = critical_path(spans)
    assert slack(spans, path) == {"mail process placed": 460, "web call GET /b": 2}
