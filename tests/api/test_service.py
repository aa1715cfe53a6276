"""One service over the API: what it does, who is around it, what waits for it."""

from itertools import pairwise

import httpx

from tests.api.test_api import get


def test_a_service_that_fell_silent(api: httpx.Client) -> None:
    one = get(api, "/api/v1/services/stock")
    assert (one["waiting"], one["late"], len(one["owed"])) == (5, 5, 5)
    assert {wait["diagnosis"] for wait in one["owed"]} == {"not_consumed"}
    assert one["oldest_since"] == min(wait["since"] for wait in one["owed"])
    [work] = one["work"]
    assert work["step"] == "stock process payment.taken"
    assert work["runs"] == one["runs"] == sum(point["runs"] for point in one["series"])
    assert one["runs"] == sum(bucket["runs"] for bucket in one["durations"])
    for bucket, following in pairwise(one["durations"]):
        assert bucket["to_ms"] == following["from_ms"]
    assert one["durations"][0]["from_ms"] <= work["p50_ms"] <= one["durations"][-1]["to_ms"]
    [incoming] = [edge for edge in one["edges"] if edge["target"] == "stock"]
    assert incoming["stuck_orders"] == 5
    assert one["broker"]["messages"] == incoming["calls"] == one["runs"]
    assert one["broker"]["p99_ms"] == incoming["p99_ms"]


def test_errors_and_a_time_without_work(api: httpx.Client) -> None:
    payment = get(api, "/api/v1/services/payment")
    assert payment["run_errors"] == sum(point["errors"] for point in payment["series"]) > 0
    before = get(api, "/api/v1/services/payment", to="2000-01-01T00:00:00Z")
    assert before["runs"] == 0
    assert before["series"] == before["durations"] == before["edges"] == []
    assert before["p50_ms"] is before["broker"] is None
    assert before["instances"] == payment["instances"] != []


def test_a_span_that_came_twice_ran_once(api: httpx.Client) -> None:
    runs = get(api, "/api/v1/services/checkout")["runs"]
    trace = get(api, "/api/v1/order", id=get(api, "/api/v1/orders")["orders"][0]["order_id"])
    document = get(api, f"/api/v1/traces/{trace['traces'][0]['trace_id']}")
    assert api.post("/v1/traces", json=document).status_code == 200
    assert get(api, "/api/v1/services/checkout")["runs"] == runs


def test_the_collector_tells_of_itself(api: httpx.Client) -> None:
    state = get(api, "/api/v1/collector")
    assert state["accepted"] > 0
    assert state["troubles"] == []
    assert 0 < state["disk_bytes"] < state["disk_free_bytes"]
    assert state["queue_bytes"] <= state["queue_limit_bytes"] > 0
    assert state["retention_days"] > 0
    assert state["oldest_at"] == get(api, "/api/v1/orders", limit=1000)["orders"][-1]["started_at"]
