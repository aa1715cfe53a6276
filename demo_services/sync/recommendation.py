"""Recommendation asks inventory what its items are, so that the client needn't."""

from fastapi import HTTPException
from pydantic import BaseModel

from demo_services.customers import PRICES
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS interests (customer TEXT, sku TEXT)"""


class Item(BaseModel):
    """Something to buy. The price is in cents."""

    sku: str
    price: int
    left: int


class Recommendations(BaseModel):
    """What this customer may like."""

    items: list[Item]


def assemble(service: Service) -> None:
    """Add `GET /recommendations/{customer}`."""

    @service.app.get("/recommendations/{customer}")
    async def recommend(customer: str) -> Recommendations:
        service.ledger.execute("SELECT sku FROM interests WHERE customer = ?", customer)
        await service.work(10, 50)
        skus = service.random.sample(list(PRICES), 3)
        answer = await service.requests.ask(
            "GET", "sync-inventory", "/items?skus={skus}", skus=",".join(skus)
        )
        if answer.is_client_error:
            raise HTTPException(answer.status_code, "inventory doesn't know them")
        return Recommendations(items=[Item(**item) for item in answer.json()["items"]])


RECOMMENDATION = Blueprint("sync-recommendation", "0.9.5", SCHEMA, assemble)
