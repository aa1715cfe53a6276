"""The service works, and its spans are lost: nothing is wrong but what is seen."""

from demo_services.deployment import Deployment


class TelemetryDropped:
    """As with a queue that overflows, or an agent that is down."""

    name = "telemetry_dropped"
    summary = "Works as ever, but a share of its spans never reaches the collector."

    def suits(self, deployment: Deployment) -> bool:
        """Any service's spans can be lost."""
        return deployment.deployed

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Lose `share` of the spans."""
        if deployment.service is not None:
            deployment.service.telemetry.outbox.drop(share)

    async def end(self, deployment: Deployment) -> None:
        """Lose none any more."""
        if deployment.service is not None:
            deployment.service.telemetry.outbox.drop(0)
