"""Balance checks whether the customer has the money, and takes it."""

from fastapi import HTTPException, status
from pydantic import BaseModel

from demo_services.aggregator.wishes import Wish
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS charges (purchase_id TEXT PRIMARY KEY, customer TEXT, amount INTEGER)"""


class Charge(BaseModel):
    """The money is taken. In cents."""

    amount: int


def assemble(service: Service) -> None:
    """Add `POST /charges`."""
    too_little = service.declines()

    @service.app.post("/charges", status_code=status.HTTP_201_CREATED)
    async def charge(wish: Wish) -> Charge:
        await service.work(30, 110)
        if too_little():
            raise HTTPException(status.HTTP_402_PAYMENT_REQUIRED, "the balance is too low")
        service.ledger.execute(
            "INSERT OR IGNORE INTO charges VALUES (?, ?, ?)",
            wish.purchase_id,
            wish.customer,
            wish.amount,
        )
        return Charge(amount=wish.amount)


BALANCE = Blueprint("aggregator-balance", "1.7.1", SCHEMA, assemble)
