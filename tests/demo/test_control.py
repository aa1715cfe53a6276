"""The control API: what it says, and what it answers to what it can't do."""

from typing import Any

import httpx
import pytest

from demo_services.faults import FAULTS
from demo_services.systems import SYSTEMS

from .demo_process import DemoProcess, wait_until

SERVICES = sorted(blueprint.name for system in SYSTEMS for blueprint in system.blueprints)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_an_unknown_service_is_answered_with_the_known_ones(demo: DemoProcess) -> None:
    answer = demo.post("/faults", service="fulfilment-cdd", fault="crash")
    assert problem(answer, 404)["known"] == SERVICES
    answer = demo.client.delete(f"{demo.control}/faults/nobody")
    assert problem(answer, 404)["known"] == SERVICES
    assert problem(demo.post("/schedule", service="nobody"), 404)["known"] == SERVICES


def test_an_unknown_fault_is_answered_with_the_known_ones(demo: DemoProcess) -> None:
    answer = demo.post("/faults", service="fulfilment-cd", fault="bad_mood")
    assert problem(answer, 422)["known"] == sorted(FAULTS)
    assert problem(demo.post("/schedule", fault="bad_mood"), 422)["known"] == sorted(FAULTS)
    assert [known["fault"] for known in demo.get("/faults")["known"]] == list(FAULTS)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"service": "fulfilment-cd"}),
        ("/faults", {"service": "fulfilment-cd", "fault": "error", "seconds": -1}),
        ("/faults", {"service": "fulfilment-cd", "fault": "error", "share": 2}),
        ("/faults", {"service": "fulfilment-cd", "fault": "error", "typo": 2}),
        ("/traffic", {"rate": -1}),
        ("/traffic", {"rate": "much"}),
        ("/schedule", {"lasts": 100, "every": 50}),
    ],
)
def test_a_wrong_order_is_refused(demo: DemoProcess, path: str, body: dict[str, Any]) -> None:
    problem(demo.post(path, **body), 422)


def test_unknown_paths_and_systems_are_problems_too(demo: DemoProcess) -> None:
    problem(demo.client.get(f"{demo.control}/nothing"), 404)
    problem(demo.client.put(f"{demo.control}/faults"), 405)
    assert problem(demo.post("/traffic", rate=1, system="x"), 404)["known"] == sorted(
        system.name for system in SYSTEMS
    )


def test_ending_what_is_not_wrong_is_fine(demo: DemoProcess) -> None:
    answer = demo.client.delete(f"{demo.control}/faults/fulfilment-cd")
    assert (answer.status_code, answer.json()) == (200, {"ended": []})


def test_the_schedule_strikes_and_can_be_switched_off(demo: DemoProcess) -> None:
    assert demo.get("/schedule")["next_at"] is None
    plan = {"enabled": True, "first": 0, "lasts": 0.3, "every": 60, "service": "fulfilment-stock"}
    before = len(demo.said("fault on"))
    assert demo.post("/schedule", **plan).json()["service"] == "fulfilment-stock"
    wait_until(lambda: len(demo.said("fault on")) > before, "the scheduled fault")
    assert demo.get("/schedule")["next_at"] is not None
    assert demo.post("/schedule", enabled=False).json()["next_at"] is None
    wait_until(lambda: not demo.get("/faults")["active"], "its end")


def test_the_state_names_all_services(demo: DemoProcess) -> None:
    state = demo.get("/state")
    assert sorted(service["service"] for service in state["services"]) == SERVICES
    assert demo.client.get(f"{demo.control}/openapi.json").json()["paths"].keys() >= {
        "/state",
        "/faults",
        "/traffic",
        "/schedule",
        "/services/{service}/start",
    }
