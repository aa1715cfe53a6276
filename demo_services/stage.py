"""Everything that runs in this process: services, customers, faults and their schedule."""

import asyncio
import logging
import time

from demo_services.board import Board
from demo_services.deployment import Deployment
from demo_services.schedule import Plan, Schedule
from demo_services.system import Surroundings, System
from demo_services.traffic import Traffic

logger = logging.getLogger(__name__)

DRAIN_S = 2.0


class Stage:
    """All services of some systems, with traffic to each: what `all` runs, and the tests."""

    def __init__(self, systems: tuple[System, ...], around: Surroundings, plan: Plan) -> None:
        self.systems = systems
        self.around = around
        self.started_at = time.time()
        self.deployments = {
            blueprint.name: Deployment(blueprint, system, around)
            for system in systems
            for blueprint in system.blueprints
        }
        self.board = Board(self.deployments)
        self.schedule = Schedule(self.board, plan)
        self.traffic: dict[str, Traffic] = {}

    async def start(self, rate: float) -> None:
        """Start every service, then the customers (`rate` orders/s in each system)."""
        await asyncio.gather(*(deployment.start() for deployment in self.deployments.values()))
        for system in self.systems:
            entry = self.deployments[system.entry]
            traffic = Traffic(system.name, entry.url, system.draw_order, self.around.seed)
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

    async def _drain(self) -> None:
        """Wait for the messages under way, at most `DRAIN_S`, except where a fault holds them."""
        healthy = [d for d in self.deployments.values() if self.board.at(d.name) is None]
        try:
            async with asyncio.timeout(DRAIN_S):
                while any([any((await d.waiting() or {}).values()) for d in healthy]):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            logger.info("some orders were still under way")
