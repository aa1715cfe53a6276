"""What the fulfilment services tell each other. Each event carries what the next ones need."""

from demo_services.baskets import Order

# `payment.captured` is what payment's next release calls `payment.taken`: stock takes both.
SUBJECTS = (
    "order.placed",
    "payment.taken",
    "payment.captured",
    "payment.declined",
    "stock.reserved",
    "parcel.packed",
    "invoice.issued",
    "order.shipped",
)


class OrderPlaced(Order):
    """A customer has ordered."""


class PaymentTaken(OrderPlaced):
    """The money is there."""

    payment_id: str


class PaymentDeclined(OrderPlaced):
    """The customer's bank said no."""

    reason: str


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
