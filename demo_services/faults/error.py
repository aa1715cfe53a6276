"""The handler raises: the message is refused, retried with back-off, and in the end given up."""

from demo_services.deployment import Deployment


class DownstreamUnavailableError(ConnectionError):
    """What a handler raises when something it needs doesn't answer."""


class Error:
    """A share of the deliveries fails; short faults end in a success, long ones in dead orders."""

    name = "error"
    summary = (
        "Raises in its handler for a share of the deliveries; "
        "each message is retried after 1, 2, 4 and 8 seconds and then given up."
    )

    def suits(self, deployment: Deployment) -> bool:
        """Only who consumes can fail at it."""
        return bool(deployment.consumes)

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Let `share` of the deliveries fail."""
        if (service := deployment.service) is None:
            return

        async def fail() -> None:
            if service.random.random() < share:
                raise DownstreamUnavailableError(f"{service.name}: the printer does not answer")

        service.interference.before = fail

    async def end(self, deployment: Deployment) -> None:
        """Work again."""
        if deployment.service is not None:
            deployment.service.interference.before = None
