"""The business says no: no error anywhere, and the order takes another way, or ends."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes, chance
from demo_services.service import Service


class Declined(Interferes):
    """What a handler asks before it agrees (see `Service.declines`)."""

    name = "declined"
    summary = "Says no to a share of the orders, for reasons of business: that is no error."

    def suits(self, deployment: Deployment) -> bool:
        """Who has something to say no to."""
        return deployment.can_decline

    def interfere(self, service: Service, share: float) -> None:
        """Say no to `share` of the orders."""
        service.interference.declines = chance(service, share)
