"""Fulfilment by events: checkout → payment → stock → cd → invoice → shipping, with no conductor."""

from demo_services.customers import Customer, draw_order
from demo_services.fulfilment.cd import CD
from demo_services.fulfilment.checkout import CHECKOUT
from demo_services.fulfilment.events import SUBJECTS
from demo_services.fulfilment.invoice import INVOICE
from demo_services.fulfilment.payment import PAYMENT
from demo_services.fulfilment.shipping import SHIPPING
from demo_services.fulfilment.stock import STOCK
from demo_services.system import Journey, System


async def order(customer: Customer) -> str:
    """Order something."""
    receipt = await customer.post(CHECKOUT.name, "/orders", draw_order(customer.random))
    return str(receipt["order_id"])


FULFILMENT = System(
    name="fulfilment",
    subjects=SUBJECTS,
    blueprints=(CHECKOUT, PAYMENT, STOCK, CD, INVOICE, SHIPPING),
    entry=CHECKOUT.name,
    journeys=(Journey("fulfilment", order),),
)
