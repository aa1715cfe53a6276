from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import Any

import pytest

from dashboard.figures.failing import MOST, failing_edges
from dashboard.figures.flow import flow
from dashboard.figures.ring import RADIUS, ring
from dashboard.figures.rows import ROW
from dashboard.figures.servicemap import MOST_IN_FLOW, beginnings, drawn_map
from tests.dashboard.made_up import Scene
from tests.dashboard.made_up_map import edge, fulfilment_map, large_map, node

NONE: dict[str, tuple[float, float]] = {}


def drawn(given: Any) -> Any:
    return drawn_map(given, lambda name: f"/map?focus={name}", lambda name: f"/map?edge={name}")


def test_a_chain_is_a_straight_line() -> None:
    names = list("abcdef")
    layout = flow(names, list(pairwise(names)), NONE)
    xs = [layout.places[name][0] for name in names]
    assert xs == sorted(xs) and len(set(xs)) == 6
    assert {layout.places[name][1] for name in names} == {0.0}


def test_what_hangs_on_a_chain_doesn_t_bend_it() -> None:
    layout = flow(list("abcdx"), [("a", "b"), ("b", "c"), ("c", "d"), ("b", "x")], NONE)
    heights = {layout.places[name][1] for name in "abcd"}
    assert max(heights) - min(heights) < 1
    assert abs(layout.places["x"][1] - layout.places["c"][1]) >= ROW - 1


def test_places_depend_on_the_graph_alone() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("d", "c")]
    one = flow(list("abcd"), edges, NONE)
    other = flow(list("dcba"), edges[::-1], NONE)
    assert one.places == other.places
    assert one.ways == other.ways


def test_cycles_and_loops_are_laid_out() -> None:
    layout = flow(list("ab"), [("a", "b"), ("b", "a"), ("a", "a")], NONE)
    assert set(layout.ways) == {("a", "b"), ("b", "a")}
    assert layout.ways["b", "a"] == layout.ways["a", "b"][::-1]


def test_a_circle_begins_where_orders_begin() -> None:
    circle = [("cd", "shop"), ("shop", "stock"), ("stock", "cd")]
    layout = flow(["cd", "shop", "stock"], circle, NONE, frozenset({"shop"}))
    assert sorted(layout.places, key=lambda name: layout.places[name][0]) == ["shop", "stock", "cd"]


def test_orders_begin_at_steps_that_nothing_leads_to() -> None:
    rules: Any = [
        {"after": "shop serve POST /orders", "step": "shop send placed"},
        {"after": "shop send placed", "step": "shop-payment process placed"},
    ]
    assert beginnings(rules, ["shop", "shop-payment"]) == {"shop"}


def test_parts_without_a_connection_don_t_overlap() -> None:
    edges = [(f"a{n}", f"b{n}") for n in range(12)]
    layout = flow([name for pair in edges for name in pair], edges, NONE)
    assert len(set(layout.places.values())) == 24


def test_labels_don_t_touch() -> None:
    widths = dict.fromkeys("abc", (0.0, 120.0))
    layout = flow(list("abc"), [("a", "b"), ("b", "c")], widths)
    for one, other in combinations("abc", 2):
        assert abs(layout.places[one][0] - layout.places[other][0]) >= 120


def test_a_long_edge_goes_around_what_lies_between() -> None:
    layout = flow(list("abc"), [("a", "b"), ("b", "c"), ("a", "c")], NONE)
    (bend,) = layout.ways["a", "c"][1:-1]
    assert bend[0] == layout.places["b"][0]
    assert bend[1] != layout.places["b"][1]


def test_the_fulfilment_map_shows_where_orders_are_stuck() -> None:
    made = drawn(fulfilment_map(Scene()))
    assert made["shape"] == "flow"
    (held,) = [e for e in made["edges"] if e["stuck"]]
    assert held["id"] == "topic:stock.reserved>fulfilment-cd"
    assert held["stuck_text"] == "40"
    assert held["href"] == "/map?edge=topic:stock.reserved>fulfilment-cd"
    (failing,) = [e for e in made["edges"] if e["failing"]]
    assert failing["target"] == "psp-gateway"
    assert len(made["nodes"]) == 17


def test_small_graphs_flow_and_large_ones_are_rings() -> None:
    assert drawn(large_map(MOST_IN_FLOW))["shape"] == "flow"
    made = drawn(large_map(MOST_IN_FLOW + 1))
    assert made["shape"] == "ring"
    assert {arc["name"] for arc in made["arcs"]} >= {"catalog", "payments"}


def test_edges_to_unknown_nodes_are_left_out() -> None:
    made = drawn({"nodes": [node("a", "service", "")], "edges": [edge("a", "b", "rpc", 1)]})
    assert made["edges"] == []


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn({"nodes": [], "edges": []})["nodes"] == []


def test_ring_places_are_on_their_circles() -> None:
    layout = ring({"a": "x", "b": "x", "t": "y"}, frozenset({"t"}), [("a", "t"), ("a", "b")])
    assert math.hypot(*layout.places["a"]) == pytest.approx(RADIUS)
    assert math.hypot(*layout.places["t"]) < RADIUS
    assert layout.ways["a", "t"][0] == pytest.approx(layout.places["a"])
    assert layout.ways["a", "t"][-1] == pytest.approx(layout.places["t"])
    assert [arc.name for arc in layout.arcs] == ["x", "y"]


def test_failing_is_one_error_in_a_hundred() -> None:
    edges = [edge("a", str(n), "rpc", 1000, errors=n) for n in range(200)]
    found = failing_edges(edges)  # type: ignore[arg-type]
    assert len(found) == MOST
    assert found[0]["errors"] == 199
    assert failing_edges([edge("a", "b", "rpc", 0)]) == []  # type: ignore[list-item]
    assert failing_edges([edge("a", "b", "rpc", 1000, errors=9)]) == []  # type: ignore[list-item]
