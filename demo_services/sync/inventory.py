"""Inventory knows what there is, how much of it, and what it costs."""

from pydantic import BaseModel

from demo_services.customers import PRICES
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (sku TEXT PRIMARY KEY, price INTEGER, left_over INTEGER);
""" + "".join(
    f"INSERT OR IGNORE INTO items VALUES ('{sku}', {price}, 1000);\n"
    for sku, price in PRICES.items()
)


class Item(BaseModel):
    """Something to buy. The price is in cents."""

    sku: str
    price: int
    left: int


class Items(BaseModel):
    """What was asked for, as far as there is any."""

    items: list[Item]


def assemble(service: Service) -> None:
    """Add `GET /items`."""

    @service.app.get("/items")
    async def items(skus: str) -> Items:
        wanted = skus.split(",")
        marks = ", ".join("?" * len(wanted))
        found = service.ledger.execute(
            f"SELECT sku, price, left_over FROM items WHERE sku IN ({marks})", *wanted
        )
        await service.work(5, 30)
        return Items(items=[Item(sku=sku, price=price, left=left) for sku, price, left in found])


INVENTORY = Blueprint("sync-inventory", "1.6.0", SCHEMA, assemble)
