"""Every page in every state, without a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from dashboard.app_pages.orders_export import as_csv
from dashboard.data import all_orders
from dashboard.links import link, order_link
from tests.dashboard.conftest import PAGES, Draw, free_port
from tests.dashboard.fake_collector import FakeCollector
from tests.dashboard.made_up import Scene
from tests.dashboard.made_up_states import CASES, States


def test_links_carry_any_name() -> None:
    assert link("") == "/"
    assert link("orders", state="stuck", q=None, service="") == "/orders?state=stuck"
    assert order_link("a b", "x&id=<y>") == "/order?workflow=a+b&id=x%26id%3D%3Cy%3E"
    assert link("orders", page="2") == "/orders?page=2"


def test_overview_leads_to_the_orders_of_each_cause(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("overview", usual.url).parts
    cd, payment = parts["causes"]["rows"]
    assert cd["href"] == "/orders?workflow=order&cause=c-cd"
    assert cd["cells"][0]["text"] == "fulfilment-cd did not consume stock.reserved"
    assert cd["cells"][1]["text"] == "40"
    assert payment["cells"][0]["icon"] == "✕"
    figures = {card["label"]: card for card in parts["figures"]["cards"]}
    assert figures["Stuck right now"]["value"] == "40"
    assert figures["Stuck right now"]["href"] == "/orders?state=stuck"
    assert figures["Failed"]["href"] == "/orders?state=failed&range=1h"
    assert {s["state"] for s in parts["states"]["segments"]} >= {"completed", "stuck", "failed"}
    assert parts["failing-edges"]["rows"][0]["cells"][0] == "fulfilment-payment → psp-gateway"


def test_overview_keeps_its_filters_in_links(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("overview", usual.url, workflow="order", range="6h").parts
    figures = {card["label"]: card for card in parts["figures"]["cards"]}
    assert figures["Orders started"]["href"] == "/orders?workflow=order&range=6h"
    assert figures["Orders started"]["note"] == "in the last 6 hours"


def test_orders_filters_are_the_address(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("orders", usual.url, state="stuck").parts
    assert len(parts["orders"]["rows"]) == 40
    row = parts["orders"]["rows"][0]
    assert row["href"].startswith("/order?workflow=order&id=ORD-")
    assert row["cells"][1] == {
        "text": "stuck",
        "icon": "◆",
        "look": "stuck",
        "title": "edge stopped",
    }
    chosen = [s for s in parts["filters"]["segments"] if s.get("chosen")]
    assert [(s["state"], s["href"]) for s in chosen] == [("stuck", "/orders")]


def test_a_cause_can_be_taken_off(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("orders", usual.url, cause="c-cd", q="ORD").parts
    (cause,) = [s for s in parts["filters"]["segments"] if s["state"] == "cause"]
    assert cause["word"] == "cause: fulfilment-cd did not consume stock.reserved"
    assert cause["href"] == "/orders?q=ORD"
    assert len(parts["orders"]["rows"]) == 40


def test_orders_are_paged_by_the_server(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("orders", usual.url).parts
    assert len(parts["orders"]["rows"]) == 50
    (following,) = [s for s in parts["paging"]["segments"] if s["word"] == "Next page"]
    assert following["href"] == "/orders?next=50&page=2"
    parts = draw("orders", usual.url, next="50", page="2").parts
    assert parts["paging"]["segments"][0]["word"].startswith("51–100 of ")


def test_the_edge_filter_is_the_map_s(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("orders", usual.url, edge="topic:stock.reserved>fulfilment-cd").parts
    assert parts["orders"]["rows"]


def test_no_match_says_so(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("orders", usual.url, q="no such order").parts
    assert parts["orders"]["rows"] == []
    assert parts["orders"]["empty"] == "No order matches these filters."


def stuck_order(fake: FakeCollector) -> str:
    return next(o["order_id"] for o in fake.scene.orders.values() if o["state"] == "stuck")


def test_an_order_shows_its_sentence_whole(draw: Draw, usual: FakeCollector) -> None:
    wanted = stuck_order(usual)
    parts = draw("order", usual.url, workflow="order", id=wanted).parts
    head = parts["headline"]
    (sentence,) = head["sentences"]
    assert sentence["head"] == "fulfilment-cd did not consume stock.reserved"
    assert sentence["head"] + sentence["tail"] == usual.scene.orders[wanted]["sentence"]
    assert head["loud"] is True
    assert head["badge"]["text"].startswith("stuck for ")
    assert [crumb["text"] for crumb in head["crumbs"]][:2] == ["Orders", "stuck"]
    assert [box["service"] for box in parts["steps"]["boxes"] if box["late"]] == ["fulfilment-cd"]


@pytest.mark.parametrize("tab", ["Spans", "Messages", "Attributes"])
def test_tabs_open_by_address(draw: Draw, usual: FakeCollector, tab: str) -> None:
    parts = draw("order", usual.url, id=stuck_order(usual), tab=tab).parts
    assert tab.lower() in parts


def test_a_step_is_chosen_by_address(draw: Draw, usual: FakeCollector) -> None:
    step = "fulfilment-cd process stock.reserved"
    parts = draw("order", usual.url, id=stuck_order(usual), step=step).parts
    assert parts["steps"]["selected"] == step
    assert ["Also waiting here", "39"] in parts["step"]["pairs"]


@pytest.fixture(scope="module")
def states() -> Iterator[FakeCollector]:
    with FakeCollector(States()) as fake:
        yield fake


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[2]}".strip())
def test_every_state_and_verdict_is_drawn(
    draw: Draw, states: FakeCollector, case: tuple[int, str, str]
) -> None:
    _, state, verdict = case
    parts = draw("order", states.url, id=f"{state} {verdict}".strip()).parts
    head = parts["headline"]
    assert head["badge"]["text"].startswith(state.replace("_", " "))
    assert head["sentences"][0]["head"]
    assert head["loud"] is (state in {"stuck", "failed"})
    assert any(box["late"] for box in parts["steps"]["boxes"]) is (state == "stuck")
    missing = [bar for bar in parts["timeline"]["bars"] if bar["missing"]]
    assert bool(missing) is (state in {"stuck", "in_progress"})


def test_the_sentence_leads_to_its_rule_and_says_what_orders_share(
    draw: Draw, usual: FakeCollector
) -> None:
    head = draw("order", usual.url, id=stuck_order(usual)).parts["headline"]
    links = {link["text"]: link["href"] for link in head["links"]}
    step = "fulfilment-cd+process+stock.reserved"
    assert links["The rule behind this"] == f"/model?workflow=order&step={step}"
    assert links["All 40 orders of this cause"] == "/orders?workflow=order&cause=c-cd"
    names = {entry["name"]: entry["text"] for entry in head["evidence"]}
    assert names["What they share"].startswith("all 40 ran through fulfilment-stock 1.4.2")
    assert "fulfilment-invoice process parcel.packed" in names["Held up behind it"]


def test_traces_open_elsewhere_by_a_template(
    draw: Draw, usual: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "CHOREOSCOPE_TRACE_URL",
        "Jaeger=https://j/trace/{trace_id}?uiFind={span_id} file:///{trace_id}",
    )
    order = usual.scene.orders[stuck_order(usual)]
    span = usual.scene.spans[order["order_id"]][1]
    key = f"{span['trace_id']}:{span['span_id']}"
    detail = draw("order", usual.url, id=order["order_id"], tab="Spans", span=key).parts["spans"][
        "detail"
    ]
    assert detail["title"] == span["name"]
    address = f"https://j/trace/{span['trace_id']}?uiFind={span['span_id']}"
    assert detail["opens"] == [{"name": "Jaeger", "url": address}]
    assert [section["title"] for section in detail["sections"]] == ["", "Attributes", "Resource"]


def test_an_order_beside_a_typical_one(draw: Draw, usual: FakeCollector) -> None:
    wanted = stuck_order(usual)
    parts = draw("order", usual.url, id=wanted, tab="Compare").parts
    remarks = [row["cells"][-1] for row in parts["compare"]["rows"]]
    assert remarks[3:5] == ["hasn't come", "not in this order"]
    parts = draw("order", usual.url, id=wanted, tab="Where the time went").parts
    own, typical = parts["path"]["bars"]
    assert own["title"] == "This order" and typical["total"].startswith("about ")
    assert any(row["cells"][1] == "in brokers" for row in parts["hops"]["rows"])


def test_orders_leave_as_csv(draw: Draw, usual: FakeCollector) -> None:
    draw("orders", usual.url)
    rows = list(all_orders({"state": "stuck"}, None, 30))
    assert len(rows) == 30
    rows[0] |= {"order_id": "=HYPERLINK(1)", "sentence": 'a "quoted", one'}
    lines = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert lines[0]["order_id"] == "'=HYPERLINK(1)"
    assert lines[0]["sentence"] == 'a "quoted", one'
    assert {line["state"] for line in lines} == {"stuck"}


def test_times_in_the_address_filter_and_can_be_taken_off(draw: Draw, usual: FakeCollector) -> None:
    drawn = draw("orders", usual.url, **{"from": "2099-01-01T00:00:00Z", "to": "nonsense"})
    assert drawn.parts["orders"]["rows"] == []
    chips = {s["state"]: s for s in drawn.parts["filters"]["segments"]}
    assert chips["from"]["word"] == "from: 2099-01-01 00:00:00 UTC"
    assert chips["from"]["href"] == "/orders" and "to" not in chips


def test_a_whole_id_leads_straight_to_its_order(draw: Draw, usual: FakeCollector) -> None:
    page = draw("orders", usual.url)
    page.app.text_input[0].set_value("ORD-10611").run()
    assert page.parts["jump"]["href"] == "/order?workflow=order&id=ORD-10611"
    assert page.app.query_params.get("q") in (None, [])
    page = draw("orders", usual.url)
    page.app.text_input[0].set_value("ORD-1061").run()
    assert "jump" not in page.parts
    assert len(page.parts["orders"]["rows"]) == 10


def test_an_unknown_order_is_a_message(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("order", usual.url, workflow="order", id="ORD-0").parts
    assert parts["unknown"]["title"] == "No order ORD-0"
    parts = draw("order", usual.url).parts
    assert parts["unknown"]["title"] == "No order chosen"


def test_thousands_of_spans_become_few_rows(draw: Draw) -> None:
    with FakeCollector(Scene("heavy")) as fake:
        parts = draw("order", fake.url, id="ORD-10640", tab="Spans").parts
    assert parts["spans"]["spans"] == len(fake.scene.spans["ORD-10640"])


def test_a_node_of_the_map_is_chosen_by_address(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("map", usual.url, focus="fulfilment-cd").parts
    assert parts["service-map"]["selected"] == "fulfilment-cd"
    assert parts["panel"]["title"] == "fulfilment-cd"
    assert parts["panel"]["links"][0]["href"] == "/orders?service=fulfilment-cd&state=stuck"


def test_an_edge_of_the_map_leads_to_its_orders(draw: Draw, usual: FakeCollector) -> None:
    parts = draw("map", usual.url, edge="topic:stock.reserved>fulfilment-cd").parts
    assert parts["panel"]["title"] == "stock.reserved → fulfilment-cd"
    stuck = parts["panel"]["links"][0]
    assert stuck["text"] == "◆ 40 orders stuck here"
    assert "edge=topic%3Astock.reserved%3Efulfilment-cd" in stuck["href"]
    assert parts["edges"]["rows"][0]["selected"] is True


def test_a_large_map_is_a_ring_with_views_in_its_address(draw: Draw) -> None:
    with FakeCollector(Scene("map-200")) as fake:
        whole = draw("map", fake.url).parts["service-map"]
        assert whole["shape"] == "ring" and whole["frames"] == []
        opened = draw("map", fake.url, open="payments", q="saga").parts["service-map"]
        assert sum(not arc["closed"] for arc in opened["arcs"]) == 1
        assert opened["address"] == {"open": "payments", "q": "saga"}
        around = draw("map", fake.url, focus="payments-api", depth="1").parts
        assert around["service-map"]["shape"] == "flow"
        assert around["panel"]["title"] == "payments-api"
        replayed = draw("map", fake.url, replay="1").parts["service-map"]
        assert len(replayed["frames"]) == 12 and replayed["frame"] == 11
        asked = [path for path in fake.asked if "/map?" in path and "to=" in path]
        assert len(asked) == 12


@pytest.mark.parametrize("page", ["orders", "map", "model"])
def test_a_first_run_tells_how_to_begin(draw: Draw, page: str) -> None:
    with FakeCollector(Scene("empty")) as fake:
        parts = draw(page, fake.url).parts
        assert parts["first-run"]["title"] == "No spans yet"
        assert f"OTEL_EXPORTER_OTLP_ENDPOINT={fake.url}" in parts["first-run"]["lines"][0]


@pytest.mark.parametrize("page", list(PAGES))
def test_a_collector_that_puts_its_orders_together_says_how_far_it_is(
    draw: Draw, page: str
) -> None:
    with FakeCollector(Scene("rebuilding")) as fake:
        parts = draw(page, fake.url, id="ORD-1").parts
    assert parts["rebuilding"]["title"].endswith("43.0\u202f% of the stored spans so far")
    assert not {"first-run", "first-steps", "cold", "unknown"} & parts.keys()


def test_verdicts_that_are_behind_are_told_beside_the_age(draw: Draw) -> None:
    scene = Scene()
    with FakeCollector(scene) as fake:
        assert draw("orders", fake.url).parts["freshness"]["note"] == ""
        scene.lag_s = 21.0
        for page in ("overview", "orders", "model", "health", "map"):
            assert draw(page, fake.url).parts["freshness"]["note"] == "verdicts 21\u202fs behind"
        assert draw("order", fake.url, id="ORD-10001").parts["freshness"]["note"]


def test_a_cold_model_is_told(draw: Draw) -> None:
    with FakeCollector(Scene("cold")) as fake:
        assert "cold" in draw("overview", fake.url).parts


@pytest.mark.parametrize("page", list(PAGES))
def test_a_collector_away_is_told(draw: Draw, page: str) -> None:
    parts = draw(page, f"http://127.0.0.1:{free_port()}", id="ORD-1").parts
    assert parts["problem"]["title"] == "The collector is away"


@pytest.mark.parametrize("page", list(PAGES))
def test_no_permission_is_told(draw: Draw, page: str) -> None:
    with FakeCollector(Scene("empty"), token="secret") as fake:
        parts = draw(page, fake.url, id="ORD-1").parts
    assert parts["problem"]["title"] == "The collector refuses this dashboard"


def test_the_token_opens_the_door(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOREOSCOPE_TOKEN", "secret")
    with FakeCollector(Scene("empty"), token="secret") as fake:
        assert "first-steps" in draw("overview", fake.url).parts


def test_the_last_picture_stays_while_the_collector_is_away(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.keeper.PATIENCE_S", 0.0)
    scene = Scene()
    with FakeCollector(scene) as fake:
        port = fake.server_address[1]
        page = draw("overview", fake.url)
        before = page.parts["causes"]["rows"]
    page.refreshed()
    assert page.parts["problem"]["title"] == "The collector is away"
    assert "This is the last picture" in page.parts["problem"]["text"]
    assert [row["id"] for row in page.parts["causes"]["rows"]] == [row["id"] for row in before]
    assert page.parts["freshness"]["away"] is True
    with FakeCollector(scene, port):
        page.refreshed()
        assert "problem" not in page.parts
        assert page.parts["freshness"]["away"] is False


@pytest.mark.parametrize("page", list(PAGES))
def test_hostile_names_pass_as_text(draw: Draw, page: str) -> None:
    with FakeCollector(Scene("hostile")) as fake:
        drawn = draw(page, fake.url, id=stuck_order(fake))
    assert not drawn.app.exception
    shown = [element.value for element in (*drawn.app.markdown, *drawn.app.caption)]
    assert not any("<img" in text or "evil" in text for text in shown)


@pytest.mark.parametrize(
    "address",
    [
        {"range": "yesterday"},
        {"workflow": "gone"},
        {"page": "x", "next": "50"},
        {"focus": "gone", "edge": "a>b"},
        {"tab": "Nothing", "step": "gone", "span": "gone"},
    ],
)
@pytest.mark.parametrize("page", list(PAGES))
def test_old_addresses_don_t_break_pages(
    draw: Draw, usual: FakeCollector, page: str, address: dict[str, str]
) -> None:
    draw(page, usual.url, **{"id": "ORD-10001", **address})
