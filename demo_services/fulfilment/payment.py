"""Payment charges the customer for a placed order."""

from opentelemetry import trace

from demo_services.fulfilment.events import OrderPlaced, PaymentDeclined, PaymentTaken
from demo_services.service import Service
from demo_services.system import Blueprint, Release

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
  order_id TEXT PRIMARY KEY, customer TEXT, amount INTEGER, payment_id TEXT
)"""


def assemble(service: Service) -> None:
    """Add the handler of `order.placed`."""
    taken = service.publisher("payment.taken")
    declined = service.publisher("payment.declined")
    bank_says_no = service.declines()

    @service.consumer("order.placed")
    async def charge(order: OrderPlaced) -> None:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(60, 220)
        if bank_says_no():
            no = PaymentDeclined(**order.model_dump(), reason="limit exceeded")
            await declined.publish(no)
            return
        payment_id = f"PAY-{order.order_id.removeprefix('ORD-')}"
        service.ledger.execute(
            "INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?)",
            order.order_id,
            order.customer,
            order.amount,
            payment_id,
        )
        await taken.publish(PaymentTaken(**order.model_dump(), payment_id=payment_id))


PAYMENT = Blueprint(
    "fulfilment-payment",
    "1.8.0",
    SCHEMA,
    assemble,
    next_release=Release("1.9.0", {"payment.taken": "payment.captured"}),
)
