"""What happens in the marketplace."""

from demo_services.baskets import Order

PLACED = "marketplace.order.placed"

SUBJECTS = (PLACED,)


class OrderPlaced(Order):
    """A customer has ordered."""
