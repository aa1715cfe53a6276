"""The service takes seconds for what took a fraction of one."""

import asyncio

from demo_services.deployment import Deployment
from demo_services.faults.fault import Interferes
from demo_services.interference import Message
from demo_services.service import Service

EXTRA_S = 3.0
"""Less than the time after which the broker delivers again, or every message came twice."""


class SlowConsumer(Interferes):
    """Every message or request (or a share of them) waits before its handler runs."""

    name = "slow_consumer"
    summary = (
        f"Takes {EXTRA_S:g} seconds longer for a share of its messages and requests; "
        "nothing is lost."
    )

    def suits(self, deployment: Deployment) -> bool:
        """Whoever handles something can do it slowly."""
        return bool(deployment.consumes) or deployment.serves

    def interfere(self, service: Service, share: float) -> None:
        """Delay `share` of what comes."""

        async def wait(message: Message | None) -> None:
            if service.random.random() < share:
                await asyncio.sleep(EXTRA_S)

        service.interference.before = wait
