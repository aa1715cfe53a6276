"""What the fulfilment services tell each other. Each event carries what the next ones need."""

from pydantic import BaseModel

SUBJECTS = (
    "order.placed",
    "payment.taken",
    "stock.reserved",
    "parcel.packed",
    "invoice.issued",
    "order.shipped",
)


class OrderPlaced(BaseModel):
    """A customer has ordered. Amounts are in cents."""

    order_id: str
    customer: str
    sku: str
    quantity: int
    amount: int


class PaymentTaken(OrderPlaced):
    """The money is there."""

    payment_id: str


class StockReserved(PaymentTaken):
    """The goods are set aside."""

    shelf: str


class ParcelPacked(StockReserved):
    """The distribution centre has packed the goods. Weight in grams."""

    parcel_id: str
    weight: int


class InvoiceIssued(ParcelPacked):
    """The invoice is written."""

    invoice_number: str


class OrderShipped(InvoiceIssued):
    """The parcel is on its way: the order is done."""

    tracking_code: str
