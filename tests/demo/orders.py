"""The received spans, order by order."""

from collections.abc import Iterable
from functools import partial

from .demo_process import wait_until
from .otlp_receiver import OtlpReceiver, Span

COMPLETE = {
    ("fulfilment-checkout", "POST /orders"),
    ("fulfilment-payment", "order.placed process"),
    ("fulfilment-stock", "payment.taken process"),
    ("fulfilment-cd", "stock.reserved process"),
    ("fulfilment-invoice", "parcel.packed process"),
    ("fulfilment-shipping", "invoice.issued process"),
    ("fulfilment-checkout", "order.shipped process"),
}
"""The outermost spans of a finished order. Services send in their own time: the last isn't last."""

KEYS = ("order.id", "purchase.id")


def spans_of(receiver: OtlpReceiver, order_id: str) -> list[Span]:
    """All spans of the traces in which this order id occurs."""
    spans = list(receiver.spans)
    traces = {
        span.trace_id for span in spans if order_id in (span.attributes.get(key) for key in KEYS)
    }
    return [span for span in spans if span.trace_id in traces]


def steps_of(receiver: OtlpReceiver, order_id: str) -> list[tuple[str, str]]:
    """(service, name) of the order's spans."""
    return [(span.service, span.name) for span in spans_of(receiver, order_id)]


def wait_for(receiver: OtlpReceiver, order_ids: Iterable[str], *steps: tuple[str, str]) -> None:
    """Wait until each of the orders has these steps (without any: all that belong to an order)."""
    wanted = set(steps) or COMPLETE
    for order_id in order_ids:
        seen = partial(steps_of, receiver, order_id)
        wait_until(lambda: wanted <= set(seen()), f"{wanted} of {order_id}")  # noqa: B023
