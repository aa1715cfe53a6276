"""Catalog finds things fast: its database is a full-text index."""

from pydantic import BaseModel

from demo_services.service import Service
from demo_services.store.events import SEARCHED, Searched
from demo_services.system import Blueprint

WORDS = {
    "kettle": "kettle for tea and coffee, cordless",
    "lamp": "lamp for the desk, warm light",
    "notebook": "notebook, ruled, for every day",
    "backpack": "backpack for a day in the hills",
    "teapot": "teapot of cast iron, with a strainer for tea",
}

SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS catalog USING fts5(sku UNINDEXED, words);
DELETE FROM catalog;
""" + "".join(f"INSERT INTO catalog VALUES ('{sku}', '{words}');\n" for sku, words in WORDS.items())


class Found(BaseModel):
    """What fits the words."""

    skus: list[str]


def assemble(service: Service) -> None:
    """Add `GET /search`."""
    searched = service.publisher(SEARCHED)

    @service.app.get("/search")
    async def search(q: str, customer: str = "") -> Found:
        await service.work(3, 15)
        phrase = '"' + q.replace('"', '""') + '"'
        found = service.ledger.execute(
            "SELECT sku FROM catalog WHERE words MATCH ? ORDER BY rank LIMIT 20", phrase
        )
        await searched.publish(Searched(customer=customer, words=q, found=len(found)))
        return Found(skus=[sku for (sku,) in found])


CATALOG = Blueprint("store-catalog", "7.0.0", SCHEMA, assemble, database="search")
