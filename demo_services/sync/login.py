"""Login: first a one-time password is sent, then it has to be typed in."""

from fastapi import HTTPException, status
from pydantic import BaseModel

from demo_services.ids import numbered
from demo_services.service import Service
from demo_services.system import Blueprint
from demo_services.telemetry import carry

SCHEMA = """
CREATE TABLE IF NOT EXISTS logins (
  number INTEGER PRIMARY KEY, login_id TEXT UNIQUE, customer TEXT, code TEXT, state TEXT
)"""


class Login(BaseModel):
    """Who wants to log in."""

    customer: str


class Begun(BaseModel):
    """A login that waits for its code."""

    login_id: str
    hint: str
    """What a customer would read on the telephone; in a demo there is none."""


class Typed(BaseModel):
    """The code as it was typed in."""

    code: str


class Session(BaseModel):
    """The customer is in."""

    customer: str


def assemble(service: Service) -> None:
    """Add `POST /logins` and `POST /logins/{login_id}/code`."""
    login_id_of = numbered("LOG")
    mistyped = service.declines()

    @service.app.post("/logins", status_code=status.HTTP_201_CREATED)
    async def begin(login: Login) -> Begun:
        code = f"{service.random.randrange(1_000_000):06}"
        [(number,)] = service.ledger.execute(
            "INSERT INTO logins (customer, code, state) VALUES (?, ?, 'begun') RETURNING number",
            login.customer,
            code,
        )
        login_id = login_id_of(number)
        carry("login.id", login_id)
        service.ledger.execute("UPDATE logins SET login_id = ? WHERE number = ?", login_id, number)
        await service.requests.ask(
            "POST", "sync-notification", "/codes", {"customer": login.customer, "code": code}
        )
        return Begun(login_id=login_id, hint=code)

    @service.app.post("/logins/{login_id}/code")
    async def finish(login_id: str, typed: Typed) -> Session:
        carry("login.id", login_id)
        await service.work(5, 20)
        found = service.ledger.execute(
            "SELECT customer FROM logins WHERE login_id = ? AND code = ?", login_id, typed.code
        )
        if not found or mistyped():
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "this is not the code")
        return Session(customer=found[0][0])


LOGIN = Blueprint("sync-login", "3.3.0", SCHEMA, assemble)
