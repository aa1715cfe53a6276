"""Product keeps documents, since every kind of product has attributes of its own."""

import json
from typing import Any

from fastapi import HTTPException, status
from pydantic import BaseModel

from demo_services.customers import PRICES
from demo_services.service import Service
from demo_services.system import Blueprint

DOCUMENTS: dict[str, dict[str, Any]] = {
    "kettle": {"litres": 1.7, "watts": 2200},
    "lamp": {"watts": 9, "socket": "E27"},
    "notebook": {"pages": 96, "ruled": True},
    "backpack": {"litres": 22, "colours": ["blue", "green"]},
    "teapot": {"litres": 0.9, "material": "cast iron"},
}

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, document TEXT);
""" + "".join(
    f"INSERT OR IGNORE INTO products VALUES ('{sku}', '{json.dumps(document)}');\n"
    for sku, document in DOCUMENTS.items()
)


class Product(BaseModel):
    """A product; the price in cents."""

    sku: str
    price: int
    details: dict[str, Any]


def assemble(service: Service) -> None:
    """Add `GET /products/{sku}`."""

    @service.app.get("/products/{sku}")
    async def product(sku: str) -> Product:
        await service.work(5, 30)
        found = service.ledger.execute("SELECT document FROM products WHERE sku = ?", sku)
        if not found:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"there is no {sku}")
        return Product(sku=sku, price=PRICES[sku], details=json.loads(found[0][0]))


PRODUCT = Blueprint("store-product", "4.4.0", SCHEMA, assemble, database="documents")
