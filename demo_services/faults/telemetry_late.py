"""The service works, and its spans come late: everything behind it is seen before it."""

from demo_services.deployment import Deployment

DELAY_S = 20.0


class TelemetryLate:
    """As with an exporter that waits, or a queue in between."""

    name = "telemetry_late"
    summary = f"Works as ever, but its spans come {DELAY_S:g} to {2 * DELAY_S:g} seconds late."

    def suits(self, deployment: Deployment) -> bool:
        """Any service's spans can be late."""
        return deployment.deployed

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Hold the spans back (all of them, whatever `share` says)."""
        if deployment.service is not None:
            deployment.service.telemetry.outbox.delay(DELAY_S)

    async def end(self, deployment: Deployment) -> None:
        """Send what was held back."""
        if deployment.service is not None:
            deployment.service.telemetry.outbox.delay(0)
