"""Email writes to the customer: stateless, no database.

Its handler doesn't put the order id on its span: the collector knows it from the rest of the trace.
"""

from demo_services.service import Service
from demo_services.store.events import PLACED, OrderPlaced
from demo_services.system import Blueprint


def assemble(service: Service) -> None:
    """Add the handler of the placed order."""

    @service.consumer(PLACED)
    async def write(order: OrderPlaced) -> None:
        await service.work(20, 90)


EMAIL = Blueprint("store-email", "1.0.9", "", assemble)
