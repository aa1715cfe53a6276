"""Merchant gets the money for what was bought."""

from fastapi import status

from demo_services.aggregator.wishes import Done, Wish
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS payouts (purchase_id TEXT PRIMARY KEY, amount INTEGER)"""

FEE = 0.03


def assemble(service: Service) -> None:
    """Add `POST /payouts`."""

    @service.app.post("/payouts", status_code=status.HTTP_201_CREATED)
    async def pay(wish: Wish) -> Done:
        await service.work(40, 140)
        service.ledger.execute(
            "INSERT OR IGNORE INTO payouts VALUES (?, ?)",
            wish.purchase_id,
            round(wish.amount * (1 - FEE)),
        )
        return Done(purchase_id=wish.purchase_id)


MERCHANT = Blueprint("aggregator-merchant", "1.1.4", SCHEMA, assemble)
