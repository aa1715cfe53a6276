"""Spans that make no sense harm nobody: no crash, an honest answer, and the rest goes on."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.api import order as order_api
from collector.api.graph import service_map
from collector.engine import EngineError, Param
from collector.jobs.statements import Statements
from tests.golden.spans import joined, request
from tests.golden.stories import order_id, read
from tests.golden.world import DAWN, LATER, World, world

Place = Callable[[str], str]
FLOW = read("happy").usual
LONG_AGO = 0
FAR_AHEAD = 9_223_372_036_000_000_000  # 2262
IN_1948 = 2**64 - 694_224_000 * 10**9  # as a signed number: before 1970


def healthy() -> list[ExportTraceServiceRequest]:
    return [request(order_id(n), DAWN + n * 10**9, span) for n in range(30) for span in FLOW]


def span_of(export: ExportTraceServiceRequest):
    return export.resource_spans[0].scope_spans[0].spans[0]


@pytest.fixture
def here(engine_url: Place) -> Iterator[World]:
    with world(engine_url("chdb")) as opened:
        yield opened


def judged(here: World, *odd: ExportTraceServiceRequest) -> None:
    here.take(joined([*odd, *healthy()]))
    here.settle()
    states = {row.order_id: row.state for row in here.orders(workflow="order")}
    assert {states[order_id(n)] for n in range(30)} == {"completed"}


def test_a_span_that_is_its_own_parent(here: World) -> None:
    loop = request("LOOP", DAWN, {**FLOW[0], "under": "placed"})
    judged(here, loop)
    assert here.order("LOOP").span_count == 1


def test_parents_in_a_circle(here: World) -> None:
    a = request("RING", DAWN, {"does": "a serve GET /a", "id": "a", "under": "b", "order": True})
    b = request("RING", DAWN, {"does": "b serve GET /b", "id": "b", "under": "a"})
    judged(here, a, b)
    order = here.order("RING")
    assert {step.step for step in order.steps} == {"a serve GET /a", "b serve GET /b"}
    assert order.critical_path


def test_links_in_a_circle(here: World) -> None:
    a = request("", DAWN, {"does": "a work x", "id": "a", "trace": "a", "links": [["b", "b"]]})
    b = request("", DAWN, {"does": "b work y", "id": "b", "trace": "b", "links": [["a", "a"]]})
    judged(here, a, b)
    assert {row.workflow for row in here.orders()} == {"order", "a x", "b y"}


def test_a_long_chain_of_internal_spans_keeps_its_cause(here: World) -> None:
    chain = [{"does": "deep serve GET /x", "id": "0", "order": True}]
    chain += [{"does": "deep work w", "id": str(n), "under": str(n - 1)} for n in range(1, 900)]
    chain += [{"does": "deep call GET /y", "id": "end", "under": "899"}]
    judged(here, *(request("DEEP", DAWN, told) for told in chain))
    causes = {step.step: step.causes for step in here.order("DEEP").steps}
    assert causes["deep call GET /y"] == ["deep serve GET /x"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 0),
        (DAWN, 0),
        (0, DAWN),
        (DAWN, DAWN - 5),
        (DAWN, 2**64 - 1),
        (2**64 - 1, 1),
        (FAR_AHEAD, FAR_AHEAD),
        (IN_1948, IN_1948 + 5),
    ],
)
def test_times_that_make_no_sense(here: World, start: int, end: int) -> None:
    export = request("ODD", DAWN, FLOW[0])
    span_of(export).start_time_unix_nano = start
    span_of(export).end_time_unix_nano = end
    judged(here, export)
    spans = order_api.spans(here.parts.reader, workflow="order", id="ODD").spans
    assert len(spans) == 1
    assert 0 <= spans[0].duration_ms < 2**63 / 1e6


@pytest.mark.parametrize(
    "id_", ["x" * 10_000, "💥", "'; DROP TABLE orders; --", "a\\b\t\n\"'`", "<img src=x>", "%s{x}"]
)
def test_order_ids_of_any_characters(here: World, id_: str) -> None:
    judged(here, request(id_, DAWN, FLOW[0]))
    assert here.order(id_).order_id == id_
    assert [row.order_id for row in here.orders(q=id_)] == [id_]


def test_names_and_attributes_without_end(here: World) -> None:
    long = request("LONG", DAWN, FLOW[0])
    span_of(long).name = "x" * 1_000_000
    much = request("MUCH", DAWN, FLOW[0])
    for n in range(10_000):
        span_of(much).attributes.add(key=f"k{n}").value.string_value = "v" * (n % 50)
    judged(here, long, much)
    assert here.order("LONG").span_count == here.order("MUCH").span_count == 1
    assert all(len(step.step) < 1000 for step in here.order("LONG").steps)


@pytest.mark.slow
def test_a_trace_and_an_order_of_tens_of_thousands_of_spans(here: World) -> None:
    """One trace of 100,000 spans; an order of 50,000 in 5,000 traces."""
    entry = {"does": "huge serve GET /huge", "id": "top", "order": True}
    trace = request("HUGE", DAWN, entry)
    work = request("HUGE", DAWN, {"does": "huge work item", "id": "one", "under": "top"})
    spans = trace.resource_spans[0].scope_spans[0].spans
    for n in range(100_000 - 1):
        spans.add().CopyFrom(span_of(work))
        spans[-1].span_id = n.to_bytes(8, "little")
        if n % 100 == 0:
            spans[-1].kind = 2
            spans[-1].name = f"GET /part/{n}"
    order = request("WIDE", DAWN, {**entry, "does": "wide serve GET /wide"})
    first = span_of(order)
    spans = order.resource_spans[0].scope_spans[0].spans
    for n in range(50_000 - 1):
        spans.add().CopyFrom(first)
        spans[-1].trace_id = (n // 10).to_bytes(16, "little")
        spans[-1].span_id = n.to_bytes(8, "little")
    judged(here, trace, order)
    assert here.order("HUGE").span_count == 100_000
    assert here.order("WIDE").span_count == 50_000


def test_an_empty_order_id_is_no_order(here: World) -> None:
    judged(here, request("", DAWN, {**FLOW[0], "order": True}))
    assert {
        row.workflow for row in here.orders() if row.order_id not in map(order_id, range(30))
    } == {"checkout POST /orders"}


def test_a_key_that_comes_late_moves_the_whole_trace(here: World) -> None:
    first = [
        request("LATE", DAWN, {k: v for k, v in span.items() if k != "order"}) for span in FLOW[:6]
    ]
    here.take(joined(first))
    here.settle()
    assert [row.workflow for row in here.orders()] == ["checkout POST /orders"]
    here.take(joined([request("LATE", DAWN, {**FLOW[6], "order": True})]))
    here.settle()
    assert [(row.workflow, row.order_id, row.span_count) for row in here.orders()] == [
        ("order", "LATE", 7)
    ]


def test_the_collectors_stamp_cannot_be_forged(here: World) -> None:
    """A request that carries our own field keeps the time that we got it."""
    forged = joined([request("FORGED", LATER, FLOW[0])]) + b"\xc1\x3e" + (1).to_bytes(8, "little")
    here.take(forged)
    rows = here.parts.engine.query(
        "SELECT min(stored_at) >= toDateTime('2026-01-01') AS ours FROM otel_traces"
    )
    assert rows.to_pylist() == [{"ours": 1}]


@pytest.mark.parametrize("cut_off", ["", "edges", "calls_by_minute", "calls"])
def test_the_map_counts_each_call_once(
    here: World, cut_off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when spans come twice, with more, and a run is cut off before or after one step."""
    told = read("handled_error").usual
    exports = [request(order_id(n), DAWN + n * 10**9, span) for n in range(3) for span in told]
    exports += [request(order_id(n), DAWN + n * 10**9, span) for n in range(3) for span in FLOW]
    here.take(joined([e for e in exports if "price" not in str(e.resource_spans[0].resource)]))
    here.settle()
    here.take(joined(exports))
    if cut_off:
        run = Statements.run

        def broken(self: Statements, name: str, **params: Param) -> None:
            if name != cut_off or cut_offs == ["after"]:
                run(self, name, **params)
            if name == cut_off:
                cut_offs.pop()
                raise EngineError("cut off")

        for when in ("before", "after"):
            cut_offs = [when]
            with monkeypatch.context() as patch, pytest.raises(EngineError, match="cut off"):
                patch.setattr(Statements, "run", broken)
                here.clock.advance(6)
                here.parts.runner.tick()
    here.settle()
    edges = service_map(here.parts.reader).edges
    assert [(edge.source, edge.target, edge.kind, edge.calls) for edge in edges] == [
        ("checkout", "topic:order.placed", "messaging", 3),
        ("payment", "db:postgresql:payment", "database", 3),
        ("payment", "topic:payment.taken", "messaging", 3),
        ("shop", "price", "rpc", 3),
        ("stock", "topic:stock.reserved", "messaging", 3),
        ("topic:order.placed", "payment", "messaging", 3),
        ("topic:payment.taken", "stock", "messaging", 3),
    ]
