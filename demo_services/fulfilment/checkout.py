"""Checkout takes orders, publishes that they were placed and hears when they are shipped."""

import time

from fastapi import status
from opentelemetry import trace
from pydantic import BaseModel, Field

from demo_services.fulfilment.events import OrderPlaced, OrderShipped
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  number INTEGER PRIMARY KEY, customer TEXT, amount INTEGER, state TEXT, tracking_code TEXT
)"""

DIGITS = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without I, O and U, which are misread; five of them count 39 million seconds (1.2 years)."""


class Basket(BaseModel):
    """What a customer sends. `amount` is in cents."""

    customer: str = Field(max_length=100)
    sku: str = Field(max_length=100)
    quantity: int = Field(ge=1, le=100)
    amount: int = Field(ge=0)


class Receipt(BaseModel):
    """What the customer gets back."""

    order_id: str


def run_prefix(now: float) -> str:
    """Write the Unix time `now` as five characters, so that ids differ from those of other runs."""
    seconds, text = int(now), ""
    for _ in range(5):
        seconds, digit = divmod(seconds, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def assemble(service: Service) -> None:
    """Add `POST /orders` and the handler of `order.shipped`."""
    prefix = run_prefix(time.time())
    placed = service.publisher("order.placed")

    @service.app.post("/orders", status_code=status.HTTP_202_ACCEPTED)
    async def place(basket: Basket) -> Receipt:
        [(number,)] = service.ledger.execute(
            "INSERT INTO orders (customer, amount, state) VALUES (?, ?, 'placed') RETURNING number",
            basket.customer,
            basket.amount,
        )
        order_id = f"ORD-{prefix}-{number:06}"
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
            int(order.order_id.rpartition("-")[2]),
        )


CHECKOUT = Blueprint("fulfilment-checkout", "2.3.1", SCHEMA, assemble)
