"""The service answers on HTTP but consumes nothing: no error anywhere, and nothing goes on."""

from demo_services.deployment import Deployment


class SilentConsumer:
    """The subscribers are stopped; messages wait in the stream and are drained afterwards."""

    name = "silent_consumer"
    summary = "Consumes nothing; its messages wait in the broker and are drained when it is back."

    def suits(self, deployment: Deployment) -> bool:
        """Only who consumes can stop consuming."""
        return bool(deployment.consumes)

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Stop consuming (all of it, whatever `share` says)."""
        if deployment.service is not None:
            await deployment.service.pause()

    async def end(self, deployment: Deployment) -> None:
        """Consume again."""
        if deployment.service is not None:
            await deployment.service.resume()
