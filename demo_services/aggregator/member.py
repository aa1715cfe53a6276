"""Member knows who the customer is."""

from pydantic import BaseModel

from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (customer TEXT PRIMARY KEY, level TEXT)"""


class Member(BaseModel):
    """A customer with an account."""

    customer: str
    level: str


def assemble(service: Service) -> None:
    """Add `GET /members/{customer}`."""

    @service.app.get("/members/{customer}")
    async def member(customer: str) -> Member:
        await service.work(15, 60)
        found = service.ledger.execute("SELECT level FROM members WHERE customer = ?", customer)
        return Member(customer=customer, level=found[0][0] if found else "basic")


MEMBER = Blueprint("aggregator-member", "2.0.3", SCHEMA, assemble)
