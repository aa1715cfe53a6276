"""What customers send and get back, the same in every system."""

from pydantic import BaseModel, Field


class Basket(BaseModel):
    """What a customer wants. `amount` is in cents."""

    customer: str = Field(max_length=100)
    sku: str = Field(max_length=100)
    quantity: int = Field(ge=1, le=100)
    amount: int = Field(ge=0)


class Order(Basket):
    """A basket that has become an order."""

    order_id: str


class Receipt(BaseModel):
    """What the customer gets back."""

    order_id: str
