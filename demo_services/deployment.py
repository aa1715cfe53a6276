"""Where a service is deployed: it keeps its address while the service in it comes and goes."""

from demo_services.service import Service
from demo_services.system import Blueprint, Surroundings, System


class Deployment:
    """One service of a system. `service` is its present life, None while it is down."""

    def __init__(
        self, blueprint: Blueprint, system: System, around: Surroundings, port: int = 0
    ) -> None:
        self.blueprint = blueprint
        self.system = system
        self.version = blueprint.version
        self._around = around
        self._port = port
        self._next = False
        self.deployed = False
        """It was started and not stopped since: it is up, or it has crashed."""
        self.service: Service | None = None
        self.url = ""
        self.consumes: tuple[str, ...] = ()
        self.publishes: tuple[str, ...] = ()
        self.serves = self.can_decline = self.can_abandon = False

    @property
    def name(self) -> str:
        """The service's name."""
        return self.blueprint.name

    async def start(self) -> None:
        """Start the service; after a stop or a crash with a new instance id, on the same port."""
        release = self.blueprint.next_release if self._next else None
        service = Service(self.blueprint, self.system, self._around, self._port, release)
        self._port, self.url = service.http.port, service.http.url
        self._around.addresses.announce(self.name, self.url)
        self.version = service.version
        self.consumes, self.publishes = tuple(service.subscribers), tuple(service.publishes)
        self.serves = service.serves
        self.can_decline, self.can_abandon = service.can_decline, service.can_abandon
        self.service, self.deployed = service, True
        await service.start()

    async def stop(self) -> None:
        """Stop the service gently."""
        service, self.service = self.service, None
        self.deployed = False
        if service is not None:
            await service.stop()

    async def kill(self) -> None:
        """Let the service crash."""
        service, self.service = self.service, None
        if service is not None:
            await service.kill()

    async def release(self, *, following: bool) -> None:
        """Deploy the next release, or go back to the present one: stop the old, start the new."""
        await self.stop()
        self._next = following
        await self.start()
