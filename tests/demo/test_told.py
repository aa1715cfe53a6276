"""What others are told of the demo: the collector's file, the flows, the tour, the pages."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

import demo_services.system
from collector import settings
from collector.cli import demo_plan, demo_tour
from collector.flows.reader import read_flows
from demo_services.faults import FAULTS
from demo_services.systems import SYSTEMS
from tests.e2e.pictures import FOLDER, designed

HOME = Path(demo_services.__file__).parent
SERVICES = {b.name: system for system in SYSTEMS for b in system.blueprints}
TOLD = settings.load({"config": str(HOME / "collector.toml")}, environ={}).workflows


def test_the_command_knows_the_systems() -> None:
    assert tuple(system.name for system in SYSTEMS) == demo_plan.SYSTEMS


def test_the_collector_is_told_of_every_workflow_that_has_ids() -> None:
    journeys = [journey.workflow for system in SYSTEMS for journey in system.journeys]
    assert {workflow.name for workflow in TOLD} == {name for name in journeys if " " not in name}
    for workflow in TOLD:
        if "order.id" in workflow.keys:
            assert workflow.namespace == workflow.name, "else orders of several systems mix"


def test_the_declared_flows_are_of_services_that_there_are() -> None:
    flows = read_flows(HOME / "flows", [workflow.name for workflow in TOLD])
    assert {flow.workflow for flow in flows} == {"fulfilment", "login", "saga"}
    for flow in flows:
        steps = [step for entry in flow.entries for step in entry.any_of]
        assert {step.service for step in steps} <= SERVICES.keys()
    [saga] = [flow for flow in flows if flow.workflow == "saga"]
    undone = {name for entry in saga.entries for name in entry.compensates}
    participants = {name for name in SERVICES if name.startswith("saga-")} - {"saga-orchestrator"}
    assert {name.partition(" ")[0] for name in undone} == participants


def test_the_tour_goes_where_something_is() -> None:
    for scene in demo_tour.SCENES:
        assert {SERVICES[scene.service].name} == set(scene.systems)
        assert scene.fault == "start" or scene.fault in FAULTS
        assert 0 < scene.share <= 1
    assert len({scene.fault for scene in demo_tour.SCENES}) >= 9


def test_the_tour_begins_each_fault_and_says_what_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            names = [system.name for system in SYSTEMS]
            workflows = [{"workflow": name, "orders": {"completed": 3}} for name in names]
            return httpx.Response(200, json={"workflows": workflows})
        asked.append((request.url.path, json.loads(request.content or b"{}")))
        return httpx.Response(201, json={})

    async def no_time(_: float) -> None:
        pass

    client = httpx.AsyncClient
    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "AsyncClient", lambda **_: client(transport=transport))
    monkeypatch.setattr(asyncio, "sleep", no_time)
    lines: list[str] = []
    asyncio.run(demo_tour.tour("http://c", "http://o", ("saga", "marketplace"), lines.append))
    assert [path for path, _ in asked] == [
        "/faults",
        "/services/marketplace-loyalty/start",
        "/faults",
        "/faults",
    ]
    assert [body.get("fault") for _, body in asked] == [
        "crash",
        None,
        "declined",
        "half_compensation",
    ]
    assert lines[1].startswith("1/4 Notification crashes.")
    assert lines[-1].startswith("that was the tour")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_each_system_has_a_page_with_its_picture(system: demo_services.system.System) -> None:
    ends = {end for source, target, _ in designed(system.name) for end in (source, target)}
    services = {end for end in ends if not end.startswith(("topic:", "db:"))}
    assert services == {b.name for b in system.blueprints if not b.on_demand}
    page = (FOLDER / f"{system.name}.md").read_text("utf-8")
    for heading in ("What the pattern promises", "What it costs", "Where it shows"):
        assert f"\n## {heading}\n" in page
    assert f"({system.name}.md)" in (FOLDER / "README.md").read_text("utf-8")
