"""Customer knows the customers."""

from pydantic import BaseModel

from demo_services.service import Service
from demo_services.store.shop import SCHEMA, SHOP
from demo_services.system import Blueprint


class Known(BaseModel):
    """A customer, and how often something was ordered."""

    customer: str
    orders: int


def assemble(service: Service) -> None:
    """Add `GET /customers/{customer}`."""

    @service.app.get("/customers/{customer}")
    async def known(customer: str) -> Known:
        await service.work(5, 25)
        found = service.ledger.execute("SELECT orders FROM customers WHERE customer = ?", customer)
        if not found:
            service.ledger.execute(
                "INSERT INTO customers VALUES (?, 0) ON CONFLICT DO NOTHING", customer
            )
        return Known(customer=customer, orders=found[0][0] if found else 0)


CUSTOMER = Blueprint("store-customer", "3.2.2", SCHEMA, assemble, database=SHOP, shared=True)
