"""The pages of one service, of the workflow model and of health, and the first run."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, cast

import pytest
import yaml

from dashboard.figures import coverage, work
from dashboard.figures.flowtext import NotToBeAddedError, with_compensation
from dashboard.figures.modelgraph import model_graph, parts, shared_prefix
from dashboard.figures.setup import LANGUAGES, lines
from tests.dashboard import made_up_pages
from tests.dashboard.conftest import Draw
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import HOSTILE, Scene, text_of

# -- one service -----------------------------------------------------------------------------------


def test_a_service_says_what_waits_for_it_and_why(draw: Draw, usual: FakeCollector) -> None:
    found = draw("service", usual.url, id="fulfilment-cd").parts
    figures = {card["label"]: card for card in found["figures"]["cards"]}
    assert found["headline"]["badge"]["text"] == "40 stuck here"
    assert figures["Waiting for it now"]["href"] == "/orders?service=fulfilment-cd&state=stuck"
    assert figures["Broker wait, median"]["note"].startswith("p99 410")
    assert found["cause-0"]["title"] == "fulfilment-cd did not consume stock.reserved"
    assert found["cause-0"]["href"] == "/orders?workflow=order&cause=c-cd"
    assert found["owed"]["rows"][0]["href"].startswith("/order?workflow=order&id=ORD-")
    [incoming] = found["in"]["rows"]
    assert incoming["href"] == "/map?edge=topic%3Astock.reserved%3Efulfilment-cd"
    assert incoming["cells"][-1] == {"text": "40", "look": "stuck"}
    assert found["outcomes-table"]["columns"] == ["From", "Runs", "Failed"]


def test_an_unknown_service_is_a_message(draw: Draw, usual: FakeCollector) -> None:
    assert draw("service", usual.url, id="nobody").parts["unknown"]["title"] == "No service nobody"
    assert draw("service", usual.url).parts["unknown"]["title"] == "No service chosen"


def test_outcomes_are_per_minute_and_add_up(usual: FakeCollector) -> None:
    service: Any = made_up_pages.service(usual.scene, "fulfilment-payment")
    well, failed = work.outcomes(service["series"], service["interval_s"])["series"]
    assert sum(map(float, well["values"])) + sum(map(float, failed["values"])) == 11 * 60
    assert sum(map(float, failed["values"])) == 3


def test_how_long_runs_take_can_be_zoomed_into(draw: Draw, usual: FakeCollector) -> None:
    assert not draw("service", usual.url, id="fulfilment-cd").app.get("plotly_chart")
    [larger] = draw("service", usual.url, id="fulfilment-cd", chart="large").app.get("plotly_chart")
    assert json.loads(larger.proto.spec)["data"][0]["name"] == "median"


# -- the model -------------------------------------------------------------------------------------


def test_the_model_draws_sends_as_edges(usual: FakeCollector) -> None:
    model = cast("Any", made_up_pages.expectations(usual.scene, {}))
    graph = model_graph(model, {"fulfilment-cd process stock.reserved": 40})
    boxes = {box["id"]: box for box in graph["boxes"]}
    assert [box["service"] for box in sorted(boxes.values(), key=lambda b: b["column"])][:2] == [
        "checkout",
        "payment",
    ]
    assert boxes["fulfilment-cd process stock.reserved"]["note"] == "40 stuck"
    assert graph["columns"] == 6
    assert "one of 2" in boxes["fulfilment-payment send payment.declined"]["note"]
    edges = {(edge["source"], edge["target"]): edge for edge in graph["edges"]}
    taken = edges[
        "fulfilment-payment process order.placed", "fulfilment-stock process payment.taken"
    ]
    assert (taken["kind"], taken["text"]) == ("messaging", "94.0\u202f% · 12\u202fms")


def test_joins_detours_and_undoing_are_drawn() -> None:
    scene = Scene()
    rules = cast("Any", made_up_pages.expectations(scene, {}))
    join = made_up_pages.rule(scene, ["a process x", "b process y"], ["c process z"])
    join |= {"handover": ["d process hold"]}
    undo = made_up_pages.rule(scene, [], ["a process refund"]) | {"compensates": ["c process z"]}
    graph = model_graph(rules | {"expectations": [join, undo]}, {})
    edges = {(edge["source"], edge["target"]): edge for edge in graph["edges"]}
    assert edges["a process refund", "c process z"]["kind"] == "undo"
    assert edges["a process x", "d process hold"]["dashed"]
    assert {"a process x", "b process y"} <= {source for source, _ in edges}
    notes = {box["id"]: box["note"] for box in graph["boxes"]}
    assert "needs all 2" in notes["c process z"]
    assert "optional" in notes["d process hold"]
    assert graph["columns"] >= 4


def test_a_step_that_nobody_has_taken_for_a_week_is_grey() -> None:
    scene = Scene("empty", now=1_790_000_000.0)
    ways = [made_up_pages.rule(scene, ["a process x"], [f"{name} process y"]) for name in "bcde"]
    for way, kept_at in zip(ways, (None, 8 * 86_400, 60, None), strict=True):
        way["last_kept_at"] = kept_at and text_of(scene.now - kept_at)
    ways[3]["seen"] = 0
    model = cast("Any", made_up_pages.expectations(scene, {})) | {"expectations": ways}
    boxes = {box["service"]: box for box in model_graph(model, {}, text_of(scene.now))["boxes"]}
    assert {name: box["quiet"] for name, box in boxes.items() if box["quiet"]} == {
        "c": True,
        "e": True,
    }
    assert boxes["c"]["note"] == "last seen 8\u202fd ago"
    assert boxes["e"]["note"] == "not seen yet"


def test_a_model_of_rules_that_lead_in_circles_is_drawn() -> None:
    scene = Scene()
    steps = ["a send x", "b send y", "a send x"]
    rules = [made_up_pages.rule(scene, [one], [other]) for one, other in pairwise(steps)]
    model = cast("Any", made_up_pages.expectations(scene, {})) | {"expectations": rules}
    assert model_graph(model, {})["rows"] >= 1


def test_names_of_steps_are_taken_apart() -> None:
    assert parts("stock process order.placed") == ("stock", "process", "order.placed")
    assert parts("my service serve POST /orders") == ("my service", "serve", "POST /orders")
    assert parts("nothing") == ("nothing", "", "")
    assert shared_prefix(["shop-order", "shop-payment"]) == "shop-"
    assert shared_prefix(["order", "payment"]) == ""


def test_a_rule_is_chosen_by_address(draw: Draw, usual: FakeCollector) -> None:
    step = "fulfilment-cd process stock.reserved"
    found = draw("model", usual.url, workflow="order", step=step).parts
    assert found["step"]["title"] == step
    assert found["step"]["links"][0]["text"] == "40 orders stuck here"
    assert found["graph"]["selected"] == step
    assert found["graph"]["links"][step] == "/model?workflow=order"
    [row] = [row for row in found["rules"]["rows"] if row["selected"]]
    assert row["cells"][1]["text"] == step


def test_an_undo_is_added_to_a_flow_without_touching_the_rest() -> None:
    old = "# promises\nworkflow: order\nsteps:\n    pay: payment process order.placed  # first\n"
    new = with_compensation(old, "order", "payment serve POST /refunds", "pay")
    assert new.splitlines()[:3] == old.splitlines()[:3]
    assert new.splitlines()[-1] == old.splitlines()[-1]
    added = yaml.safe_load(new)["steps"]["payment serve POST /refunds"]
    assert added == {"compensates": "pay"}
    with pytest.raises(NotToBeAddedError, match="has an entry"):
        with_compensation(new, "order", "payment serve POST /refunds", "pay")
    for text in (None, "workflow: order\nends: {success: x}\n"):
        made = yaml.safe_load(with_compensation(text, "order", f"{HOSTILE}: #", "b"))
        assert made["steps"] == {f"{HOSTILE}: #": {"compensates": "b"}}
    for wrong in ("a: [", "just text", "steps: {a: b}"):
        with pytest.raises(NotToBeAddedError):
            with_compensation(wrong, "order", "x", "b")


# -- health and the first run ----------------------------------------------------------------------


def test_health_puts_findings_together_by_problem(draw: Draw, usual: FakeCollector) -> None:
    found = draw("health", usual.url).parts
    gravest, other = found["coverage"]["troubles"]
    assert (gravest["id"], gravest["count"], gravest["look"]) == (
        "no_order_key",
        "2 services",
        "failed",
    )
    assert other["fixes"] == ["OTEL_SEMCONV_STABILITY_OPT_IN=http"]
    cards = {card["label"]: card for card in found["collector"]["cards"]}
    assert cards["On the disk"]["value"] == "155\u202fMB"
    rows = {row["id"]: row for row in found["services"]["rows"]}
    assert rows["fulfilment-stock"]["cells"][-1] == {"text": "2.5\u202fs ahead", "look": "stuck"}
    assert "first-steps" not in found


def test_a_first_run_is_a_checklist(draw: Draw) -> None:
    with FakeCollector(Scene("empty")) as fake:
        for page in ("overview", "health"):
            found = draw(page, fake.url, tab="Go").parts
            assert [item["state"] for item in found["first-steps"]["items"]] == [
                *("done", "now", "later", "later", "later"),
            ]
            assert fake.url in found["setup"]["blocks"][0][1]
            assert "otlptracehttp" in found["setup"]["blocks"][1][1]
    for language in LANGUAGES:
        assert any("http://there:4318" in text for _, text in lines(language, "http://there:4318"))


def test_the_checklist_waits_for_the_order_s_id() -> None:
    scene = Scene()
    summary, doctor = cast("Any", scene.summary({})), cast("Any", made_up_pages.doctor(scene, {}))
    assert coverage.arrived(coverage.first_steps(summary, doctor))
    told = {finding["service"] for finding in doctor["findings"]}
    keyless = doctor | {"services": sorted(told)}
    states = [item["state"] for item in coverage.first_steps(summary, keyless)]
    assert states == ["done", "done", "now", "later", "later"]


def test_a_collector_in_trouble_says_so(draw: Draw) -> None:
    with FakeCollector(Scene("hostile")) as fake:
        found = draw("health", fake.url).parts
        assert found["trouble-0"]["title"] == "Can't store: disk full"
        model = draw("model", fake.url).parts
        assert HOSTILE in model["drift-0"]["title"]
        assert (
            draw("service", fake.url, id=f"{HOSTILE}-cd").parts["headline"]["title"]
            == f"{HOSTILE}-cd"
        )
