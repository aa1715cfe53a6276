"""Seller is told to prepare the shipment."""

from opentelemetry import trace

from demo_services.marketplace.events import PLACED, OrderPlaced
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
  order_id TEXT PRIMARY KEY, seller TEXT, sku TEXT, quantity INTEGER
)"""

SELLERS = ("Ostrava Lamps", "Kiln & Kettle", "Paper House")


def assemble(service: Service) -> None:
    """Add the handler of the placed order."""

    @service.consumer(PLACED)
    async def prepare(order: OrderPlaced) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(60, 200)
        service.ledger.execute(
            "INSERT OR IGNORE INTO tasks VALUES (?, ?, ?, ?)",
            order.order_id,
            service.random.choice(SELLERS),
            order.sku,
            order.quantity,
        )


SELLER = Blueprint("marketplace-seller", "1.4.2", SCHEMA, assemble)
