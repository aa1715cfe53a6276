from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from dashboard.components.maps import map_data, saved_map
from dashboard.figures.collapse import collapsed, domain_id
from dashboard.figures.domains import RingOrder, appended, grouped
from dashboard.figures.drawing import EDGE_KINDS
from dashboard.figures.ego import MOST, surroundings
from dashboard.figures.frames import FRAMES, frame, together, windows
from dashboard.figures.graphml import graphml
from dashboard.figures.mapview import KINDS, view_of
from dashboard.figures.ring import DATABASE, TOPIC, ring
from dashboard.figures.silent import silent_for
from tests.dashboard.drawing import drawn, placed, shown
from tests.dashboard.made_up import HOSTILE, text_of
from tests.dashboard.made_up_map import edge, node, sized_map

START = 1_700_000_000


def services(*names: str, domain: str = "") -> list[Any]:
    return [node(name, "service", domain) for name in names]


def test_five_thousand_services_are_a_ring_below_one_megabyte() -> None:
    given = sized_map(5000)
    made = drawn(given)
    assert made["shape"] == "ring"
    assert len(made["nodes"]["angle"]) == len(given["nodes"]) > 5000
    assert len(made["edges"]["source"]) == len(given["edges"]) > 12_000
    assert len(json.dumps(made, separators=(",", ":"))) < 1_000_000
    assert drawn(given) == made
    assert len(made["failing"]) == 50


def test_places_stay_when_services_come_and_go() -> None:
    given: Any = sized_map(200)
    before = placed(given)
    late = node("checkout-aaa", "service", "checkout")
    after = placed({"nodes": [late, *given["nodes"][5:]], "edges": given["edges"]}, before)
    assert after.domains == before.domains
    assert after.members["checkout"] == [*before.members["checkout"], "checkout-aaa"]
    assert placed(given, after) is after
    changed = {**before.homes, "checkout-api": "payments", "topic:x": "payments"}
    assert appended(before, changed, []).homes["checkout-api"] == "checkout"
    moved = appended(before, changed, [], ["checkout-api"])
    assert moved.members["payments"][-2:] == ["checkout-api", "topic:x"]
    assert "checkout-api" not in moved.members["checkout"]


def test_ring_places_are_on_their_circles() -> None:
    kinds = {"a": "service", "b": "service", "t": "topic", "d": "database", "e": "database"}
    members = {"x": ["a", "d", "e"], "y": ["b", "t"]}
    made = ring(["x", "y"], members, kinds, [("a", "d"), ("a", "e"), ("a", "b")])
    assert [made.places[name][1] for name in "abtd"] == [1.0, 1.0, TOPIC, DATABASE]
    assert made.places["d"][0] == made.places["e"][0] == made.places["a"][0]
    assert made.places["e"][1] < made.places["d"][1]  # behind each other
    assert [arc.name for arc in made.arcs] == ["x", "y"]
    assert all(0 <= arc.start < arc.end <= 2 * math.pi for arc in made.arcs)


def test_domains_come_from_names_neighbours_and_communities() -> None:
    nodes = [
        *services("shop-a", "shop-b", "lonely", "x1", "x2", "y1", "y2"),
        node("pay", "service", "money"),
        node("placed", "topic", "", "topic:placed"),
        node("psp", "external", "", "external:psp"),
    ]
    edges: list[Any] = [
        edge("shop-a", "topic:placed", "messaging", 10),
        edge("topic:placed", "pay", "messaging", 10),
        edge("x1", "x2", "rpc", 5),
        edge("y1", "y2", "rpc", 5),
        edge("pay", "external:psp", "rpc", 5),
    ]
    homes = grouped(nodes, edges)
    assert homes["shop-a"] == homes["shop-b"] == homes["topic:placed"] == "shop"
    assert homes["pay"] == "money" and homes["external:psp"] == "outside"
    assert homes["x1"] == homes["x2"] != homes["y1"] == homes["y2"]
    assert homes["lonely"] == "lonely"


def test_closed_domains_add_up() -> None:
    given: Any = sized_map(200)
    homes = placed(given).homes
    nodes, edges = collapsed(given["nodes"], given["edges"], homes, {"payments"})
    opened = {n["id"] for n in nodes if n["kind"] != "domain"}
    assert opened == {n["id"] for n in given["nodes"] if homes[n["id"]] == "payments"}
    assert {n["name"] for n in nodes if n["kind"] == "domain"} == set(homes.values()) - {"payments"}
    within = [e for e in given["edges"] if homes[e["source"]] == homes[e["target"]] != "payments"]
    for column in ("calls", "errors", "stuck_orders"):
        total = sum(e[column] for e in edges) + sum(e[column] for e in within)  # type: ignore[literal-required]
        assert total == sum(e[column] for e in given["edges"])
    assert not any(e["source"] == e["target"] for e in edges)
    few: Any = {"nodes": services("a", domain="x") + services("b", "c", domain="y")}
    few["edges"] = [
        edge("a", "b", "rpc", 10, p95_ms=10.0),
        edge("a", "c", "rpc", 30, p95_ms=50.0),
    ]
    _, (one,) = collapsed(few["nodes"], few["edges"], placed(few).homes, {"x"})
    assert (one["target"], one["calls"], one["p95_ms"]) == (domain_id("y"), 40, 40.0)


def test_an_opened_domain_has_half_of_the_ring() -> None:
    made = drawn(sized_map(1000), open="payments")
    arcs = {made["domains"][arc["domain"]]: arc for arc in made["arcs"]}
    wide = arcs["payments"]
    assert not wide["closed"] and all(a["closed"] for n, a in arcs.items() if n != "payments")
    assert 0.3 < (wide["end"] - wide["start"]) / (2 * math.pi) < 0.7
    assert len(drawn(sized_map(5000), open="payments")["failing"]) == 50
    closed = drawn(sized_map(1000), level="domains")
    assert set(closed["nodes"]["kind"]) == {4}
    assert "payments-api" in closed["elsewhere"]["id"]  # found all the same
    assert "payments-api" not in made["elsewhere"]["id"]


def test_filters_hide_edges_and_move_nothing() -> None:
    given = sized_map(200)
    whole, calls = drawn(given), drawn(given, kind="rpc", min="100")
    assert calls["nodes"]["angle"] == whole["nodes"]["angle"]
    assert set(calls["edges"]["kind"]) == {EDGE_KINDS.index("rpc")}
    held = {place for place, _ in calls["stuck_edges"]}
    counts = calls["edges"]["calls"]
    assert all(count >= 100 for i, count in enumerate(counts) if i not in held)
    failing = shown(given, failing="1").edges
    assert failing
    assert all(e["errors"] / e["calls"] >= 0.01 or e["stuck_orders"] for e in failing)


def test_surroundings_count_a_topic_as_half_a_step() -> None:
    nodes = [*services("a", "b", "c", "d"), node("t", "topic", "", "topic:t")]
    edges: list[Any] = [
        edge("a", "topic:t", "messaging", 5),
        edge("topic:t", "b", "messaging", 5),
        edge("b", "c", "rpc", 5),
        edge("d", "a", "rpc", 5),
        edge("d", "b", "rpc", 5),
    ]
    near, ways, left_out = surroundings("a", nodes, edges, 1)
    assert {n["id"] for n in near} == {"a", "topic:t", "b", "d"}
    assert len(ways) == 3 and left_out == 0  # d calls b, too, but that is no way to a
    assert {n["id"] for n in surroundings("a", nodes, edges, 2)[0]} == {n["id"] for n in nodes}
    hub = services("hub", *(f"s{n}" for n in range(30)))
    many: list[Any] = [edge(f"s{n}", "hub", "rpc", n) for n in range(30)]
    kept, _, left_out = surroundings("hub", hub, many, 1)
    assert len(kept) == MOST + 1 and left_out == 30 - MOST
    assert "s29" in {n["id"] for n in kept}


def test_edges_go_silent_by_their_own_rhythm() -> None:
    def at(calls: int, ago: float) -> Any:
        return edge("a", "b", "rpc", calls, last_seen_at=text_of(START - ago))

    busy, slow, just, few = at(3600, 120), at(20, 600), at(3600, 30), at(2, 3000)
    found = silent_for([at(1, 0), busy, slow, just, few], 3600)
    assert [round(value) for value in found] == [0, 120, 0, 0, 0]
    assert silent_for([at(3600, 900)], 3600).tolist() == [0]  # all stopped: nobody is silent
    assert silent_for([], None).tolist() == []


def test_an_address_that_makes_no_sense_is_the_usual_view() -> None:
    strange = {"level": "galaxy", "depth": "9", "min": "-1", "kind": "smoke", "shape": "cube"}
    assert view_of(strange) == view_of({})
    assert view_of({"depth": "2"}).depth == 0  # around nothing
    assert view_of({"kind": ",".join(KINDS)}).filtered is False


def test_the_replay_shows_twelve_windows() -> None:
    made = windows(START + 17)
    assert len(made) == FRAMES and made[-1][0] <= "2023-11-14T22:13:37Z" < made[-1][1]
    drawn_edges: list[Any] = [edge("a", "b", "rpc", 9), edge("b", "c", "rpc", 9)]
    seen: list[Any] = [edge("b", "c", "rpc", 4, errors=1), edge("x", "y", "rpc", 3)]
    shown_frame = frame(made[0], seen, drawn_edges)
    assert (shown_frame["edge"], shown_frame["calls"], shown_frame["errors"]) == ([1], [4], [1])
    both: Any = [{"nodes": services("b", "c"), "edges": seen[:1]}] * 2
    assert [e["calls"] for e in together(both)["edges"]] == [8]


def test_graphml_holds_what_the_map_has() -> None:
    given: Any = sized_map(20)
    given["nodes"][0]["name"] = HOSTILE + "\x00"
    read = ET.fromstring(graphml(given, placed(given).homes))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(read.findall(f".//{space}node")) == len(given["nodes"])
    assert len(read.findall(f".//{space}edge")) == len(given["edges"])
    assert any(part.text == HOSTILE + "\ufffd" for part in read.iter(f"{space}data"))


def test_a_saved_map_runs_no_name() -> None:
    given: Any = sized_map(20)
    given["nodes"][0]["name"] = "</script><script>alert(1)</script>"
    data = map_data(drawn(given), view_of({}), {"range": "1h"}, label="a map")
    html = saved_map(data, "<b>title</b>")
    assert "<script>alert" not in html and "<b>title" not in html
    assert '"address":null' in html
    assert "export default" not in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")


def test_a_new_order_is_made_of_nothing() -> None:
    assert appended(RingOrder(), {}, []) == RingOrder()
    with pytest.raises(ValueError, match="export"):
        from dashboard.figures.mapfile import map_html

        map_html({}, "", "no module", "")
