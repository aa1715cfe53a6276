"""The six who do and undo. None of them knows of the others, or of an order's next step."""

from fastapi import HTTPException, status
from pydantic import BaseModel

from demo_services.saga.plan import PLAN, Wish
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS work (order_id TEXT PRIMARY KEY, sku TEXT, state TEXT)"""

EMPTY_SHELF = 0.08
"""The distribution centre's share of orders whose goods aren't there after all."""


class Outcome(BaseModel):
    """What has become of it: done or undone."""

    order_id: str
    state: str


def participant(
    name: str, version: str, path: str, milliseconds: tuple[int, int], declined: float = 0.0
) -> Blueprint:
    """Make one of them: it takes so long, and says no to a share of the orders."""

    def assemble(service: Service) -> None:
        says_no = service.declines(declined)

        @service.app.post(path, status_code=status.HTTP_201_CREATED)
        async def do(wish: Wish) -> Outcome:
            """Doing it twice is the same as doing it once."""
            await service.work(*milliseconds)
            if says_no():
                raise HTTPException(status.HTTP_409_CONFLICT, "this can't be done")
            service.ledger.execute(
                "INSERT OR IGNORE INTO work VALUES (?, ?, 'done')", wish.order_id, wish.sku
            )
            return Outcome(order_id=wish.order_id, state="done")

        @service.app.delete(path + "/{order_id}")
        async def undo(order_id: str) -> Outcome:
            """Undoing is possible at any time, also of what was never done."""
            await service.work(*milliseconds)
            service.ledger.execute("UPDATE work SET state = 'undone' WHERE order_id = ?", order_id)
            return Outcome(order_id=order_id, state="undone")

    return Blueprint(name, version, SCHEMA, assemble)


_CHECKOUT, _PAYMENT, _STOCK, _CD, _INVOICE, _SHIPPING = PLAN

PARTICIPANTS = (
    participant(_CHECKOUT.service, "2.3.1", _CHECKOUT.path, (10, 30)),
    participant(_PAYMENT.service, "1.8.0", _PAYMENT.path, (30, 110)),
    participant(_STOCK.service, "1.2.4", _STOCK.path, (20, 60)),
    participant(_CD.service, "3.0.2", _CD.path, (60, 200), EMPTY_SHELF),
    participant(_INVOICE.service, "1.1.0", _INVOICE.path, (15, 55)),
    participant(_SHIPPING.service, "1.5.3", _SHIPPING.path, (25, 90)),
)
