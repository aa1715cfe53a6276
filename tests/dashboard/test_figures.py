from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from dashboard.figures import formats, pathparts
from dashboard.figures.clocks import clock_words, shifts
from dashboard.figures.comparison import pairs, remark, together
from dashboard.figures.journey import journey
from dashboard.figures.series import points_of, throughput, time_to_finish
from dashboard.figures.stepgraph import step_graph
from dashboard.figures.swimlane import swimlane
from dashboard.figures.tally import segments, tally_words
from dashboard.figures.timeline import IDLE_SHARE, OPEN_SHARE, compressed, linear
from dashboard.figures.tracks import tracks
from dashboard.figures.waterfall import JOINED, span_rows, span_tree
from tests.dashboard.made_up import Scene
from tests.dashboard.made_up_pages import expectations
from tests.dashboard.made_up_states import States

S = 1_000_000_000


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def first(scene: Scene, state: str) -> Any:
    return next(order for order in scene.orders.values() if order["state"] == state)


# -- timeline ---------------------------------------------------------------------------------


def test_hours_of_waiting_don_t_squeeze_the_work() -> None:
    axis = compressed([(0, S), (2 * S, 3 * S)], open_until=3600 * S)
    assert axis.place(0) == 0
    assert axis.place(3600 * S) == 1
    assert axis.place(2 * S) - axis.place(S) == pytest.approx(IDLE_SHARE)
    assert 1 - axis.place(3 * S) == pytest.approx(OPEN_SHARE)


def test_places_never_run_backwards() -> None:
    axis = compressed([(0, 5 * S), (S, 2 * S), (9 * S, 9 * S), (20 * S, 21 * S)], 30 * S)
    places = [axis.place(at * S // 10) for at in range(-5, 320)]
    assert all(one <= other for one, other in pairwise(places))
    assert places[0] == 0 and places[-1] == 1


def test_idle_time_is_where_nothing_runs() -> None:
    axis = compressed([(0, 10 * S), (S, 2 * S), (12 * S, 13 * S)])
    assert [(s.start // S, s.end // S) for s in axis.stretches if s.idle] == [(10, 12)]


@pytest.mark.parametrize("work", [[], [(5, 5)], [(7, 3)], [(1, 2)] * 400])
def test_any_work_has_an_axis(work: list[tuple[int, int]]) -> None:
    axis = compressed(work, 9)
    assert axis.place(0) <= axis.place(9)
    assert axis.ticks()[0][0] == 0 and axis.ticks()[-1][0] == 1


def test_many_gaps_leave_room_for_work() -> None:
    axis = compressed([(at * 10 * S, at * 10 * S + S) for at in range(100)])
    busy = sum(s.right - s.left for s in axis.stretches if not s.idle)
    assert busy >= 0.59


def test_real_time_is_linear() -> None:
    assert linear(0, 100).place(25) == 0.25


# -- steps ------------------------------------------------------------------------------------


def test_sends_become_arrows(scene: Scene) -> None:
    way = journey(first(scene, "stuck"))
    assert [stop.service for stop in way.stops] == [
        "fulfilment-checkout",
        "fulfilment-payment",
        "fulfilment-stock",
        "fulfilment-cd",
    ]
    assert [(leg.kind, leg.pending) for leg in way.legs].count(("messaging", False)) == 2
    (missing,) = [leg for leg in way.legs if leg.pending]
    assert missing.target == "fulfilment-cd process stock.reserved"
    assert [stop.step for stop in way.stops if stop.late] == [missing.target]


def test_a_send_that_nobody_follows_is_a_stop(scene: Scene) -> None:
    titles = [stop.title for stop in journey(first(scene, "completed")).stops]
    assert titles[-1] == "send order.shipped"


def test_step_graph_goes_left_to_right(scene: Scene) -> None:
    graph = step_graph(journey(first(scene, "stuck")))
    column = {box["id"]: box["column"] for box in graph["boxes"]}
    assert sorted(column.values()) == [0, 1, 2, 3]
    assert all(column[a["source"]] < column[a["target"]] for a in graph["arrows"])
    assert (graph["columns"], graph["rows"]) == (4, 1)


def test_steps_that_cause_each_other_are_still_drawn(scene: Scene) -> None:
    order = first(scene, "completed")
    steps = [dict(step) for step in order["steps"]]
    steps[0]["causes"] = [steps[-1]["step"]]
    graph = step_graph(journey({**order, "steps": steps}))
    assert graph["columns"] == 6


def state(verdict: str) -> Any:
    return States().orders[verdict]


def test_only_what_a_stuck_order_is_stuck_at_is_loud() -> None:
    (box,) = [
        box for box in step_graph(journey(state("in_progress suspect")))["boxes"] if box["pending"]
    ]
    assert (box["look"], box["note"], box["late"]) == ("waiting", "overdue", False)
    (box,) = [
        box for box in step_graph(journey(state("stuck odd_order")))["boxes"] if box["pending"]
    ]
    assert (box["look"], box["note"], box["late"]) == ("stuck", "missing", True)


def test_what_undid_a_step_points_at_it_and_what_was_undone_keeps_its_colour() -> None:
    scene = States()
    maker = scene.maker
    undoing = {maker.undoing(at): [maker.step(at)] for at in (1, 2)}  # type: ignore[attr-defined]
    graph = step_graph(journey(scene.orders["compensated"], undoing))
    looks = {box["id"]: (box["look"], box["icon"]) for box in graph["boxes"]}
    back = [(a["source"], a["target"]) for a in graph["arrows"] if a["kind"] == "compensation"]
    assert sorted(back) == sorted((undo, undone[0]) for undo, undone in undoing.items())
    for undo, (undone,) in undoing.items():
        assert (looks[undo], looks[undone]) == (("compensated", "✓"), ("completed", "↩"))


def test_calls_one_after_the_other_hang_below_their_caller(scene: Scene) -> None:
    order = first(scene, "completed")
    (caller, _, *_rest) = order["steps"]
    at = [f"2026-11-20T14:00:0{second}.000000000Z" for second in range(8)]
    called = [
        caller
        | {"step": f"s{n} serve GET /", "service": f"s{n}", "causes": [caller["step"]]}
        | {"started_at": at[2 * n], "ended_at": at[2 * n + 1]}
        for n in range(3)
    ]
    calls = [
        {**step, "step": f"call {n}", "role": "call", "causes": [caller["step"]]}
        for n, step in enumerate(called)
    ]
    for n, step in enumerate(called):
        step["causes"] = [f"call {n}"]
    graph = step_graph(journey({**order, "steps": [caller, *calls, *called]}))
    places = [(box["column"], box["row"]) for box in graph["boxes"]]
    assert places == [(0, 0), (1, 1), (2, 1), (3, 1)]
    assert all(arrow["drop"] for arrow in graph["arrows"])


def test_an_order_without_steps_is_drawn_empty(scene: Scene) -> None:
    way = journey({**first(scene, "completed"), "steps": []})
    assert step_graph(way) == {"boxes": [], "arrows": [], "columns": 0, "rows": 0}
    assert swimlane(way, [], [], 10)["bars"] == []


# -- swimlane ---------------------------------------------------------------------------------


def drawn(order: Any, spans: Any = (), **how: Any) -> Any:
    now = formats.nanoseconds(order["as_of"])
    return swimlane(journey(order), list(spans), order["critical_path"], now, **how)


def test_the_missing_step_lies_in_the_lane_of_its_service_up_to_now(scene: Scene) -> None:
    order = first(scene, "stuck")
    drawing = drawn(order, scene.spans[order["order_id"]])
    (missing,) = [bar for bar in drawing["bars"] if bar["missing"]]
    assert drawing["lanes"][missing["row"]]["name"] == "fulfilment-cd"
    assert missing["left"] + missing["width"] == pytest.approx(1)
    assert (missing["icon"], missing["text"]) == ("◆", "stock.reserved not consumed")
    assert drawing["ticks"][-1]["text"] == "now"
    topics = {arrow["text"] for arrow in drawing["arrows"] if arrow["kind"] == "messaging"}
    assert topics == {"order.placed", "payment.taken", "stock.reserved"}


def test_the_critical_path_lies_on_the_same_axis(scene: Scene) -> None:
    order = first(scene, "completed")
    drawing = drawn(order)
    bars = {bar["id"]: bar for bar in drawing["bars"]}
    first_piece = drawing["path"][0]
    assert (first_piece["kind"], first_piece["left"]) == ("work", 0)
    assert first_piece["width"] == bars[order["steps"][0]["step"]]["width"]
    assert {piece["kind"] for piece in drawing["path"]} == {"work", "broker"}


def test_steps_that_overlap_get_rows_of_their_own(scene: Scene) -> None:
    order = first(scene, "completed")
    steps = [{**step, "service": "shop", "causes": []} for step in order["steps"]]
    for step in steps:
        step["role"], step["started_at"] = "process", order["started_at"]
    way = journey({**order, "steps": steps})
    made = tracks(way.stops, 10**19)
    assert made.total == len(way.stops) == 12
    assert len(set(made.heights.values())) == 12
    lanes = swimlane(way, [], [], 10**19)["lanes"]
    assert lanes == [{"name": "shop", "row": 0, "rows": 12}]


def test_a_clock_that_is_ahead_is_drawn_back(scene: Scene) -> None:
    order = first(scene, "completed")
    ahead = {"service": "fulfilment-cd", "instance": None, "clock_offset_s": 4.0}
    offsets: Any = [ahead | {"clock_width_s": 0.4}]
    raw, corrected = journey(order), journey(order, shifts=shifts(offsets))
    for before, after in zip(raw.stops, corrected.stops, strict=True):
        by = 4 * S if before.service == "fulfilment-cd" else 0
        assert (before.start or 0) - (after.start or 0) == by
    said = clock_words(offsets).replace(formats.THIN, " ")
    assert said == "The clock of fulfilment-cd is 4.0 s ahead (± 200 ms)."
    assert shifts([*offsets, *offsets]) == {}


def test_thousands_of_spans_are_drawn_as_steps_alone() -> None:
    scene = Scene("heavy")
    order = scene.orders["ORD-10640"]
    assert drawn(order, scene.spans["ORD-10640"])["thin"] == []
    assert len(drawn(order, scene.spans["ORD-10640"][-40:])["thin"]) > 0


def test_real_time_shows_waiting_as_long_as_it_was(scene: Scene) -> None:
    (missing,) = [
        bar for bar in drawn(first(scene, "stuck"), real_time=True)["bars"] if bar["missing"]
    ]
    assert missing["width"] > 0.95


# -- where the time went, and what is usual -----------------------------------------------------


def test_the_hops_add_up_to_the_path(scene: Scene) -> None:
    order = first(scene, "completed")
    usual: Any = scene.critical_path({})["hops"]
    counts, small = pathparts.hops(order["critical_path"], usual)
    made = pathparts.sums(order["critical_path"])
    assert sum(hop.seconds for hop in (*counts, *small)) == pytest.approx(made.total)
    assert sum(made.kinds.values()) == made.total and made.waiting == 0
    assert all(hop.usual is not None for hop in counts if hop.kind == "work")
    assert pathparts.times_usual(counts[0]._replace(seconds=3.8)) == pytest.approx(10)


def test_an_order_is_compared_step_by_step(scene: Scene) -> None:
    own, other = journey(first(scene, "stuck")), journey(first(scene, "completed"))
    rules: Any = expectations(scene, {})["expectations"]
    found = {pair.step: pair for pair in pairs(own, other, rules)}
    remarks = [remark(found[scene.maker.step(at)]) for at in (3, 4)]
    assert remarks == ["hasn't come", "not in this order"]
    payment = found[scene.maker.step(1)]
    assert payment.own and payment.other and payment.rule
    took = payment.own.took or 0
    assert together(payment.own) == pytest.approx((payment.own.waited or 0) + took)
    slow = payment._replace(own=payment.own._replace(waited=21.0))
    assert remark(slow) == f"{(21 + took) / 2.1:.1f} × p99"


# -- spans ------------------------------------------------------------------------------------


def rows_of(spans: list[Any]) -> list[Any]:
    return span_rows(spans, linear(0, 10))


def test_spans_nest_under_their_parents(scene: Scene) -> None:
    spans = scene.spans[first(scene, "stuck")["order_id"]]
    rows = rows_of(spans)
    assert len(rows) == len(spans) == 12
    assert [row.depth for row in rows] == [0, 1, 1, 1] * 3
    assert [row.size for row in rows if row.depth == 0] == [3, 3, 3]


def test_long_runs_of_the_same_are_one_row_with_all_of_them_below() -> None:
    spans = Scene("heavy").spans["ORD-10640"]
    rows = rows_of(spans)
    joined = [row for row in rows if row.marks & JOINED]
    assert len(rows) == len(spans) + len(joined)
    assert any(row.name.endswith("× UPDATE sku 1") for row in joined)
    assert len(rows) - sum(row.size for row in joined) < 40


def test_the_tree_is_packed_and_has_the_time_of_all_its_spans(scene: Scene) -> None:
    spans: Any = scene.spans[first(scene, "stuck")["order_id"]]
    tree = span_tree(spans)
    assert len(tree["rows"]) == 12 and len(tree["services"]) == 3
    names = [tree["names"][row[4]] for row in tree["rows"]]
    assert names[0] == "POST /checkout" and "publish order.placed" in names
    assert all(row[6] >= 0 and row[6] + row[7] <= 1.00002 for row in tree["rows"])


def test_ten_thousand_nested_spans_need_no_recursion(scene: Scene) -> None:
    span = scene.spans[first(scene, "stuck")["order_id"]][0]
    chain = [
        {**span, "span_id": str(at), "parent_span_id": str(at - 1) if at else None}
        for at in range(10_000)
    ]
    rows = rows_of(chain)
    assert rows[-1].depth == 9999
    assert rows[0].size == 9999


def test_a_span_that_is_its_own_parent_is_a_root(scene: Scene) -> None:
    span = scene.spans[first(scene, "stuck")["order_id"]][0]
    assert len(rows_of([{**span, "parent_span_id": span["span_id"]}])) == 1


# -- series and counts ------------------------------------------------------------------------


def point(finished: int, p50: float | None) -> Any:
    return {
        "t": "2026-11-20T14:00:00Z",
        "started": 2,
        "finished": finished,
        "stuck": 0,
        "failed": 0,
        "p50_s": p50,
        "p95_s": p50,
        "p99_s": p50,
    }


def test_rates_are_per_minute_whatever_the_interval() -> None:
    drawn = throughput([point(4, 1.0)] * 3, 15)
    assert drawn["series"][0]["values"] == [8.0, 8.0]
    drawn = throughput([point(4, 1.0)] * 500, 1)
    assert drawn["series"][0]["values"] == [120.0] * 49
    assert drawn["series"][1]["dash"] == "dash"
    assert len(drawn["ticks"]) <= 6


def test_intervals_without_finished_orders_are_gaps() -> None:
    drawn = time_to_finish([point(1, 1.0), point(0, None), point(1, 2.0)])
    assert drawn["series"][0]["values"] == [1.0, None, 2.0]
    assert drawn["unit"] == "\u202fs"


def test_small_lines_have_at_most_forty_points() -> None:
    many = [point(1, 2.0)] * 500
    assert len(points_of(many, "started")) <= 40
    assert sum(value or 0 for value in points_of(many, "started")) == 1000
    assert set(points_of(many, "p99_s")) == {2.0}


def test_states_are_counted_in_words() -> None:
    counts = {"completed": 1200, "stuck": 3, "failed": 0}
    words = "Orders by state: 1 200 completed, 3 stuck.".replace("1 200", f"1{formats.THIN}200")
    assert tally_words(counts) == words
    shown = segments(counts, lambda state: f"/{state}", chosen="stuck")
    assert [(s["state"], s["chosen"]) for s in shown if s["chosen"]] == [("stuck", True)]
    assert "unknown" not in {s["state"] for s in shown}
