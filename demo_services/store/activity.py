"""Activity keeps what customers did over time: searches and orders, one series."""

import time

from opentelemetry import trace

from demo_services.service import Service
from demo_services.store.events import PLACED, SEARCHED, OrderPlaced, Searched
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (at REAL, customer TEXT, did TEXT);
CREATE INDEX IF NOT EXISTS events_by_time ON events (at);
"""


def assemble(service: Service) -> None:
    """Add the handlers of searches and orders."""

    @service.consumer(SEARCHED)
    async def on_search(search: Searched) -> None:
        await service.work(3, 15)
        note(search.customer, f"searched {search.words}")

    @service.consumer(PLACED)
    async def on_order(order: OrderPlaced) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(3, 15)
        note(order.customer, f"ordered {order.sku}")

    def note(customer: str, did: str) -> None:
        service.ledger.execute("INSERT INTO events VALUES (?, ?, ?)", time.time(), customer, did)


ACTIVITY = Blueprint("store-activity", "1.3.0", SCHEMA, assemble, database="activity")
