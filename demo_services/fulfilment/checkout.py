"""Checkout takes orders, publishes that they were placed and hears when they are shipped."""

from fastapi import status
from opentelemetry import trace

from demo_services.baskets import Basket, Receipt
from demo_services.fulfilment.events import OrderPlaced, OrderShipped, PaymentDeclined
from demo_services.ids import number_in, numbered
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  number INTEGER PRIMARY KEY, customer TEXT, amount INTEGER, state TEXT, tracking_code TEXT
)"""


def assemble(service: Service) -> None:
    """Add `POST /orders` and the handlers of `order.shipped` and `payment.declined`."""
    order_id_of = numbered("ORD")
    placed = service.publisher("order.placed")

    @service.app.post("/orders", status_code=status.HTTP_202_ACCEPTED)
    async def place(basket: Basket) -> Receipt:
        [(number,)] = service.ledger.execute(
            "INSERT INTO orders (customer, amount, state) VALUES (?, ?, 'placed') RETURNING number",
            basket.customer,
            basket.amount,
        )
        order_id = order_id_of(number)
        trace.get_current_span().set_attribute("order.id", order_id)
        await service.work(15, 50)
        await placed.publish(OrderPlaced(order_id=order_id, **basket.model_dump()))
        return Receipt(order_id=order_id)

    @service.consumer("order.shipped")
    async def finish(order: OrderShipped) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        service.ledger.execute(
            "UPDATE orders SET state = 'shipped', tracking_code = ? WHERE number = ?",
            order.tracking_code,
            number_in(order.order_id),
        )

    @service.consumer("payment.declined")
    async def cancel(order: PaymentDeclined) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        service.ledger.execute(
            "UPDATE orders SET state = 'cancelled' WHERE number = ?", number_in(order.order_id)
        )


CHECKOUT = Blueprint("fulfilment-checkout", "2.3.1", SCHEMA, assemble)
