"""Every question of the API, asked over HTTP."""

import re
from typing import Any

import httpx
import pytest

from collector.api.models import STATES
from tests.api.conftest import served
from tests.golden.spans import trace_id
from tests.golden.stories import order_id
from tests.golden.world import World

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


def get(api: httpx.Client, path: str, **params: Any) -> Any:
    answer = api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_summary(api: httpx.Client) -> None:
    summary = get(api, "/api/v1/summary")
    assert summary["orders"] == dict.fromkeys(STATES, 0) | {
        "completed": 35,
        "stuck": 5,
        "failed": 1,
        "unknown": 1,
    }
    assert (summary["services"], summary["traces"]) == (3, 42)
    assert summary["spans"] == 35 * 7 + 5 * 5 + 4 + 1
    assert summary["judged"]["settled"] is True
    assert RFC3339.fullmatch(summary["as_of"])
    only = get(api, "/api/v1/summary", workflow="order")
    assert only["orders"]["unknown"] == 0


def test_summary_between_two_times(api: httpx.Client) -> None:
    first = get(api, "/api/v1/order", id=order_id(0))["started_at"]
    tenth = get(api, "/api/v1/order", id=order_id(9))["started_at"]
    assert (
        get(api, "/api/v1/summary", **{"from": first, "to": tenth}, workflow="order")["orders"][
            "completed"
        ]
        == 10
    )


def test_workflows(api: httpx.Client) -> None:
    workflows = {w["workflow"]: w for w in get(api, "/api/v1/workflows")["workflows"]}
    assert set(workflows) == {"order", "checkout GET /healthz"}
    assert workflows["checkout GET /healthz"]["trivial"] is True


def test_orders_come_most_urgent_first_page_by_page(api: httpx.Client) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = get(api, "/api/v1/orders", limit=7, **({"next": cursor} if cursor else {}))
        assert page["total"] == 41
        seen += [f"{order['state']} {order['order_id']}" for order in page["orders"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 41
    assert [state.split()[0] for state in seen[:6]] == ["stuck"] * 5 + ["failed"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"state": "stuck"}, 5),
        ({"state": "stuck,failed"}, 6),
        ({"state": ["stuck", "failed"]}, 6),
        ({"verdict": "edge_stopped"}, 5),
        ({"service": "stock", "state": "stuck"}, 5),
        ({"step": "stock process payment.taken"}, 40),
        ({"step": "stock process payment.taken", "state": "stuck"}, 5),
        ({"edge": "topic:payment.taken>stock"}, 40),
        ({"edge": "topic:payment.taken>stock", "state": "stuck"}, 5),
        ({"edge": "checkout>topic:order.placed"}, 41),
        ({"q": "ord-003"}, 10),
        ({"q": trace_id(order_id(3)).hex()}, 1),
        ({"q": "nothing like it"}, 0),
        ({"workflow": "checkout GET /healthz"}, 0),
        ({"workflow": "checkout GET /healthz", "trivial": True}, 1),
    ],
)
def test_filters(api: httpx.Client, params: dict[str, Any], found: int) -> None:
    assert get(api, "/api/v1/orders", **params)["total"] == found


def test_one_order(api: httpx.Client, stuck_id: str) -> None:
    order = get(api, "/api/v1/order", workflow="order", id=stuck_id)
    assert (order["state"], order["verdict"], order["service"]) == (
        "stuck",
        "edge_stopped",
        "stock",
    )
    (owed,) = order["owed"]
    assert owed["diagnosis"] == "not_consumed"
    assert owed["waiting"] == 4
    assert owed["sentence"].startswith("stock did not consume payment.taken: published ")
    assert [step["state"] for step in order["steps"]] == ["done"] * 4 + ["owed"]
    taken, waiting = order["messages"]
    assert (taken["producer"], taken["consumer"]) == ("checkout", "payment")
    assert taken["lag_s"] == pytest.approx(0.13)
    assert (waiting["destination"], waiting["consumer"]) == ("payment.taken", None)
    path = order["critical_path"]
    assert [part["kind"] for part in path] == ["work", "work", "broker", "work", "work", "waiting"]


def test_a_broken_order(api: httpx.Client) -> None:
    order = get(api, "/api/v1/order", id="BROKEN")
    assert order["state"] == "failed"
    assert order["sentence"] == "payment process order.placed failed: CardDeclined: no money"
    assert {step["step"]: step["attempts"] for step in order["steps"]}[
        "payment process order.placed"
    ] == 2


def test_spans(api: httpx.Client) -> None:
    spans = get(api, "/api/v1/order/spans", workflow="order", id=order_id(0))
    assert spans["total"] == 7
    assert not spans["truncated"]
    assert spans["spans"][0]["step"] == "checkout serve POST /orders"
    assert spans["spans"][0]["attributes"]["order.id"] == order_id(0)
    assert [span["step"] for span in spans["spans"] if span["name"] == "postgresql"] == [None]
    few = get(api, "/api/v1/order/spans", id=order_id(0), limit=3)
    assert (len(few["spans"]), few["total"], few["truncated"]) == (3, 7, True)
    light = get(api, "/api/v1/order/spans", id=order_id(0), detail=False)["spans"]
    assert [span["name"] for span in light] == [span["name"] for span in spans["spans"]]
    assert not any(span["attributes"] or span["resource"] or span["links"] for span in light)
    taken = next(span for span in spans["spans"] if span["kind"] == "Consumer")
    (only,) = get(api, "/api/v1/order/spans", id=order_id(0), span=taken["span_id"])["spans"]
    assert only == taken
    assert {link["span_id"] for link in only["links"]} <= {s["span_id"] for s in spans["spans"]}


def test_causes(api: httpx.Client) -> None:
    stuck, failed = get(api, "/api/v1/causes")["causes"]
    assert (stuck["orders"], stuck["sentence"]) == (5, "stock did not consume payment.taken")
    assert (failed["orders"], failed["diagnosis"]) == (1, "failed")
    listed = get(api, "/api/v1/orders", cause=stuck["cause_id"])
    assert listed["total"] == 5


def test_map(api: httpx.Client) -> None:
    found = get(api, "/api/v1/map")
    kinds = {node["id"]: node["kind"] for node in found["nodes"]}
    assert kinds == {
        "checkout": "service",
        "payment": "service",
        "stock": "service",
        "topic:order.placed": "topic",
        "topic:payment.taken": "topic",
        "topic:stock.reserved": "topic",
        "db:postgresql:payment": "database",
    }
    edges = {(edge["source"], edge["target"]): edge for edge in found["edges"]}
    assert edges["topic:payment.taken", "stock"]["stuck_orders"] == 5
    assert edges["topic:payment.taken", "stock"]["calls"] == 35
    assert edges["topic:order.placed", "payment"]["errors"] == 2
    assert edges["payment", "db:postgresql:payment"]["kind"] == "database"
    assert not get(api, "/api/v1/map", workflow="nobody")["edges"]


def test_map_without_calls_shows_where_orders_are_stuck(api: httpx.Client) -> None:
    """As after a topic was renamed, or a consumer taken away: the edge has no calls any more."""
    (edge,) = get(api, "/api/v1/map", **{"from": "2199-01-01T00:00:00Z"})["edges"]
    assert (edge["source"], edge["target"]) == ("topic:payment.taken", "stock")
    assert (edge["kind"], edge["calls"], edge["stuck_orders"]) == ("messaging", 0, 5)
    whole = get(api, "/api/v1/map")["edges"]
    assert edge["last_seen_at"] in {
        e["last_seen_at"] for e in whole if e["source"] == edge["source"]
    }


def test_series(api: httpx.Client) -> None:
    found = get(api, "/api/v1/series", workflow="order")
    assert sum(point["started"] for point in found["series"]) == 41
    assert sum(point["finished"] for point in found["series"]) == 35
    assert sum(point["stuck"] for point in found["series"]) == 5
    assert found["finished"]["orders"] == 35
    assert found["finished"]["p50_s"] == pytest.approx(0.57)


def test_expectations(api: httpx.Client) -> None:
    rules = get(api, "/api/v1/expectations", workflow="order")
    assert rules["mature_orders"] == 41
    pairs = {rule["after"]: rule["step"] for rule in rules["expectations"]}
    assert pairs["payment send payment.taken"] == "stock process payment.taken"
    assert {rule["source"] for rule in rules["expectations"]} == {"learned"}


def test_services(api: httpx.Client) -> None:
    services = {s["service"]: s for s in get(api, "/api/v1/services")["services"]}
    assert set(services) == {"checkout", "payment", "stock"}
    assert services["stock"]["stuck_orders"] == 5
    one = get(api, "/api/v1/services/payment")
    assert one["callers"] == ["topic:order.placed"]
    assert one["callees"] == ["db:postgresql:payment", "topic:payment.taken"]


def test_a_trace_goes_round(api: httpx.Client, told: World) -> None:
    """What comes out as OTLP/JSON goes in again and is the same span."""
    id_ = trace_id(order_id(5)).hex()
    document = get(api, f"/api/v1/traces/{id_}")
    spans = [s for r in document["resourceSpans"] for c in r["scopeSpans"] for s in c["spans"]]
    assert len(spans) == 7
    before = get(api, "/api/v1/summary")["spans"]
    assert api.post("/v1/traces", json=document).status_code == 200
    told.settle()
    assert get(api, "/api/v1/summary")["spans"] == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/order?id=nobody", 404),
        ("/api/v1/order", 422),
        ("/api/v1/order/spans?id=nobody", 404),
        ("/api/v1/traces/ffff", 404),
        ("/api/v1/services/nobody", 404),
        ("/api/v1/orders?state=odd", 422),
        ("/api/v1/orders?limit=0", 422),
        ("/api/v1/orders?limit=many", 422),
        ("/api/v1/orders?next=%00nonsense", 422),
        ("/api/v1/orders?next=WzEsMWU0MDAsIiIsIiJd", 422),  # [1,1e400,"",""]
        ("/api/v1/orders?next=WzEsOTIyMzM3MjAzNjg1NDc3NTgwOSwiIiwiIl0", 422),  # 2^63 + 1
        ("/api/v1/orders?next=WzEsMiwiXHVkODAwIiwiIl0", 422),  # half a character
        ("/api/v1/orders?next=" + "W1tb" * 9000, 422),
        ("/api/v1/services/%0a", 404),
        ("/api/v1/orders/", 404),
        ("/v1/metrics", 404),
        ("/api/v1/orders?edge=half", 422),
        ("/api/v1/summary?from=yesterday", 422),
        ("/api/v1/nowhere", 404),
    ],
)
def test_errors_are_problems(api: httpx.Client, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]


def test_wrong_method_is_a_problem(api: httpx.Client) -> None:
    answer = api.post("/api/v1/orders")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_openapi_document_is_complete(api: httpx.Client) -> None:
    document = get(api, "/openapi.json")
    paths = set(document["paths"])
    assert {
        f"/api/v1/{name}"
        for name in ("summary", "workflows", "orders", "order", "order/spans", "causes")
    } <= paths
    assert {
        "/v1/traces",
        "/healthz",
        "/api/v1/map",
        "/api/v1/series",
        "/api/v1/expectations",
    } <= paths
    for path, methods in document["paths"].items():
        for method in methods.values():
            assert method.get("description"), path
            for parameter in method.get("parameters", []):
                assert parameter.get("description") or parameter["in"] == "path", (
                    path,
                    parameter["name"],
                )


def test_a_token_guards_every_question(told: World) -> None:
    with served(told, token="secret") as api:
        assert api.get("/healthz").status_code == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret"}):
            answer = api.get("/api/v1/summary", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
        right = {"Authorization": "Bearer secret"}
        assert api.get("/api/v1/summary", headers=right).status_code == 200
