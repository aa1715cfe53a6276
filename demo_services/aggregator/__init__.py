"""A purchase by orchestration: aggregation asks member, balance, merchant and email, in turn."""

from demo_services.aggregator.aggregation import AGGREGATION
from demo_services.aggregator.balance import BALANCE
from demo_services.aggregator.email import EMAIL
from demo_services.aggregator.member import MEMBER
from demo_services.aggregator.merchant import MERCHANT
from demo_services.customers import Customer, draw_order
from demo_services.system import Journey, System


async def purchase(customer: Customer) -> str:
    """Buy something, and wait until all of it is done."""
    receipt = await customer.post(AGGREGATION.name, "/purchases", draw_order(customer.random))
    return str(receipt["purchase_id"])


AGGREGATOR = System(
    name="aggregator",
    subjects=(),
    blueprints=(AGGREGATION, MEMBER, BALANCE, MERCHANT, EMAIL),
    entry=AGGREGATION.name,
    journeys=(Journey("aggregator", purchase),),
)
