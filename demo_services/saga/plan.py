"""The plan of a saga: its steps in order. What undoes them is the same address, deleted."""

from dataclasses import dataclass

from demo_services.baskets import Order


@dataclass(frozen=True)
class Step:
    """Something that a participant does: `POST <path>` does it, `DELETE <path>/{id}` undoes it."""

    service: str
    path: str


class Wish(Order):
    """What every participant is asked for."""


PLAN = (
    Step("saga-checkout", "/checkouts"),
    Step("saga-payment", "/payments"),
    Step("saga-stock", "/reservations"),
    Step("saga-cd", "/parcels"),
    Step("saga-invoice", "/invoices"),
    Step("saga-shipping", "/shipments"),
)
