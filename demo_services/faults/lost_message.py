"""A published message never reaches the broker, and the publisher doesn't notice."""

from demo_services.deployment import Deployment


class LostMessage:
    """The publish span is there and says nothing of it, as with a broker that forgets."""

    name = "lost_message"
    summary = "A share of what it publishes is lost on the way; those orders never go on."

    def suits(self, deployment: Deployment) -> bool:
        """Only what is published can be lost."""
        return bool(deployment.publishes)

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Lose `share` of the publications."""
        if (service := deployment.service) is not None:
            service.interference.loses = lambda: service.random.random() < share

    async def end(self, deployment: Deployment) -> None:
        """Lose nothing any more."""
        if deployment.service is not None:
            deployment.service.interference.loses = None
