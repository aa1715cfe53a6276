"""The orchestrator: asks for step after step, and when one can't be done, undoes in reverse order.

Each step that it has taken is in its database before the next one is asked for: after a crash it
goes on where it was. The order's id travels as baggage; no participant sets it.
"""

import asyncio
import logging
import time

from fastapi import Response, status
from pydantic import BaseModel

from demo_services.baskets import Basket
from demo_services.ids import numbered
from demo_services.requests import UnavailableError
from demo_services.saga.plan import PLAN, Wish
from demo_services.service import Service
from demo_services.system import Blueprint
from demo_services.telemetry import carry

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS sagas (
  number INTEGER PRIMARY KEY, order_id TEXT UNIQUE, wish TEXT, state TEXT, step INTEGER,
  touched REAL
)"""

LOOK_EVERY_S = 2.0
FORGOTTEN_S = 4.0
"""A saga that was not touched for so long, and isn't finished, is taken up again."""

ABANDONED_AFTER = 2
"""Steps that are undone before the fault `half_compensation` leaves the rest."""


class Outcome(BaseModel):
    """What became of an order: fulfilled, undone, or still being undone."""

    order_id: str
    state: str


def assemble(service: Service) -> None:
    """Add `POST /orders`, and the search for what was left unfinished."""
    conductor = Conductor(service)

    @service.app.post("/orders", status_code=status.HTTP_201_CREATED)
    async def place(basket: Basket, response: Response) -> Outcome:
        order_id = conductor.begin(basket)
        carry("order.id", order_id)
        state = await conductor.conduct(order_id)
        if state != "fulfilled":
            response.status_code = status.HTTP_409_CONFLICT
        return Outcome(order_id=order_id, state=state)

    service.background(conductor.take_up_forgotten)


class Conductor:
    """Conducts sagas. `step` is the next one to do or to undo."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._order_id_of = numbered("SAG")
        self._abandons = service.abandons()
        self._tracer = service.telemetry.provider.get_tracer(__name__)
        self._at_work: set[str] = set()

    def begin(self, basket: Basket) -> str:
        """Write down that there is an order."""
        [(number,)] = self._service.ledger.execute(
            "INSERT INTO sagas (state, step, touched) VALUES ('doing', 0, ?) RETURNING number",
            time.time(),
        )
        order_id = self._order_id_of(number)
        wish = Wish(order_id=order_id, **basket.model_dump())
        self._service.ledger.execute(
            "UPDATE sagas SET order_id = ?, wish = ? WHERE number = ?",
            order_id,
            wish.model_dump_json(),
            number,
        )
        return order_id

    async def conduct(self, order_id: str) -> str:
        """Go on with a saga, as far as it goes now; return its state."""
        self._at_work.add(order_id)
        try:
            [(wish, state, step)] = self._service.ledger.execute(
                "SELECT wish, state, step FROM sagas WHERE order_id = ?", order_id
            )
            if state == "doing":
                state, step = await self._do(Wish.model_validate_json(wish), step)
            if state == "undoing":
                state = await self._undo(order_id, step)
            return str(state)
        finally:
            self._at_work.discard(order_id)

    async def take_up_forgotten(self) -> None:
        """Look for sagas that nobody conducts: after a crash, or when an undoing got stuck."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._service.interference.abandons is not None:
                continue
            for order_id in self._forgotten():
                # In a task of its own: baggage must not reach the next one.
                await asyncio.create_task(self._resume(order_id))

    async def _resume(self, order_id: str) -> None:
        with self._tracer.start_as_current_span("resume saga"):
            carry("order.id", order_id)
            state = await self.conduct(order_id)
        logger.info("%s is taken up again: %s", order_id, state)

    def _forgotten(self) -> list[str]:
        found = self._service.ledger.unseen(
            "SELECT order_id FROM sagas WHERE state IN ('doing', 'undoing') AND touched < ? "
            "ORDER BY number LIMIT 50",
            time.time() - FORGOTTEN_S,
        )
        return [order_id for (order_id,) in found if order_id and order_id not in self._at_work]

    async def _do(self, wish: Wish, step: int) -> tuple[str, int]:
        while step < len(PLAN):
            part = PLAN[step]
            try:
                answer = await self._service.requests.ask(
                    "POST", part.service, part.path, wish.model_dump()
                )
                done = answer.is_success
            except UnavailableError:
                done = False
            if not done:
                return self._note(wish.order_id, "undoing", step), step
            step += 1
            self._note(wish.order_id, "doing" if step < len(PLAN) else "fulfilled", step)
        return "fulfilled", step

    async def _undo(self, order_id: str, step: int) -> str:
        undone = 0
        while step >= 0:
            if undone == ABANDONED_AFTER and self._abandons():
                return "undoing"
            part = PLAN[step]
            try:
                await self._service.requests.ask(
                    "DELETE", part.service, part.path + "/{order_id}", order_id=order_id
                )
            except UnavailableError:
                return self._note(order_id, "undoing", step)
            undone, step = undone + 1, step - 1
            self._note(order_id, "undoing" if step >= 0 else "undone", step)
        return "undone"

    def _note(self, order_id: str, state: str, step: int) -> str:
        self._service.ledger.execute(
            "UPDATE sagas SET state = ?, step = ?, touched = ? WHERE order_id = ?",
            state,
            step,
            time.time(),
            order_id,
        )
        return state


ORCHESTRATOR = Blueprint("saga-orchestrator", "1.0.0", SCHEMA, assemble)
