"""Fulfilment by events: checkout → payment → stock → cd → invoice → shipping, with no conductor."""

from random import Random
from typing import Any

from demo_services.fulfilment.cd import CD
from demo_services.fulfilment.checkout import CHECKOUT
from demo_services.fulfilment.events import SUBJECTS
from demo_services.fulfilment.invoice import INVOICE
from demo_services.fulfilment.payment import PAYMENT
from demo_services.fulfilment.shipping import SHIPPING
from demo_services.fulfilment.stock import STOCK
from demo_services.system import System

PRICES = {"kettle": 3_490, "lamp": 5_900, "notebook": 450, "backpack": 8_900, "teapot": 2_750}
"""Cents."""


def draw_order(random: Random) -> dict[str, Any]:
    """Make up a customer's basket."""
    sku = random.choice(list(PRICES))
    quantity = random.randint(1, 3)
    return {
        "customer": f"CUST-{random.randint(1, 500):03}",
        "sku": sku,
        "quantity": quantity,
        "amount": PRICES[sku] * quantity,
    }


FULFILMENT = System(
    name="fulfilment",
    subjects=SUBJECTS,
    blueprints=(CHECKOUT, PAYMENT, STOCK, CD, INVOICE, SHIPPING),
    entry=CHECKOUT.name,
    draw_order=draw_order,
)
