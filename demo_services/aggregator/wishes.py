"""What aggregation asks the others for."""

from pydantic import BaseModel


class Wish(BaseModel):
    """Do your part of this purchase. `amount` is in cents."""

    purchase_id: str
    customer: str
    amount: int


class Done(BaseModel):
    """It is done."""

    purchase_id: str
