"""What a fault is: something that goes wrong with one service until it ends."""

from typing import Protocol

from demo_services.deployment import Deployment


class Fault(Protocol):
    """A fault by name. `begin` and `end` are called once each, in this order, per occurrence."""

    name: str
    summary: str
    """One sentence for the API: what a service with this fault does."""

    def suits(self, deployment: Deployment) -> bool:
        """Whether this service can have the fault (one that consumes nothing can't fall silent)."""
        ...

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Make it go wrong. `share` (0 to 1] of the messages are hit, where that makes sense."""
        ...

    async def end(self, deployment: Deployment) -> None:
        """Make it good again."""
        ...
