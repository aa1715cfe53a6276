"""A message that the handler can't read, however often it comes: it ends as a dead letter."""

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes
from demo_services.interference import Message
from demo_services.messaging import UnreadableError, position
from demo_services.service import Service


class PoisonMessage(Interferes):
    """A message that was poison once is poison for ever: the fault's end doesn't heal it."""

    name = "poison_message"
    summary = (
        "Can't read a share of its messages: after three attempts, 3 seconds in all, they go to "
        "the dead letters."
    )

    def __init__(self) -> None:
        self._poisonous: dict[str, set[int]] = {}

    def suits(self, deployment: Deployment) -> bool:
        """Only who consumes can be poisoned."""
        return bool(deployment.consumes)

    def interfere(self, service: Service, share: float) -> None:
        """Let `share` of the messages that come for the first time be poison."""
        poisonous = self._poisonous.setdefault(service.name, set())
        known: set[int] = set()

        async def read(message: Message | None) -> None:
            if message is None:
                return
            where = position(message)
            if where not in known and where not in poisonous and service.random.random() < share:
                poisonous.add(where)
            known.add(where)
            if where in poisonous:
                raise UnreadableError(f"{service.name}: amount: '12,90' is not a number")

        service.interference.before = read

    async def end(self, deployment: Deployment) -> None:
        """No new ones; those that there are stay what they are."""
        service = deployment.service
        if service is not None:
            service.interference.end()
            self.interfere(service, share=0.0)
