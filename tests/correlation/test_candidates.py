"""Which attribute may be the key, when none of the configured ones is there."""

from collections.abc import Callable

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.api.candidates import candidates
from tests.correlation.worlds import Told, exported, world_of

Place = Callable[[str], str]


def told(n: int) -> list[Told]:
    """A basket of one of five customers, through three services in two traces."""
    ids = {"basket.number": f"B{n}", "customer.id": f"C{n % 5}", "thread.id": n}
    sent = {**ids, "messaging.system": "kafka", "messaging.message.id": f"m{n}"}
    producer, consumer = Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER
    return [
        Told(f"a{n}", f"a{n}", "shop", attributes={**ids, "request_id": f"r{n}"}),
        Told(f"a{n}", f"a2{n}", "shop", kind=producer, under=f"a{n}", attributes=sent),
        Told(f"b{n}", f"b{n}", "till", kind=consumer, attributes=sent),
        Told(f"b{n}", f"c{n}", "store", under=f"b{n}", attributes=ids),
    ]


def test_what_is_proposed(engine_url: Place) -> None:
    with world_of(engine_url("chdb")) as here:
        assert candidates(here.parts.reader) == []
        here.take(exported(*(span for n in range(30) for span in told(n))))
        found = candidates(here.parts.reader)
    assert [(c.key, c.hub) for c in found] == [("basket.number", False), ("customer.id", True)]
    best, customer = found
    assert (best.services, best.spans, best.traces) == (["shop", "store", "till"], 120, 60)
    assert (best.values, best.recurring, best.share) == (30, 30, 1.0)
    assert customer.fan == 6.0
    assert best.why == (
        "30 values in 3 services, 100% of them in several places, on 100% of the spans that send "
        "or take messages"
    )
    assert customer.why.endswith("but one goes with 6.0 orders")
