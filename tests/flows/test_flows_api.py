"""Declared flows over the API: read, written, in force at the next tick."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from collector.api import model_routes
from collector.flows.reader import read
from collector.jobs.declared import declared_rules
from tests.api.conftest import served
from tests.golden.spans import joined
from tests.golden.stories import read as story
from tests.golden.stories import requests
from tests.golden.world import World, world

SENT, TAKEN = "payment send payment.taken", "stock process payment.taken"
DECLARED = f"""\
# ours
workflow: order
steps:
  taken: {{on: {TAKEN}, after: {SENT}, within: 30s}}
"""


@pytest.fixture(scope="module")
def here(engine_url: Callable[[str], str]) -> Iterator[World]:
    with world(engine_url("chdb")) as opened:
        opened.take(joined(requests(story("happy"))))
        opened.settle()
        yield opened


@pytest.fixture(scope="module")
def api(here: World) -> Iterator[httpx.Client]:
    with served(here) as client:
        yield client


def problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = answer.json()
    return found


def test_a_flow_is_put_read_and_deleted(here: World, api: httpx.Client) -> None:
    assert api.get("/api/v1/flows").json()["flows"] == []
    assert problem(api.get("/api/v1/flows/order"), 404)
    taken = api.put("/api/v1/flows/order", content=DECLARED)
    assert taken.status_code == 200, taken.text
    assert (taken.json()["workflow"], taken.json()["rules"]) == ("order", 1)
    answer = api.get("/api/v1/flows/order")
    assert (answer.text, answer.headers["content-type"].partition(";")[0]) == (
        DECLARED,
        "application/yaml",
    )
    folder = Path(api.get("/api/v1/flows").json()["folder"])
    assert (folder / "order.yaml").read_text() == DECLARED
    assert api.get("/api/v1/flows").json()["flows"] == [
        {"workflow": "order", "file": "order.yaml", "rules": 1, "faults": []}
    ]

    (folder / "order.yaml").write_text("workflow: order\nsteps: {x: y}\n")
    [found] = api.get("/api/v1/flows").json()["flows"]
    assert (found["rules"], found["faults"][0]["line"]) == (1, 2)
    assert api.delete("/api/v1/flows/order").status_code == 204
    assert problem(api.delete("/api/v1/flows/order"), 404)
    assert list(folder.iterdir()) == []


def test_what_is_wrong_is_said_by_line(api: httpx.Client) -> None:
    wrong = DECLARED.replace("30s", "soon").replace("after", "aftre")
    found = problem(api.put("/api/v1/flows/order", content=wrong), 400)
    assert found["errors"] == [
        {"line": 4, "wrong": "there is no field aftre", "expected": "after"},
        {
            "line": 4,
            "wrong": "within: soon",
            "expected": "a time such as 500ms, 30s, 5m, 8h or 2d, over 0 and at most 365d",
        },
    ]
    assert str(found["detail"]).startswith("the flow, line 4: there is no field aftre")
    other = problem(api.put("/api/v1/flows/claim", content=DECLARED), 400)
    assert "declares workflow 'order'; expected 'claim'" in str(other["detail"])
    assert problem(api.put("/api/v1/flows/order", content=b"#" * 2**21), 413)
    assert problem(api.put("/api/v1/flows/order", content=b"\xff"), 400)
    assert problem(api.put("/api/v1/flows/order", content=b""), 400)
    assert api.get("/api/v1/flows").json()["flows"] == []


@pytest.mark.parametrize(
    "name", ["cron ../../etc", "shop GET /orders/{id}", "a b?c#d%2F", "lines \n of ä😀", "x ."]
)
def test_workflows_of_any_name(api: httpx.Client, name: str) -> None:
    quoted = '"' + "".join(f"\\U{ord(c):08x}" for c in name) + '"'
    content = DECLARED.replace("workflow: order", f"workflow: {quoted}")
    place = f"/api/v1/flows/{quote(name, safe='')}"
    taken = api.put(place, content=content)
    assert taken.status_code == 200, taken.text
    assert taken.json()["workflow"] == name
    assert api.get(place).text == content
    folder = Path(api.get("/api/v1/flows").json()["folder"])
    assert len(list(folder.iterdir())) == 1
    assert api.delete(place).status_code == 204


def test_with_a_token_flows_want_it(here: World) -> None:
    with served(here, token="secret") as client:
        for method in ("GET", "PUT", "DELETE"):
            assert problem(client.request(method, "/api/v1/flows/order"), 401)
        assert problem(client.get("/api/v1/flows"), 401)
        kept = client.get("/api/v1/flows", headers={"Authorization": "Bearer secret"}).json()
        assert kept["flows"] == []


def test_expectations_as_json(api: httpx.Client) -> None:
    found = api.get("/api/v1/expectations", params={"workflow": "order"}).json()
    assert found["mature_orders"] > 20 and found["proposals"] == []
    [rule] = [rule for rule in found["expectations"] if rule["step"] == TAKEN]
    assert (rule["requires"], rule["after"], rule["source"]) == ([SENT], SENT, "learned")
    assert rule["any_of"] == [
        {
            "step": TAKEN,
            "service": "stock",
            "role": "process",
            "operation": "payment.taken",
            "destination": "payment.taken",
            "share": 1.0,
        }
    ]
    assert (rule["within_s"], rule["critical"], rule["compensates"]) == (None, True, [])
    assert rule["text"].startswith(f"After {SENT} comes {TAKEN}: {rule['seen']} of {rule['of']} ")
    assert len({rule["rule"] for rule in found["expectations"]}) == len(found["expectations"])


def test_expectations_as_a_flow(api: httpx.Client) -> None:
    rules = api.get("/api/v1/expectations").json()["expectations"]
    answer = api.get("/api/v1/expectations", headers={"Accept": "application/yaml"})
    assert answer.headers["content-type"].partition(";")[0] == "application/yaml"
    params = {"format": "yaml", "workflow": "order"}
    assert api.get("/api/v1/expectations", params=params).text == answer.text
    again = declared_rules(read(answer.content, "exported.yaml"))
    said = {(tuple(r["requires"]), tuple(s["step"] for s in r["any_of"])) for r in rules}
    assert {(r.requires, tuple(s.name for s in r.any_of)) for r in again} == said
    [noted] = [line for line in answer.text.splitlines() if line.startswith("# What is expected")]
    assert f"{len(rules)} rules" in noted
    assert api.put("/api/v1/flows/order", content=answer.content).status_code == 200
    assert api.delete("/api/v1/flows/order").status_code == 204

    problem(api.get("/api/v1/expectations", params={"format": "xml"}), 422)
    missing = {"format": "yaml", "workflow": "none"}
    assert "nothing is expected of workflow 'none' yet" in str(
        problem(api.get("/api/v1/expectations", params=missing), 404)["detail"]
    )


def test_a_browser_gets_json(api: httpx.Client) -> None:
    for accept in ("*/*", "text/html,application/json;q=0.9", "application/json, application/yaml"):
        answer = api.get("/api/v1/expectations", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/json", accept
    assert model_routes.__doc__
