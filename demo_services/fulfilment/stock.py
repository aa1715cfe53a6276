"""Stock sets the goods of a paid order aside."""

from opentelemetry import trace

from demo_services.fulfilment.events import PaymentTaken, StockReserved
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS reservations (
  order_id TEXT PRIMARY KEY, sku TEXT, quantity INTEGER, shelf TEXT
)"""


def assemble(service: Service) -> None:
    """Add the handler of `payment.taken`, under its present and its coming name."""

    @service.consumer("payment.captured")
    @service.consumer("payment.taken")
    @service.publisher("stock.reserved")
    async def reserve(order: PaymentTaken) -> StockReserved:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        service.ledger.execute(
            "SELECT sum(quantity) FROM reservations WHERE sku = ? AND shelf = 'A'", order.sku
        )
        await service.work(40, 120)
        shelf = service.random.choice("ABCDE") + str(service.random.randint(1, 40))
        service.ledger.execute(
            "INSERT OR IGNORE INTO reservations VALUES (?, ?, ?, ?)",
            order.order_id,
            order.sku,
            order.quantity,
            shelf,
        )
        return StockReserved(**order.model_dump(), shelf=shelf)


STOCK = Blueprint("fulfilment-stock", "1.2.4", SCHEMA, assemble)
