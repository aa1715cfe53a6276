"""The distribution centre (cd) packs what stock has set aside: the slowest step of the chain."""

from opentelemetry import trace

from demo_services.fulfilment.events import ParcelPacked, StockReserved
from demo_services.service import Service
from demo_services.system import Blueprint

SCHEMA = """
CREATE TABLE IF NOT EXISTS parcels (
  order_id TEXT PRIMARY KEY, shelf TEXT, parcel_id TEXT, weight INTEGER
)"""


def assemble(service: Service) -> None:
    """Add the handler of `stock.reserved`."""

    @service.consumer("stock.reserved")
    @service.publisher("parcel.packed")
    async def pack(order: StockReserved) -> ParcelPacked:
        trace.get_current_span().set_attribute("order.id", order.order_id)
        await service.work(120, 400)
        parcel_id = f"PAR-{order.order_id.removeprefix('ORD-')}"
        weight = order.quantity * service.random.randint(200, 900)
        service.ledger.execute(
            "INSERT OR IGNORE INTO parcels VALUES (?, ?, ?, ?)",
            order.order_id,
            order.shelf,
            parcel_id,
            weight,
        )
        return ParcelPacked(**order.model_dump(), parcel_id=parcel_id, weight=weight)


CD = Blueprint("fulfilment-cd", "3.0.2", SCHEMA, assemble)
