"""The shared database on a real PostgreSQL server, by one URL."""

import pytest

from .conftest import QUIET
from .demo_process import DemoProcess
from .orders import spans_of, wait_for
from .otlp_receiver import OtlpReceiver
from .postgres import Postgres, programs

psycopg = pytest.importorskip("psycopg", reason="psycopg isn't installed")
pytestmark = pytest.mark.skipif(programs() is None, reason="there is no PostgreSQL")


def test_three_services_share_a_server(receiver: OtlpReceiver) -> None:
    with Postgres() as server:
        flags = (*QUIET, "--systems", "store", "--database", server.url)
        with DemoProcess("--otlp", receiver.url, *flags) as demo:
            order_ids = demo.place(3, "store")
            wait_for(receiver, order_ids, ("store-email", "store.order.placed process"))
        assert demo.errors == []
        with psycopg.connect(server.url) as connection:
            paid = connection.execute(
                "SELECT order_id, state, payments.amount = orders.amount "
                "FROM orders JOIN payments USING (order_id) ORDER BY order_id"
            ).fetchall()
            assert paid == [(order_id, "paid", True) for order_id in order_ids]
            ordered = connection.execute("SELECT sum(orders) FROM customers").fetchone()
            assert ordered == (3,)
    spans = [span for order_id in order_ids for span in spans_of(receiver, order_id)]
    told = {
        (span.service, span.attributes["server.address"], span.attributes["db.namespace"])
        for span in spans
        if span.attributes.get("db.system.name") == "postgresql"
    }
    services = ("store-customer", "store-order", "store-payment")
    assert told == {(service, "127.0.0.1", "postgres") for service in services}


def test_a_server_that_is_away_is_one_readable_line() -> None:
    url = "postgresql://store@127.0.0.1:1/postgres"
    flags = ("--systems", "store", "--database", url, *QUIET)
    with pytest.raises(AssertionError, match="cannot start: no PostgreSQL answers"):
        DemoProcess(*flags).__enter__()
