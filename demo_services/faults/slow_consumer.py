"""The service takes seconds for what took a fraction of one."""

import asyncio

from demo_services.deployment import Deployment

EXTRA_S = 3.0
"""Less than the time after which the broker delivers again, or every message came twice."""


class SlowConsumer:
    """Every message (or a share of them) waits before its handler runs."""

    name = "slow_consumer"
    summary = f"Takes {EXTRA_S:g} seconds longer for a share of its messages; nothing is lost."

    def suits(self, deployment: Deployment) -> bool:
        """Only who consumes can do it slowly."""
        return bool(deployment.consumes)

    async def begin(self, deployment: Deployment, share: float) -> None:
        """Delay `share` of the messages."""
        if (service := deployment.service) is None:
            return

        async def wait() -> None:
            if service.random.random() < share:
                await asyncio.sleep(EXTRA_S)

        service.interference.before = wait

    async def end(self, deployment: Deployment) -> None:
        """Work at the usual pace."""
        if deployment.service is not None:
            deployment.service.interference.before = None
