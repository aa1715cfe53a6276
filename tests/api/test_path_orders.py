"""Critical paths over HTTP: of one order, and of all that came to their end."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.golden.stories import order_id


def get(api: httpx.Client, path: str, **params: Any) -> Any:
    answer = api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_path_of_a_whole_order_adds_up(api: httpx.Client) -> None:
    order = get(api, "/api/v1/order", id=order_id(3))
    path = order["critical_path"]
    assert [(part["kind"], part["step"]) for part in path] == [
        ("work", "checkout serve POST /orders"),
        ("work", "checkout send order.placed"),
        ("broker", "payment process order.placed"),
        ("work", "payment process order.placed"),
        ("work", "payment send payment.taken"),
        ("broker", "stock process payment.taken"),
        ("work", "stock process payment.taken"),
        ("work", "stock send stock.reserved"),
    ]
    assert path[0]["started_at"] == order["started_at"]
    assert path[-1]["ended_at"] == order["last_seen_at"]
    assert all(one["ended_at"] == following["started_at"] for one, following in pairwise(path))
    assert sum(part["duration_ns"] for part in path) == 570_000_000
    broker = path[2]
    assert broker["after"] == "checkout send order.placed"
    assert broker["duration_s"] == pytest.approx(0.13)
    spans = get(api, "/api/v1/order/spans", id=order_id(3))["spans"]
    assert {id for part in path for id in part["span_ids"]} <= {span["span_id"] for span in spans}
    assert order["clock_offsets"] == []


def test_a_stuck_order_waits_until_now(api: httpx.Client, stuck_id: str) -> None:
    order = get(api, "/api/v1/order", id=stuck_id)
    last = order["critical_path"][-1]
    assert (last["kind"], last["step"]) == ("waiting", "stock process payment.taken")
    assert last["after"] == "payment send payment.taken"
    assert last["ended_at"] == order["as_of"]
    assert last["started_at"] == order["owed"][0]["since"]


def test_where_orders_spend_their_time(api: httpx.Client) -> None:
    found = get(api, "/api/v1/critical_path", workflow="order")
    assert found["orders"] == 35
    (workflow,) = found["workflows"]
    assert workflow["p50_s"] == pytest.approx(0.57)
    shares = {(hop["kind"], hop["step"]): hop for hop in found["hops"]}
    assert found["hops"][0]["step"] == "stock process payment.taken"
    broker = shares["broker", "stock process payment.taken"]
    assert broker["share"] == pytest.approx(0.23 / 0.57)
    assert (broker["p50_s"], broker["p99_s"]) == (pytest.approx(0.23), pytest.approx(0.23))
    assert broker["share_p95"] == pytest.approx(broker["share"])
    assert sum(hop["share"] for hop in found["hops"]) == pytest.approx(1)
    assert {hop["orders"] for hop in found["hops"]} == {35}
    assert found["slack"] == []


def test_only_orders_of_a_time(api: httpx.Client) -> None:
    first = get(api, "/api/v1/order", id=order_id(0))["started_at"]
    tenth = get(api, "/api/v1/order", id=order_id(9))["started_at"]
    found = get(api, "/api/v1/critical_path", **{"from": first, "to": tenth})
    assert found["orders"] == 10
    assert get(api, "/api/v1/critical_path", workflow="nobody") == {
        "as_of": found["as_of"],
        "orders": 0,
        "workflows": [],
        "hops": [],
        "slack": [],
    }
