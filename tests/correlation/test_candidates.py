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
        assert candidates(here.parts.reader) == []  # not known yet whose traces they are
        here.settle()
        [found] = candidates(here.parts.reader)
    # the customer's id goes with six baskets each: it is no key
    assert (found.key, found.services, found.traces, found.values) == ("basket.number", 3, 60, 30)
    assert found.sentence == (
        "basket.number may be the order's id: 30 values, 100 % of them in several places, in 60 "
        "traces of 3 services that belong to no order"
    )
    assert found.fix == '[workflows.order]\nkeys = ["order.id", "basket.number"]'
