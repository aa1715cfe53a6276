"""The service is gone: unfinished messages go back to the broker, unsent spans are lost."""

from demo_services.deployment import Deployment


class Crash:
    """Killed at the start of the fault, started anew (a new instance id) at its end."""

    name = "crash"
    summary = (
        "Dies without acknowledging what it works on and without sending its last spans; "
        "a new instance starts when the fault ends."
    )

    def suits(self, deployment: Deployment) -> bool:
        """Any service can crash that runs."""
        return deployment.deployed

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Kill it."""
        await deployment.kill()

    async def end(self, deployment: Deployment) -> None:
        """Start a new instance in its place."""
        await deployment.start()
