"""Payment takes the money, and marks the order as paid in the same transaction."""

from fastapi import HTTPException, status
from opentelemetry import trace
from pydantic import BaseModel

from demo_services.service import Service
from demo_services.store.shop import SCHEMA, SHOP
from demo_services.system import Blueprint


class Bill(BaseModel):
    """What is to be paid, in cents."""

    order_id: str
    amount: int


class Payment(BaseModel):
    """It is paid."""

    order_id: str


def assemble(service: Service) -> None:
    """Add `POST /payments`."""
    bank_says_no = service.declines()

    @service.app.post("/payments", status_code=status.HTTP_201_CREATED)
    async def pay(bill: Bill) -> Payment:
        trace.get_current_span().set_attribute("order.id", bill.order_id)
        await service.work(40, 150)
        if bank_says_no():
            service.ledger.execute(
                "UPDATE orders SET state = 'declined' WHERE order_id = ?", bill.order_id
            )
            raise HTTPException(status.HTTP_402_PAYMENT_REQUIRED, "the bank says no")
        with service.ledger.transaction():
            service.ledger.execute(
                "INSERT INTO payments VALUES (?, ?) ON CONFLICT DO NOTHING",
                bill.order_id,
                bill.amount,
            )
            service.ledger.execute(
                "UPDATE orders SET state = 'paid' WHERE order_id = ?", bill.order_id
            )
        return Payment(order_id=bill.order_id)


PAYMENT = Blueprint("store-payment", "2.8.1", SCHEMA, assemble, database=SHOP, shared=True)
