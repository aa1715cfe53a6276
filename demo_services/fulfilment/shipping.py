"""Shipping hands the parcel to a carrier; with that the order is done."""

from opentelemetry import trace

from demo_services.fulfilment.events import InvoiceIssued, OrderShipped
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS shipments (
  order_id TEXT PRIMARY KEY, parcel_id TEXT, carrier TEXT, tracking_code TEXT
)"""

CARRIERS = ("Northwind", "Pegasus", "Slow & Steady")


def assemble(service: Service) -> None:
    """Add the handler of `invoice.issued`."""

    @service.consumer("invoice.issued")
    @service.publisher("order.shipped")
    async def ship(order: InvoiceIssued) -> OrderShipped:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        carrier = service.random.choice(CARRIERS)
        await service.work(50, 180)
        tracking_code = f"{carrier[:2].upper()}{service.random.randrange(10**9):09}"
        service.ledger.execute(
            "INSERT OR IGNORE INTO shipments VALUES (?, ?, ?, ?)",
            order.order_id,
            order.parcel_id,
            carrier,
            tracking_code,
        )
        return OrderShipped(**order.model_dump(), tracking_code=tracking_code)


SHIPPING = Blueprint("fulfilment-shipping", "1.5.3", SCHEMA, assemble)
