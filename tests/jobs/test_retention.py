"""What is too old leaves, on a clock that tests turn: finished orders shrink to their rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from collector.api import traces as traces_api
from collector.api.graph import service_map
from collector.api.order import spans
from collector.api.problems import ProblemError
from collector.api.summary import summary
from collector.app import parts
from collector.clock import VirtualClock
from tests.engine.fixtures import KINDS
from tests.golden.spans import joined, request, trace_id
from tests.golden.stories import Story, order_id, read, tell
from tests.golden.world import DAWN, LATER, World, settings, world
from tests.jobs.test_live import FLOW, split

Place = Callable[[str], str]
DAY_S = 86_400
LOST, FAILED = 12, 20
ORDERS = Story(
    story="Of 40 orders one is lost and one fails.",
    usual=FLOW,
    odd={LOST: split(FLOW, "reserved", "done")[0], FAILED: read("failed").odd[12]},
    asked=[],
)
TABLES = ("otel_traces", "spans", "arrivals", "calls", "order_traces", "traces")


def held(here: World) -> dict[str, int]:
    """Traces of which a table holds rows."""
    query = " UNION ALL ".join(
        f"SELECT '{table}' AS name, uniqExact(TraceId) AS n FROM {table}" for table in TABLES
    )
    return {row["name"]: row["n"] for row in here.parts.engine.query(query).to_pylist()}


def pass_days(here: World, days: float) -> None:
    here.clock.advance(days * DAY_S)
    here.parts.runner.tick()


def counted(here: World) -> dict[str, int]:
    counts = summary(here.parts.reader).orders.model_dump()
    return {state: n for state, n in counts.items() if n}


def stored(here: World) -> tuple[int, int]:
    """Spans, as the summary says and as they are."""
    [row] = here.parts.engine.query(
        "SELECT uniqExact(TraceId, SpanId) AS n FROM otel_traces"
    ).to_pylist()
    return summary(here.parts.reader).spans, row["n"]


def late(here: World, n: int, **more: Any) -> None:
    """One more span of an old order's trace."""
    told = {"does": "audit serve GET /audit", "id": "late", "at": 70 * DAY_S, **more}
    here.take(joined([request(order_id(n), DAWN, told)]))
    here.clock.advance(2)
    here.parts.runner.tick()


@pytest.mark.parametrize("kind", KINDS)
def test_finished_orders_shrink_and_open_ones_stay(kind: str, engine_url: Place) -> None:
    with world(engine_url(kind)) as here:
        tell(here, ORDERS)
        all_orders = {"completed": 38, "stuck": 1, "failed": 1}
        assert counted(here) == all_orders
        pass_days(here, 29)
        assert set(held(here).values()) == {40}

        pass_days(here, 2)
        assert held(here) == dict.fromkeys(TABLES, 2)
        assert stored(here) == (len(ORDERS.odd[LOST]) + len(ORDERS.odd[FAILED]),) * 2
        assert counted(here) == all_orders
        shrunk = here.order(order_id(3))
        assert (shrunk.state, len(shrunk.steps), shrunk.traces) == ("completed", 6, [])
        assert spans(here.parts.reader, workflow="order", id=order_id(3)).total == 0
        with pytest.raises(ProblemError):
            traces_api.trace(here.parts.reader, trace_id(order_id(3)).hex())
        assert service_map(here.parts.reader).edges
        assert here.order(order_id(LOST)).traces

        pass_days(here, 30)
        assert held(here) == dict.fromkeys(TABLES, 1)
        assert counted(here) == all_orders
        assert here.order(order_id(LOST)).state == "stuck"
        assert spans(here.parts.reader, workflow="order", id=order_id(LOST)).total == 5


def test_an_open_order_that_finishes_may_leave(engine_url: Place) -> None:
    with world(engine_url("chdb")) as here:
        tell(here, ORDERS)
        pass_days(here, 65)
        assert held(here)["spans"] == 1
        done = split(FLOW, "reserved", "done")[1]
        here.take(joined(request(order_id(LOST), DAWN, span) for span in done))
        here.clock.advance(3)
        here.parts.runner.tick()
        assert counted(here) == {"completed": 39, "failed": 1}
        pass_days(here, 29)
        assert held(here)["spans"] == 1  # its last spans are younger
        pass_days(here, 2)
        assert set(held(here).values()) == {0}
        assert stored(here) == (0, 0)
        assert summary(here.parts.reader).judged.settled
        here.take(joined(request("ORD-NEW", here.clock.now(), span) for span in FLOW))
        here.clock.advance(10)
        here.parts.runner.tick()
        assert here.order("ORD-NEW").state == "completed"  # what was learned still holds


def test_a_late_span_of_a_shrunk_order(engine_url: Place) -> None:
    with world(engine_url("chdb")) as here:
        tell(here, ORDERS)
        pass_days(here, 31)
        late(here, 3)
        assert here.order(order_id(3)).span_count == len(FLOW)  # nothing names the order: kept
        late(here, 4, order=True)
        known = here.order(order_id(4))
        assert (known.span_count, [step.service for step in known.steps]) == (1, ["audit"])
        assert counted(here)["stuck"] == 1


def test_a_trace_that_leaves_a_shrunk_order_does_not_wipe_it(engine_url: Place) -> None:
    """A batch keeps the trace that two orders share; its links lead to one that has left."""
    batch = read("batch")
    with world(engine_url("chdb")) as here:
        tell(here, batch)
        shared = batch.extra[0][0]["trace"]
        here.parts.engine.query(
            "DELETE FROM traces WHERE has(orders.2, {id:String}) AND length(orders) = 1",
            {"id": order_id(0)},
            lane="job",
        )
        before = here.order(order_id(0)).span_count
        told = {"does": "stock work tidy", "id": "late", "trace": shared, "under": "batch"}
        here.take(joined([request("", DAWN, told)]))
        here.clock.advance(2)
        here.parts.runner.tick()
        assert here.order(order_id(0)).span_count == before


def test_once_an_hour_and_days_are_rewritten_when_they_are_over(engine_url: Place) -> None:
    def rows_on_disk() -> int:
        [row] = here.parts.engine.query(
            "SELECT sum(rows) AS n FROM system.parts WHERE active AND table = 'otel_traces' "
            "AND database = currentDatabase()"
        ).to_pylist()
        return int(row["n"] or 0)

    with world(engine_url("chdb")) as here:
        tell(here, ORDERS)
        every = rows_on_disk()
        pass_days(here, 30 - 0.5 / 24)
        here.clock.advance(3000)
        here.parts.runner.tick()
        assert held(here)["spans"] == 40  # old enough, but the last look was 50 minutes ago
        here.clock.advance(900)
        here.parts.runner.tick()
        assert held(here)["spans"] == 2
        assert rows_on_disk() == every
        pass_days(here, 1)
        assert rows_on_disk() == stored(here)[0]


def test_the_maps_minutes_become_hours(engine_url: Place) -> None:
    def minutes() -> list[int]:
        rows = here.parts.engine.query("SELECT DISTINCT minute FROM calls_by_minute").to_pylist()
        return [row["minute"] for row in rows]

    with world(engine_url("chdb")) as here:
        tell(here, ORDERS)
        edges = service_map(here.parts.reader).edges
        assert any(minute % 3600 for minute in minutes())
        for _ in range(2):
            pass_days(here, 1.1)
            assert service_map(here.parts.reader).edges == edges
        assert not any(minute % 3600 for minute in minutes())
        within = DAWN + 30_000_000_000  # in that hour
        assert service_map(here.parts.reader, from_ns=within).edges == edges
        late(here, 3)  # its trace is drawn anew: what moved to the hour is taken out there
        pass_days(here, 0.1)
        assert service_map(here.parts.reader).edges == edges


def test_the_disk_is_bounded(engine_url: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What is finished leaves before its time, what is open never."""
    limited = replace(settings(engine_url("chdb")), retention_bytes=1)
    clock = VirtualClock(LATER)
    with parts(limited, clock) as opened:
        here = World(clock, opened)
        tell(here, ORDERS)
        assert held(here)["spans"] == 40  # too young, whatever the disk says
        pass_days(here, 11 / 1440)
        assert held(here) == dict.fromkeys(TABLES, 1)
        assert counted(here) == {"completed": 38, "stuck": 1, "failed": 1}
        assert "orders that aren't finished" in caplog.text


def test_orders_leave_in_the_end_and_open_ones_stay(engine_url: Place) -> None:
    with world(engine_url("chdb")) as here:
        tell(here, ORDERS)
        pass_days(here, 61)
        assert counted(here) == {"completed": 38, "stuck": 1, "failed": 1}
        assert service_map(here.parts.reader).edges
        pass_days(here, 305)
        assert counted(here) == {"stuck": 1}
        for table in ("orders", "order_facts"):
            rows = here.parts.engine.query(f"SELECT order_id FROM {table} FINAL").to_pylist()
            assert [row["order_id"] for row in rows] == [order_id(LOST)], table
        assert here.order(order_id(LOST)).state == "stuck"
        # nobody called, but an order still stands there
        [edge] = service_map(here.parts.reader).edges
        assert (edge.calls, edge.stuck_orders) == (0, 1)
