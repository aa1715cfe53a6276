"""The board of active faults: at most one a service, each ended by hand or by its time."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from demo_services.deployment import Deployment
from demo_services.faults import FAULTS

logger = logging.getLogger(__name__)


class UnknownServiceError(LookupError):
    """No such service runs here."""


class UnknownFaultError(LookupError):
    """There is no such fault."""


class UnsuitableFaultError(ValueError):
    """The service can't have this fault."""


@dataclass(frozen=True)
class ActiveFault:
    """A fault that goes on. Times are Unix seconds; `ends_at` is None until ended by hand."""

    service: str
    fault: str
    began_at: float
    ends_at: float | None


class Board:
    """Begins and ends faults. Beginning a second one at a service ends the first."""

    def __init__(self, deployments: Mapping[str, Deployment]) -> None:
        self._deployments = deployments
        self._active: dict[str, ActiveFault] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()

    @property
    def active(self) -> list[ActiveFault]:
        """What goes wrong at the moment, oldest first."""
        return list(self._active.values())

    def at(self, service: str) -> ActiveFault | None:
        """What is wrong with this service."""
        return self._active.get(service)

    async def begin(
        self, service: str, fault: str, seconds: float | None = None, share: float = 1.0
    ) -> ActiveFault:
        """Let a service have a fault for `seconds` (None: until ended).

        `share` (0 to 1] of the messages are hit, where the fault is about single messages.

        Raises UnknownServiceError, UnknownFaultError or UnsuitableFaultError.
        """
        deployment = self._deployment(service)
        if fault not in FAULTS:
            raise UnknownFaultError(fault)
        async with self._lock:
            await self._end(service)
            if not FAULTS[fault].suits(deployment):
                why = "can't have the fault" if deployment.deployed else "isn't started: no fault"
                raise UnsuitableFaultError(f"{service} {why} {fault}")
            await FAULTS[fault].begin(deployment, share)
            now = time.time()
            active = ActiveFault(service, fault, now, None if seconds is None else now + seconds)
            self._active[service] = active
            if seconds is not None:
                self._timers[service] = asyncio.create_task(self._end_after(active, seconds))
        logger.info(
            "fault on:  %s %s%s", service, fault, "" if seconds is None else f" for {seconds:g} s"
        )
        return active

    async def start(self, service: str) -> bool:
        """Start a service that doesn't run; False when it does (or has crashed: end that).

        Raises UnknownServiceError.
        """
        deployment = self._deployment(service)
        async with self._lock:
            if deployment.deployed:
                return False
            await deployment.start()
        logger.info("started:   %s", service)
        return True

    async def stop(self, service: str) -> bool:
        """Stop a service gently, as for good; False when it doesn't run.

        Raises UnknownServiceError.
        """
        deployment = self._deployment(service)
        async with self._lock:
            await self._end(service)
            if not deployment.deployed:
                return False
            await deployment.stop()
        logger.info("stopped:   %s", service)
        return True

    async def end(self, service: str) -> ActiveFault | None:
        """End a service's fault; returns it, or None when there was none."""
        self._deployment(service)
        async with self._lock:
            return await self._end(service)

    async def clear(self) -> None:
        """Stop the timers without ending the faults: everything is being stopped."""
        timers, self._timers = list(self._timers.values()), {}
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    def _deployment(self, service: str) -> Deployment:
        try:
            return self._deployments[service]
        except KeyError:
            raise UnknownServiceError(service) from None

    async def _end(self, service: str) -> ActiveFault | None:
        timer = self._timers.pop(service, None)
        if timer is not None and timer is not asyncio.current_task():
            timer.cancel()
        active = self._active.pop(service, None)
        if active is not None:
            await FAULTS[active.fault].end(self._deployments[service])
            logger.info("fault off: %s %s", service, active.fault)
        return active

    async def _end_after(self, active: ActiveFault, seconds: float) -> None:
        await asyncio.sleep(seconds)
        async with self._lock:
            if self._active.get(active.service) is active:
                await self._end(active.service)
