"""Orders takes an order, tells that it was placed, and is done: it knows none of its listeners."""

from fastapi import status
from opentelemetry import trace

from demo_services.baskets import Basket, Receipt
from demo_services.ids import numbered
from demo_services.marketplace.events import PLACED, OrderPlaced
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  number INTEGER PRIMARY KEY, customer TEXT, sku TEXT, quantity INTEGER, amount INTEGER
)"""


def assemble(service: Service) -> None:
    """Add `POST /orders`."""
    order_id_of = numbered("MKT")
    placed = service.publisher(PLACED)

    @service.app.post("/orders", status_code=status.HTTP_202_ACCEPTED)
    async def place(basket: Basket) -> Receipt:
        [(number,)] = service.ledger.execute(
            "INSERT INTO orders (customer, sku, quantity, amount) VALUES (?, ?, ?, ?) "
            "RETURNING number",
            basket.customer,
            basket.sku,
            basket.quantity,
            basket.amount,
        )
        order_id = order_id_of(number)
        trace.get_current_span().set_attribute("order.id", order_id)
        await service.work(10, 40)
        await placed.publish(OrderPlaced(order_id=order_id, **basket.model_dump()))
        return Receipt(order_id=order_id)


ORDERS = Blueprint("marketplace-orders", "4.0.1", SCHEMA, assemble)
