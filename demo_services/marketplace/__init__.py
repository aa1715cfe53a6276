"""A marketplace by events: orders says what happened; who wants to know, subscribes."""

from demo_services.customers import Customer, draw_order
from demo_services.marketplace.events import SUBJECTS
from demo_services.marketplace.logistics import LOGISTICS
from demo_services.marketplace.loyalty import LOYALTY
from demo_services.marketplace.notification import NOTIFICATION
from demo_services.marketplace.orders import ORDERS
from demo_services.marketplace.seller import SELLER
from demo_services.system import Journey, System


async def order(customer: Customer) -> str:
    """Order something."""
    receipt = await customer.post(ORDERS.name, "/orders", draw_order(customer.random))
    return str(receipt["order_id"])


MARKETPLACE = System(
    name="marketplace",
    subjects=SUBJECTS,
    blueprints=(ORDERS, NOTIFICATION, SELLER, LOGISTICS, LOYALTY),
    entry=ORDERS.name,
    journeys=(Journey("marketplace", order),),
)
