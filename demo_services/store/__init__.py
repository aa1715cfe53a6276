"""A store of seven services: RPC where an answer is needed, messages where none is."""

from demo_services.customers import PRICES, Customer, draw_customer, draw_order
from demo_services.store.activity import ACTIVITY
from demo_services.store.catalog import CATALOG
from demo_services.store.customer import CUSTOMER
from demo_services.store.email import EMAIL
from demo_services.store.events import SUBJECTS
from demo_services.store.order import ORDER
from demo_services.store.payment import PAYMENT
from demo_services.store.product import PRODUCT
from demo_services.system import Journey, System


async def order(customer: Customer) -> str:
    """Order something."""
    receipt = await customer.post(ORDER.name, "/orders", draw_order(customer.random))
    return str(receipt["order_id"])


async def search(customer: Customer) -> str:
    """Look for something."""
    wanted = customer.random.choice(list(PRICES))
    await customer.get(CATALOG.name, "/search", q=wanted, customer=draw_customer(customer.random))
    return ""


STORE = System(
    name="store",
    subjects=SUBJECTS,
    blueprints=(ORDER, CATALOG, PRODUCT, CUSTOMER, PAYMENT, ACTIVITY, EMAIL),
    entry=ORDER.name,
    journeys=(
        Journey("store", order, weight=2.0),
        Journey("store-catalog GET /search", search, weight=1.0),
    ),
)
