"""The publisher missed the broker's confirmation and sends again: consumers get it twice."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes, chance
from demo_services.service import Service


class Duplicate(Interferes):
    """At least once is what brokers promise; handlers have to stand it."""

    name = "duplicate"
    summary = "Publishes a share of its events twice; consumers get both."

    def suits(self, deployment: Deployment) -> bool:
        """Only what is published can come twice."""
        return bool(deployment.publishes)

    def interfere(self, service: Service, share: float) -> None:
        """Send `share` of the publications twice."""
        service.interference.repeats = chance(service, share)
