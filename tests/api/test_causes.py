"""What sets the orders of a cause apart from those that passed: numbers, words, and the deploy."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.api.causes import causes
from collector.api.contrast import Value, benjamini_hochberg, differences, fisher, sentence
from tests.golden.spans import joined, request
from tests.golden.stories import order_id
from tests.golden.world import DAWN, world

S = 1_000_000_000


def value(held: int, of_held: int, passed: int, of_passed: int, **told: str) -> Value:
    named = {"step": "payment process placed", "service": "payment", "attribute": "colour"}
    return Value(
        **{**named, "value": "red", **told},
        held=held,
        of_held=of_held,
        passed=passed,
        of_passed=of_passed,
    )


# -- the tests themselves --------------------------------------------------------------------------


@pytest.mark.parametrize("table", [(8, 2, 1, 5), (37, 0, 3, 97), (1, 9, 0, 30), (5, 5, 1, 9)])
def test_fisher_is_the_sum_of_the_tables_that_are_as_odd(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    total = math.comb(a + b + c + d, a + b)
    exact = sum(
        math.comb(a + c, k) * math.comb(b + d, a + b - k) for k in range(a, min(a + b, a + c) + 1)
    )
    assert fisher(a, b, c, d) == pytest.approx(exact / total)


def test_fisher_does_not_stumble_over_large_or_empty_tables() -> None:
    assert fisher(300, 0, 0, 300) < 1e-100
    assert fisher(10, 90, 100, 900) == 1
    assert fisher(5, 0, 300, 0) == 1


def test_benjamini_hochberg() -> None:
    assert benjamini_hochberg([0.001, 0.008, 0.039, 0.041], 0.05) == 0.041
    assert benjamini_hochberg([0.2, 0.3], 0.05) == -1
    assert benjamini_hochberg([], 0.05) == -1


def test_chance_alone_is_not_shown() -> None:
    """Fifty attributes that have nothing to do with it."""
    for seed in range(20):
        chance = random.Random(seed)
        values = [
            value(sum(chance.random() < 0.3 for _ in range(40)), 40, 90, 300, attribute=f"a{i}")
            for i in range(50)
        ]
        assert differences(values) == []


def test_what_says_the_same_stands_together_and_the_telling_one_first() -> None:
    told = [
        value(37, 37, 3, 100, attribute="host.name", value="h7"),
        value(37, 37, 3, 100, attribute="service.version", value="1.4.2"),
        value(20, 37, 10, 100, attribute="colour"),
        value(30, 37, 70, 100, attribute="shape"),
    ]
    first, second = differences(told)
    assert sentence(first) == "all 37 ran through payment 1.4.2; of those that passed 3 % did"
    assert first.also == ("host.name h7",)
    assert (first.support, first.lift) == (1, pytest.approx(33.3, abs=0.1))
    assert sentence(second) == (
        "20 of 37 had colour = red at payment process placed; of those that passed 10 % did"
    )
    assert first.p < second.p


def test_a_single_odd_order_is_no_pattern() -> None:
    assert differences([value(1, 1, 0, 300)]) == []
    assert differences([value(0, 0, 0, 300), value(3, 3, 0, 0)]) == []


# -- in the product --------------------------------------------------------------------------------

ORDERS = 320
FAILED = range(41, 240, 37)  # by a host that has only these, and one that got through
BAD = list(range(304, ORDERS, 2))  # from then on, half of them go to the new version


def spans(n: int) -> list[ExportTraceServiceRequest]:
    """Order n. The new payment takes messages and sends nothing on, but for its first one."""
    new, ill = n in BAD, n in FAILED or n == 20
    flow: list[dict[str, Any]] = [
        {"does": "checkout serve POST /orders", "id": "placed", "order": True, "took": 0.06},
        {"does": "checkout send order.placed", "id": "sent", "under": "placed", "at": 0.02},
        {
            "does": "payment process order.placed",
            "id": "paid",
            "under": "sent",
            "at": 0.2,
            "attributes": {"messaging.destination.partition.id": str(n % 4), "shop": f"s{n % 3}"},
        },
    ]
    if not new or n == BAD[0]:
        flow += [
            {"does": "payment send payment.taken", "id": "told", "under": "paid", "at": 0.22},
            {
                "does": "stock process payment.taken",
                "id": "kept",
                "under": "told",
                "at": 0.5,
                **({"error": "no such shelf"} if n in FAILED else {}),
            },
            {"does": "stock send stock.reserved", "id": "done", "under": "kept", "at": 0.52},
        ]
    made = [request(order_id(n), DAWN + n * S, span) for span in flow]
    version = KeyValue(
        key="service.version", value=AnyValue(string_value="1.4.2" if new else "1.4.1")
    )
    made[2].resource_spans[0].resource.attributes.append(version)
    for export in made[4:5]:
        host = KeyValue(key="host.name", value=AnyValue(string_value="h2" if ill else "h1"))
        export.resource_spans[0].resource.attributes.append(host)
    return made


def test_a_bad_version_and_a_bad_host_are_named(engine_url: Callable[[str], str]) -> None:
    with world(engine_url("chdb")) as here:
        here.take(joined(span for n in range(ORDERS) for span in spans(n)))
        here.settle()
        cause, failure = causes(here.parts.reader).causes
        again = causes(here.parts.reader).causes
    assert (cause.orders, cause.diagnosis, cause.service) == (len(BAD) - 1, "never_sent", "payment")
    version = cause.evidence[0]
    assert (version.attribute, version.value) == ("service.version", "1.4.2")
    assert (version.held, version.of_held) == (7, 7)
    assert version.passed <= 1  # its first order got through, and may not be in the sample
    assert version.p < 1e-6
    assert version.lift > 10
    assert cause.contrast[0].startswith("all 7 ran through payment 1.4.2; of those that passed ")
    assert cause.after == "payment process order.placed"
    assert cause.downstream == ["stock process payment.taken", "stock send stock.reserved"]
    assert cause.deploy is not None
    assert (cause.deploy.service, cause.deploy.version) == ("payment", "1.4.2")
    assert cause.deploy.first_seen_at < cause.since
    assert [one.evidence for one in again] == [cause.evidence, failure.evidence]
    # what fails is compared with what didn't at the same step; that it failed is no news
    assert (failure.state, failure.orders, failure.after) == ("failed", len(FAILED), None)
    assert [(e.attribute, e.value) for e in failure.evidence] == [("host.name", "h2")]
    assert failure.contrast[0].startswith(
        "all 6 had host.name = h2 at stock process payment.taken; of those that passed "
    )
    assert failure.downstream == ["stock send stock.reserved"]
    assert failure.deploy is None
