"""Logistics assigns a delivery partner."""

from opentelemetry import trace

from demo_services.marketplace.events import PLACED, OrderPlaced
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (order_id TEXT PRIMARY KEY, partner TEXT)"""

PARTNERS = ("Northwind", "Pegasus", "Slow & Steady")


def assemble(service: Service) -> None:
    """Add the handler of the placed order."""

    @service.consumer(PLACED)
    async def assign(order: OrderPlaced) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(30, 120)
        service.ledger.execute(
            "INSERT OR IGNORE INTO deliveries VALUES (?, ?)",
            order.order_id,
            service.random.choice(PARTNERS),
        )


LOGISTICS = Blueprint("marketplace-logistics", "3.1.0", SCHEMA, assemble)
