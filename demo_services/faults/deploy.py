"""A new version goes live which publishes an event under another name, as was agreed."""

from demo_services.deployment import Deployment


class Deploy:
    """The next release at the start, back to the present one at the end. Nothing is lost."""

    name = "deploy"
    summary = "Its next release goes live and renames an event; the end of the fault rolls it back."

    def suits(self, deployment: Deployment) -> bool:
        """Who has a next release."""
        return deployment.deployed and deployment.blueprint.next_release is not None

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Deploy the next release."""
        await deployment.release(following=True)

    async def end(self, deployment: Deployment) -> None:
        """Roll back."""
        await deployment.release(following=False)
