"""Checkout takes orders, publishes that they were placed and hears when they are shipped."""

import time
from itertools import count

from fastapi import status
from opentelemetry import trace
from pydantic import BaseModel, Field

from demo_services.fulfilment.events import OrderPlaced, OrderShipped
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  order_id TEXT PRIMARY KEY, customer TEXT, amount INTEGER, state TEXT, tracking_code TEXT
)"""

DIGITS = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without I, O and U, which are misread."""


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
    """Write seconds since 2024 as five characters: a new start never repeats an order id."""
    seconds, text = int(now) - 1_704_067_200, ""
    for _ in range(5):
        seconds, digit = divmod(seconds, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def assemble(service: Service) -> None:
    """Add `POST /orders` and the handler of `order.shipped`."""
    prefix, numbers = run_prefix(time.time()), count(1)
    placed = service.publisher("order.placed")

    @service.app.post("/orders", status_code=status.HTTP_202_ACCEPTED)
    async def place(basket: Basket) -> Receipt:
        order_id = f"ORD-{prefix}-{next(numbers):06}"
        trace.get_current_span().set_attribute("order.id", order_id)
        service.ledger.execute(
            "INSERT INTO orders (order_id, customer, amount, state) VALUES (?, ?, ?, 'placed')",
            order_id,
            basket.customer,
            basket.amount,
        )
        await service.work(15, 50)
        await placed.publish(OrderPlaced(order_id=order_id, **basket.model_dump()))
        return Receipt(order_id=order_id)

    @service.consumer("order.shipped")
    async def finish(order: OrderShipped) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        service.ledger.execute(
            "UPDATE orders SET state = 'shipped', tracking_code = ? WHERE order_id = ?",
            order.tracking_code,
            order.order_id,
        )


CHECKOUT = Blueprint("fulfilment-checkout", "2.3.1", SCHEMA, assemble)
