"""Notification sends one-time passwords, and answers when they are sent."""

from fastapi import status
from pydantic import BaseModel

from demo_services.service import Service
from demo_services.system import Blueprint


class Code(BaseModel):
    """A one-time password for a customer."""

    customer: str
    code: str


class Sent(BaseModel):
    """It is on its way."""

    customer: str


def assemble(service: Service) -> None:
    """Add `POST /codes`."""

    @service.app.post("/codes", status_code=status.HTTP_202_ACCEPTED)
    async def send(code: Code) -> Sent:
        await service.work(40, 160)
        return Sent(customer=code.customer)


NOTIFICATION = Blueprint("sync-notification", "2.2.0", "", assemble)
