"""Email writes to the customer. It keeps nothing: no database."""

from fastapi import status

from demo_services.aggregator.wishes import Done, Wish
from demo_services.service import Service
from demo_services.system import Blueprint


def assemble(service: Service) -> None:
    """Add `POST /letters`."""

    @service.app.post("/letters", status_code=status.HTTP_202_ACCEPTED)
    async def write(wish: Wish) -> Done:
        await service.work(20, 80)
        return Done(purchase_id=wish.purchase_id)


EMAIL = Blueprint("aggregator-email", "1.0.9", "", assemble)
