from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

from dashboard.figures.curves import curve
from dashboard.figures.failing import MOST, failing_edges
from dashboard.figures.flow import flow
from dashboard.figures.flowmap import short_label
from dashboard.figures.rows import ROW
from dashboard.figures.servicemap import MOST_IN_FLOW, beginnings, natural_shape
from tests.dashboard.drawing import drawn
from tests.dashboard.made_up import Scene
from tests.dashboard.made_up_map import edge, fulfilment_map, node

NONE: dict[str, tuple[float, float]] = {}


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


def test_lines_keep_clear_of_the_labels_of_their_ends() -> None:
    labels = (0.0, 100.0)
    points = curve([(0, 0), (300, 90)], 15, labels, labels)
    assert points[0] == (15, 0) and points[-1][0] < 300
    below = [x for x, y in points[: len(points) // 2] if y > 5]
    assert all(x > 50 for x in below)  # past the end of the label under the source


def test_names_are_told_without_the_domain_that_stands_above() -> None:
    assert short_label("sqlite:fulfilment-cd", "fulfilment") == "sqlite:cd"
    assert short_label("fulfilment", "fulfilment") == "fulfilment"
    assert short_label("superfulfilment-cd", "fulfilment") == "superfulfilment-cd"


def test_the_fulfilment_map_shows_where_orders_are_stuck() -> None:
    made = drawn(fulfilment_map(Scene()))
    assert made["shape"] == "flow"
    edges, ids = made["edges"], made["nodes"]["id"]
    ((held, count),) = made["stuck_edges"]
    assert ids[edges["source"][held]] == "topic:stock.reserved"
    assert ids[edges["target"][held]] == "fulfilment-cd"
    assert count == 40
    (failing,) = made["failing"]
    assert ids[edges["target"][failing]] == "psp-gateway"
    assert len(ids) == len(made["nodes"]["x"]) == 17
    assert all(len(points) % 6 == 2 for points in edges["points"])


def test_small_and_sparse_graphs_flow() -> None:
    assert natural_shape(MOST_IN_FLOW, 400) == "flow"
    assert natural_shape(MOST_IN_FLOW + 1, 400) == "ring"
    assert natural_shape(80, 80) == "flow"
    assert natural_shape(200, 200) == "ring"


def test_edges_to_unknown_nodes_are_left_out() -> None:
    made = drawn({"nodes": [node("a", "service", "")], "edges": [edge("a", "b", "rpc", 1)]})
    assert made["edges"]["source"] == []


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn({"nodes": [], "edges": []})["nodes"]["id"] == []


def test_a_service_that_calls_itself_has_a_loop() -> None:
    made = drawn({"nodes": [node("a", "service", "")], "edges": [edge("a", "a", "rpc", 1)]})
    assert len(made["edges"]["points"][0]) == 8


def test_failing_is_one_error_in_a_hundred() -> None:
    edges = [edge("a", str(n), "rpc", 1000, errors=n) for n in range(200)]
    found = failing_edges(edges)  # type: ignore[arg-type]
    assert len(found) == MOST
    assert found[0]["errors"] == 199
    assert failing_edges([edge("a", "b", "rpc", 0)]) == []  # type: ignore[list-item]
    assert failing_edges([edge("a", "b", "rpc", 1000, errors=9)]) == []  # type: ignore[list-item]
