"""What a fault is: something that goes wrong with one service until it ends."""

from typing import Protocol

from demo_services.deployment import Deployment
from demo_services.interference import Chance
from demo_services.service import Service


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


class Interferes:
    """A fault that is nothing but an interference with the running service."""

    def interfere(self, service: Service, share: float) -> None:
        """Set what happens from now on."""
        raise NotImplementedError

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Interfere."""
        if deployment.service is not None:
            self.interfere(deployment.service, share)

    async def end(self, deployment: Deployment) -> None:
        """Leave it in peace."""
        if deployment.service is not None:
            deployment.service.interference.end()


def chance(service: Service, share: float) -> Chance:
    """Make a question that is answered with yes in `share` of all cases (seeded)."""
    return lambda: service.random.random() < share
