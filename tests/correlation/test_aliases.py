"""Orders with several ids: one order, however late that is known; and ids that join nothing."""

from collections.abc import Callable, Iterator

import pytest

from collector.keys import Workflow
from tests.correlation.worlds import Told, exported, world_of
from tests.golden.world import World

Place = Callable[[str], str]
ORDER = Workflow("order", ("order.id",), aliases=("payment.id", "shipment.id", "customer.id"))


@pytest.fixture
def here(engine_url: Place) -> Iterator[World]:
    with world_of(engine_url("chdb"), ORDER) as opened:
        yield opened


def told(trace: str, links: str = "", **ids: str) -> Told:
    """A span of a trace of its own (`trace`, or trace/span) with the ids."""
    attributes = {f"{name}.id": value for name, value in ids.items()}
    to = ((links, links, {}),) if links else ()
    return Told(trace.partition("/")[0], trace, name=trace[0], attributes=attributes, links=to)


def take(here: World, *spans: Told) -> dict[str, int]:
    """Order → spans, after these came."""
    here.take(exported(*spans))
    here.clock.advance(1)
    here.parts.runner._correlate()
    rows = here.parts.engine.query(
        "SELECT workflow, order_id, span_count FROM order_facts FINAL ORDER BY order_id"
    ).to_pylist()
    return {
        row["order_id"] if row["workflow"] == "order" else row["workflow"]: row["span_count"]
        for row in rows
    }


def test_ids_seen_on_one_span_are_one_order(here: World) -> None:
    found = take(
        here,
        told("a", order="A", payment="p"),
        told("b", payment="p", shipment="s"),
        told("c", shipment="s"),
        told("d", order="B", payment="q"),
        told("e", shipment="t"),
        told("e/2", payment="u"),
    )
    assert found == {"A": 3, "B": 1, "payment.id=u": 2}


def test_an_id_that_comes_late_moves_traces(here: World) -> None:
    assert take(here, told("c", shipment="s")) == {"shipment.id=s": 1}
    assert take(here, told("b", payment="p"), told("b/2", shipment="s")) == {"payment.id=p": 3}
    assert take(here, told("d", payment="p")) == {"payment.id=p": 4}
    assert take(here, told("a", order="A"), told("a/2", payment="p")) == {"A": 6}
    assert take(here, told("e", shipment="s"), told("a", order="A")) == {"A": 7}


def test_a_link_joins_too_and_twice_changes_nothing(here: World) -> None:
    spans = [told("b", payment="p", links="a"), told("c", payment="p"), told("a", order="A")]
    assert take(here, spans[0], spans[1]) == {"payment.id=p": 2}
    assert take(here, spans[2]) == {"A": 3}
    assert take(here, *spans, told("d", order="B")) == {"A": 3, "B": 1}


def test_a_shipment_for_two_orders_belongs_to_both(here: World) -> None:
    many = [told(f"x{n}", order=f"X{n}", shipment=f"x{n}") for n in range(40)]
    found = take(
        here,
        *many,
        told("a", order="A", shipment="s"),
        told("b", order="B", shipment="s"),
        told("c", shipment="s"),
    )
    assert found["A"] == found["B"] == 2


def test_a_customer_joins_no_orders(here: World) -> None:
    assert take(here, told("a", order="A", customer="c"), told("v", customer="c")) == {"A": 2}
    later = [told("a2", order="A2", payment="p2", customer="c"), told("p", payment="p2")]
    assert take(here, *later) == {"A": 1, "A2": 2, "shop v": 1}
    hubs = here.parts.engine.query("SELECT key, hub, fan FROM hubs FINAL").to_pylist()
    assert hubs == [{"key": "customer.id", "hub": True, "fan": 2.0}]


def test_a_trace_of_two_orders_is_no_evidence_but_its_spans_are(here: World) -> None:
    found = take(
        here,
        Told("t", "poll", name="poll"),
        Told("t", "1", under="poll", attributes={"order.id": "A", "payment.id": "p"}),
        Told("t", "2", under="poll", attributes={"order.id": "B", "payment.id": "q"}),
        told("p", payment="p"),
        told("q", payment="q"),
        told("q2", payment="q"),
    )
    assert found == {"A": 4, "B": 5}
