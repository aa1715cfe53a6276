"""Invoice bills a packed parcel.

Its handler doesn't put the order id on its span, as some handler in every real system doesn't: the
collector has to know the order from the rest of the trace.
"""

from demo_services.fulfilment.events import InvoiceIssued, ParcelPacked
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoices (
  number INTEGER PRIMARY KEY, order_id TEXT UNIQUE, customer TEXT, amount INTEGER
)"""


def assemble(service: Service) -> None:
    """Add the handler of `parcel.packed`."""

    @service.consumer("parcel.packed")
    @service.publisher("invoice.issued")
    async def bill(order: ParcelPacked) -> InvoiceIssued:
        await service.work(30, 110)
        service.ledger.execute(
            "INSERT OR IGNORE INTO invoices (order_id, customer, amount) VALUES (?, ?, ?)",
            order.order_id,
            order.customer,
            order.amount,
        )
        [(number,)] = service.ledger.execute(
            "SELECT number FROM invoices WHERE order_id = ?", order.order_id
        )
        return InvoiceIssued(**order.model_dump(), invoice_number=f"INV-{number:06}")


INVOICE = Blueprint("fulfilment-invoice", "1.1.0", SCHEMA, assemble)
