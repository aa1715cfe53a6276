"""Aggregation is the conductor of a purchase: it knows everybody, and waits for each.

The purchase's id travels as baggage: none of the services that it asks sets it by itself.
"""

from fastapi import HTTPException, Query, status
from pydantic import BaseModel

from demo_services.aggregator.wishes import Wish
from demo_services.baskets import Basket
from demo_services.ids import numbered
from demo_services.service import Service
from demo_services.system import Blueprint
from demo_services.telemetry import carry

SCHEMA = """
CREATE TABLE IF NOT EXISTS purchases (
  number INTEGER PRIMARY KEY, customer TEXT, amount INTEGER, state TEXT
)"""

PLAN = (
    ("GET", "member", "/members/{customer}"),
    ("POST", "balance", "/charges"),
    ("POST", "merchant", "/payouts"),
    ("POST", "email", "/letters"),
)


class Purchase(BaseModel):
    """What the customer gets back."""

    purchase_id: str


def assemble(service: Service) -> None:
    """Add `POST /purchases`."""
    purchase_id_of = numbered("PUR")

    async def ask(method: str, callee: str, path: str, wish: dict[str, str | int]) -> None:
        answer = await service.requests.ask(
            method,
            f"aggregator-{callee}",
            path,
            wish if method == "POST" else None,
            customer=str(wish["customer"]),
        )
        if answer.is_client_error:
            raise HTTPException(answer.status_code, answer.json()["detail"])

    @service.app.post("/purchases", status_code=status.HTTP_201_CREATED)
    async def purchase(
        basket: Basket, calls: int = Query(len(PLAN), ge=0, le=len(PLAN))
    ) -> Purchase:
        """`calls`: ask only the first so many services, to see what each of them costs."""
        [(number,)] = service.ledger.execute(
            "INSERT INTO purchases (customer, amount, state) VALUES (?, ?, 'begun') "
            "RETURNING number",
            basket.customer,
            basket.amount,
        )
        purchase_id = purchase_id_of(number)
        carry("purchase.id", purchase_id)
        wish = Wish(purchase_id=purchase_id, customer=basket.customer, amount=basket.amount)
        for method, callee, path in PLAN[:calls]:
            await ask(method, callee, path, wish.model_dump())
        service.ledger.execute("UPDATE purchases SET state = 'done' WHERE number = ?", number)
        return Purchase(purchase_id=purchase_id)


AGGREGATION = Blueprint("aggregator-aggregation", "5.2.0", SCHEMA, assemble)
