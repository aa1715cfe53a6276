"""The handler raises: the message is refused and retried with back-off, the request is a 503."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes
from demo_services.interference import Message
from demo_services.service import Service


class DownstreamUnavailableError(ConnectionError):
    """What a handler raises when something it needs doesn't answer."""


class Error(Interferes):
    """A share of the attempts fails; short faults end in a success, long ones in dead orders."""

    name = "error"
    summary = (
        "Raises in its handler for a share of the attempts. Messages are retried after 1, 2, 4 and "
        "8 seconds and then given up, requests after 0.2 and 0.6 seconds."
    )

    def suits(self, deployment: Deployment) -> bool:
        """Who handles messages or requests can fail at them."""
        return bool(deployment.consumes) or deployment.serves

    def interfere(self, service: Service, share: float) -> None:
        """Let `share` of the attempts fail."""

        async def fail(message: Message | None) -> None:
            if service.random.random() < share:
                raise DownstreamUnavailableError(f"{service.name}: the printer does not answer")

        service.interference.before = fail
