"""Everything that runs in this process: services, customers, faults and their schedule."""

import asyncio
import logging
import time
from collections.abc import Iterable

from demo_services.backlog import Backlog
from demo_services.board import Board
from demo_services.deployment import Deployment
from demo_services.schedule import Plan, Schedule
from demo_services.system import Surroundings, System
from demo_services.traffic import Traffic

logger = logging.getLogger(__name__)

DRAIN_S = 2.0


class Stage:
    """Some systems' services, and customers for the systems whose entry is among them."""

    def __init__(
        self,
        systems: Iterable[System],
        around: Surroundings,
        plan: Plan,
        port: int = 0,
        day_s: float = 0.0,
    ) -> None:
        """`day_s`: see `Traffic`."""
        self.around = around
        self.started_at = time.time()
        self.deployments = {
            blueprint.name: Deployment(blueprint, system, around, port)
            for system in systems
            for blueprint in system.blueprints
        }
        self.board = Board(self.deployments)
        self.backlog = Backlog(around.nats_url)
        self.schedule = Schedule(self.board, plan)
        self.traffic: dict[str, Traffic] = {}
        self._systems = tuple(systems)
        self._day_s = day_s

    async def start(self, rate: float) -> None:
        """Start every service, then the customers (`rate` orders/s in each system)."""
        await self.backlog.open()
        for deployment in self.deployments.values():
            if not deployment.blueprint.on_demand or len(self.deployments) == 1:
                await deployment.start()
        for system in self._systems:
            if system.entry not in self.deployments:
                continue
            around = self.around
            traffic = Traffic(
                system.name, system.journeys, around.addresses, around.seed, self._day_s
            )
            traffic.rate = rate
            traffic.start()
            self.traffic[system.name] = traffic
        self.schedule.start()

    async def stop(self) -> None:
        """Take no more orders, let those under way finish if they can, and stop everything."""
        await self.schedule.stop()
        await asyncio.gather(*(traffic.stop() for traffic in self.traffic.values()))
        await self._drain()
        await self.board.clear()
        await asyncio.gather(*(deployment.stop() for deployment in self.deployments.values()))
        await self.backlog.close()

    async def _drain(self) -> None:
        """Wait for the messages under way, at most `DRAIN_S`, except where a fault holds them."""
        awaited = [
            (deployment.system.name, deployment.name, subject)
            for deployment in self.deployments.values()
            if self.board.at(deployment.name) is None
            for subject in deployment.consumes
        ]
        try:
            async with asyncio.timeout(DRAIN_S):
                while any(
                    await asyncio.gather(*(self.backlog.waiting(*where) for where in awaited))
                ):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            logger.info(
                "some orders are still under way (with --data they go on at the next start)"
            )
