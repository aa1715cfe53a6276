"""Order: asks for what it needs to know (RPC), and tells what it did (a message)."""

from itertools import count

from fastapi import HTTPException, status
from opentelemetry import trace

from demo_services.baskets import Basket, Receipt
from demo_services.ids import numbered
from demo_services.service import Service
from demo_services.store.events import PLACED, OrderPlaced
from demo_services.store.shop import SCHEMA, SHOP
from demo_services.system import Blueprint


def assemble(service: Service) -> None:
    """Add `POST /orders`."""
    order_id_of, numbers = numbered("STO"), count(1)
    placed = service.publisher(PLACED)

    async def ask(
        method: str, callee: str, path: str, wish: dict[str, object] | None = None, **ids: str
    ) -> None:
        answer = await service.requests.ask(method, f"store-{callee}", path, wish, **ids)
        if answer.is_client_error:
            raise HTTPException(answer.status_code, answer.json()["detail"])

    @service.app.post("/orders", status_code=status.HTTP_201_CREATED)
    async def place(basket: Basket) -> Receipt:
        order_id = order_id_of(next(numbers))
        trace.get_current_span().set_attribute("order.id", order_id)
        await ask("GET", "customer", "/customers/{customer}", customer=basket.customer)
        await ask("GET", "product", "/products/{sku}", sku=basket.sku)
        with service.ledger.transaction():
            service.ledger.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, 'placed')",
                order_id,
                basket.customer,
                basket.sku,
                basket.amount,
            )
            service.ledger.execute(
                "UPDATE customers SET orders = orders + 1 WHERE customer = ?", basket.customer
            )
        await ask("POST", "payment", "/payments", {"order_id": order_id, "amount": basket.amount})
        await placed.publish(OrderPlaced(order_id=order_id, **basket.model_dump()))
        return Receipt(order_id=order_id)


ORDER = Blueprint("store-order", "6.1.0", SCHEMA, assemble, database=SHOP, shared=True)
