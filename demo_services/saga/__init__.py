"""Fulfilment by orchestration: a conductor that undoes in reverse order what it has begun."""

from demo_services.customers import Customer, draw_order
from demo_services.saga.orchestrator import ORCHESTRATOR
from demo_services.saga.participants import PARTICIPANTS
from demo_services.system import Journey, System


async def order(customer: Customer) -> str:
    """Order something, and hear whether it was fulfilled or undone."""
    receipt = await customer.post(ORCHESTRATOR.name, "/orders", draw_order(customer.random))
    return str(receipt["order_id"])


SAGA = System(
    name="saga",
    subjects=(),
    blueprints=(ORCHESTRATOR, *PARTICIPANTS),
    entry=ORCHESTRATOR.name,
    journeys=(Journey("saga", order),),
)
