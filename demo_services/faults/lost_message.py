"""A published message never reaches the broker, and the publisher doesn't notice."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes, chance
from demo_services.service import Service


class LostMessage(Interferes):
    """The publish span is there and says nothing of it, as with a broker that forgets."""

    name = "lost_message"
    summary = "A share of what it publishes is lost on the way; those orders never go on."

    def suits(self, deployment: Deployment) -> bool:
        """Only what is published can be lost."""
        return bool(deployment.publishes)

    def interfere(self, service: Service, share: float) -> None:
        """Lose `share` of the publications."""
        service.interference.loses = chance(service, share)
