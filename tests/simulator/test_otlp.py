"""What the collector gets of a run: real OTLP, at the right time, with the faults of telemetry."""

import math
from collections import Counter

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from benchmarks.simulator import choreographies
from benchmarks.simulator.events import Flow, Plan, play
from benchmarks.simulator.faults import Fault
from benchmarks.simulator.otlp import EPOCH_NS, Exports, exports
from tests.simulator.runs import exported


def decoded(arrived: Exports) -> list[tuple[float, ResourceSpans, Span]]:
    found = []
    for at, body in arrived.requests:
        (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
        found += [(at, resource, span) for span in resource.scope_spans[0].spans]
    return found


def attributes(span: Span) -> dict[str, str]:
    return {a.key: a.value.string_value for a in span.attributes}


def test_every_span_comes_once_soon_after_its_end_with_its_order() -> None:
    recording, arrived = exported()
    spans = decoded(arrived)
    assert len(spans) == len(recording.spans) == len(arrived.seen)
    truth = {span.span: (span, at) for span, at in zip(recording.spans, arrived.seen, strict=True)}
    for at, resource, span in spans:
        true, seen = truth[int.from_bytes(span.span_id, "big")]
        label = recording.labels[true.label]
        assert abs(at - seen) < 1e-6 and 0 < at - true.end < 1.1
        assert span.start_time_unix_nano == EPOCH_NS + int(true.start * 1e9)
        assert {a.key: a.value.string_value for a in resource.resource.attributes}[
            "service.name"
        ] == label.service
        if label.keys == ("order.id",) and isinstance(true.order, int):
            assert attributes(span)["order.id"] == recording.orders[true.order].order_id
        assert int.from_bytes(span.trace_id, "big") == true.trace


def test_parents_and_links_lead_to_spans_that_exist() -> None:
    recording = play(Plan((Flow(choreographies.shapes(), 2.0),), 60, 1))
    spans = {
        (s.trace_id, s.span_id): (resource.resource.attributes[0].value.string_value, s)
        for _, resource, s in decoded(exports(recording))
    }
    links: Counter[str] = Counter()
    for service, span in spans.values():
        if span.parent_span_id:
            assert (span.trace_id, span.parent_span_id) in spans
        for link in span.links:
            assert (link.trace_id, link.span_id) in spans
            links[service] += 1
    assert set(links) == {"payment", "stock", "loading", "archive", "report"}
    flat = [s for service, s in spans.values() if service == "billing" and s.kind == 5]
    names = {spans[s.trace_id, s.parent_span_id][1].name for s in flat}
    assert names == {"parcel.driven send"}, "the chain's first message, not the one before"
    batches = [s for _, s in spans.values() if len(s.links) > 1]
    assert batches and "order.id" not in attributes(batches[0])


def test_lost_spans_are_marked_where_nothing_came_after_them() -> None:
    recording, arrived = exported(Fault("span drop", share=0.05))
    lost = sum(math.isnan(at) for at in arrived.seen)
    assert 0.03 < lost / len(arrived.seen) < 0.07
    leaves = {step for order in recording.orders for step in order.unseen}
    assert "notification process payment.captured" in leaves
    assert "order" not in leaves
    seen: dict[int, set[str]] = {}
    for span, at in zip(recording.spans, arrived.seen, strict=True):
        if isinstance(span.order, int) and not math.isnan(at):
            seen.setdefault(span.order, set()).add(recording.labels[span.label].step)
    for order in recording.orders:
        assert not order.unseen & seen.get(order.number, set())
        if "checkout send order.placed" in order.unseen:
            assert len(seen.get(order.number, set())) <= 1


def test_late_spans_sampling_skew_and_repetition() -> None:
    _, late = exported(Fault("late telemetry", 0, 60, "stock", value=30))
    for at, resource, span in decoded(late):
        delay = at - (span.end_time_unix_nano - EPOCH_NS) / 1e9
        slow = resource.resource.attributes[0].value.string_value == "stock"
        assert (30 < delay < 31.2) == slow
    recording, half = exported(Fault("sampled", share=0.5))
    kept = decoded(half)
    assert 0.35 < len(kept) / len(recording.spans) < 0.65
    assert {span.trace_state for _, _, span in kept} == {"ot=th:8"}
    recording, skewed = exported(Fault("skew", value=5))
    truth = {span.span: span.start for span in recording.spans}
    offsets = {
        resource.resource.attributes[0].value.string_value: round(
            (span.start_time_unix_nano - EPOCH_NS) / 1e9
            - truth[int.from_bytes(span.span_id, "big")],
            0,
        )
        for _, resource, span in decoded(skewed)
    }
    assert min(offsets.values()) < -1 and max(offsets.values()) > 1
    recording, again = exported(Fault("span twice", share=0.1))
    twice = Counter(span.span_id for _, _, span in decoded(again))
    assert set(twice.values()) == {1, 2}


def test_the_same_seed_sends_the_same_bytes() -> None:
    faults = (Fault("span drop", share=0.01), Fault("stragglers", share=0.01, value=60))
    assert exported(*faults)[1] == exported.__wrapped__(*faults)[1]
    assert exported(*faults)[1].requests != exported(*faults, seed=2)[1].requests
