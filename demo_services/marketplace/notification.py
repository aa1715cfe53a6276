"""Notification tells the customer that the order was placed."""

from opentelemetry import trace

from demo_services.marketplace.events import PLACED, OrderPlaced
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS letters (order_id TEXT PRIMARY KEY, customer TEXT, subject TEXT)"""


def assemble(service: Service) -> None:
    """Add the handler of the placed order."""

    @service.consumer(PLACED)
    async def tell(order: OrderPlaced) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(40, 150)
        service.ledger.execute(
            "INSERT OR IGNORE INTO letters VALUES (?, ?, ?)",
            order.order_id,
            order.customer,
            f"Your {order.sku} is ordered",
        )


NOTIFICATION = Blueprint("marketplace-notification", "2.2.0", SCHEMA, assemble)
