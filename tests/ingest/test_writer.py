"""Group commit: what is acknowledged is stored, what is bad is refused alone."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from collector.clock import VirtualClock, WallClock
from collector.engine import Engine
from collector.writer import Overloaded, Refused, Unavailable, Writer
from tests.ingest.rig import GatedEngine
from tests.ingest.spans import NOW, request, span

Stored = Callable[[str], list[str]]
BAD = b"\x0a\x03\x12\x01\xff"  # whole frames outside, nonsense inside


@pytest.fixture
def gated(store: Engine) -> GatedEngine:
    return GatedEngine(store)


@pytest.fixture
def writer(gated: GatedEngine) -> Writer:
    writer = Writer(gated, WallClock(), connections=1, linger_s=0.05)
    writer.start()
    return writer


def held_back(writer: Writer, gated: GatedEngine, bodies: list[bytes]) -> list[Future[None]]:
    """Submit while a first commit is stuck, so that all bodies are in one batch behind it."""
    gated.open.clear()
    first = writer.submit(request(span(), service="first"))
    gated.waiting.acquire()
    futures = [writer.submit(body, 1) for body in bodies]
    gated.open.set()
    first.result()
    return futures


def test_what_is_acknowledged_can_be_read(writer: Writer, stored: Stored) -> None:
    for n in range(3):
        asyncio.run(writer.write(request(span(f"step {n}"), service="durable"), 1))
        assert stored("durable") == [f"step {m}" for m in range(n + 1)]
    writer.close()


def test_many_requests_are_one_commit(writer: Writer, gated: GatedEngine, stored: Stored) -> None:
    bodies = [request(span(f"{n:03}"), service="joined") for n in range(200)]
    for future in held_back(writer, gated, bodies):
        future.result()
    assert gated.inserts == 2
    assert len(stored("joined")) == 200
    assert writer.counts().accepted_spans == 200
    assert writer.counts().spans_per_s > 0
    assert writer.idle()
    writer.close()


def test_bad_bodies_are_refused_alone(writer: Writer, gated: GatedEngine, stored: Stored) -> None:
    bodies = [request(span(f"{n:02}"), service="with bad ones") for n in range(40)]
    for place in (0, 17, 18, 39):
        bodies[place] = BAD
    futures = held_back(writer, gated, bodies)
    refused = [n for n, future in enumerate(futures) if isinstance(future.exception(), Refused)]
    assert refused == [0, 17, 18, 39]
    assert stored("with bad ones") == [f"{n:02}" for n in range(40) if n not in refused]
    assert writer.counts().refused_spans == {"undecodable": 4}
    writer.close()


def test_a_full_queue_refuses_until_it_drains(gated: GatedEngine, stored: Stored) -> None:
    body = request(*[span() for _ in range(100)], service="full")
    writer = Writer(gated, WallClock(), max_queue_bytes=2 * len(body))
    writer.start()
    gated.open.clear()
    taken = [writer.submit(body), writer.submit(body)]
    with pytest.raises(Overloaded) as caught:
        writer.submit(body)
    assert 1 <= caught.value.retry_after_s <= 30
    gated.open.set()
    for future in taken:
        future.result()
    writer.submit(body).result()
    assert len(stored("full")) == 100
    writer.close()


def test_a_body_larger_than_the_queue_goes_alone(gated: GatedEngine) -> None:
    writer = Writer(gated, WallClock(), max_queue_bytes=10, max_batch_bytes=10)
    writer.start()
    writer.submit(request(span(), service="large")).result()
    writer.close()


def test_an_engine_that_is_away_is_not_the_clients_fault(
    writer: Writer, gated: GatedEngine, stored: Stored
) -> None:
    gated.cut_off = True
    body = request(span("again"), service="away")
    with pytest.raises(Unavailable, match="no space left"):
        writer.submit(body).result()
    gated.cut_off = False
    writer.submit(body).result()
    assert stored("away") == ["again"]
    writer.close()


def test_closing_commits_what_is_held(writer: Writer, gated: GatedEngine, stored: Stored) -> None:
    gated.open.clear()
    futures = [writer.submit(request(span(f"{n}"), service="held"), 1) for n in range(5)]
    gated.open.set()
    writer.close()
    for future in futures:
        future.result(0)
    assert stored("held") == ["0", "1", "2", "3", "4"]
    with pytest.raises(Unavailable):
        writer.submit(request(span(), service="late"))


def test_closing_tells_those_it_could_not_store(writer: Writer, gated: GatedEngine) -> None:
    gated.open.clear()
    stuck = writer.submit(request(span(), service="stuck"))
    gated.waiting.acquire()
    waiting = writer.submit(request(span(), service="stuck"))
    writer.close(timeout_s=0.05)
    with pytest.raises(Unavailable):
        waiting.result(0)
    gated.open.set()
    stuck.result(10)


def test_nobody_waits_for_a_cancelled_request(
    writer: Writer, gated: GatedEngine, stored: Stored
) -> None:
    gated.open.clear()
    first = writer.submit(request(span("first"), service="cancelled"))
    gated.waiting.acquire()
    second = writer.submit(request(span("second"), service="cancelled"))
    assert second.cancel()
    gated.open.set()
    first.result()
    writer.close()
    assert stored("cancelled") == ["first"]


def test_stamps_rise_and_the_watermark_waits_for_them(store: Engine, gated: GatedEngine) -> None:
    clock = VirtualClock(NOW)
    writer = Writer(gated, clock, connections=2)
    writer.start()
    assert writer.watermark() == NOW
    for _ in range(3):  # the clock stands still, the stamps don't
        writer.submit(request(span(), service="stamped")).result()
        gated.waiting.acquire()
    gated.open.clear()
    in_flight = writer.submit(request(span("in flight"), service="stamped"))
    gated.waiting.acquire()
    behind = writer.watermark()
    clock.advance(60)
    assert writer.watermark() == behind
    gated.open.set()
    in_flight.result()
    while not writer.idle():
        pass
    assert writer.watermark() == NOW + 60_000_000_000
    writer.submit(request(span(), service="stamped")).result()
    writer.close()
    stamps = store.query(
        "SELECT toUnixTimestamp64Nano(stored_at) AS at FROM otel_traces "
        "WHERE ServiceName = 'stamped' ORDER BY at"
    ).column("at")
    first, second, third, fourth, after = stamps.to_pylist()
    assert NOW < first < second < third == behind < fourth == behind + 1
    assert after > NOW + 60_000_000_000
