"""What happens in the store."""

from pydantic import BaseModel

from demo_services.baskets import Order

SEARCHED = "store.catalog.searched"
PLACED = "store.order.placed"

SUBJECTS = (SEARCHED, PLACED)


class Searched(BaseModel):
    """A customer looked for something."""

    customer: str
    words: str
    found: int


class OrderPlaced(Order):
    """An order is placed and paid."""
