"""Loyalty gives points for orders: a fourth listener, which can join while the system runs.

Nobody else is changed for it. Its handler doesn't put the order id on its span, so that it is seen
how a span finds its order without.
"""

from demo_services.marketplace.events import PLACED, OrderPlaced
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS points (order_id TEXT PRIMARY KEY, customer TEXT, points INTEGER)"""


def assemble(service: Service) -> None:
    """Add the handler of the placed order."""

    @service.consumer(PLACED, from_now_on=True)
    async def reward(order: OrderPlaced) -> None:
        await service.work(10, 40)
        service.ledger.execute(
            "INSERT OR IGNORE INTO points VALUES (?, ?, ?)",
            order.order_id,
            order.customer,
            order.amount // 100,
        )


LOYALTY = Blueprint("marketplace-loyalty", "0.1.0", SCHEMA, assemble, on_demand=True)
