"""What a demo system consists of: the services' blueprints and where its orders enter."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo_services.service import Service


@dataclass(frozen=True)
class Blueprint:
    """A service before it runs. `assemble` adds routes, subscribers and publishers to it."""

    name: str
    version: str
    schema: str
    """SQL that creates the service's own tables, harmless when they exist."""
    assemble: "Callable[[Service], None]"


@dataclass(frozen=True)
class System:
    """A set of services that together handle orders. `name` is their service.namespace."""

    name: str
    subjects: tuple[str, ...]
    """What is published in it; its stream keeps these subjects."""
    blueprints: tuple[Blueprint, ...]
    entry: str
    """The service that takes new orders by `POST /orders`."""
    draw_order: Callable[[Random], dict[str, Any]]
    """Makes the body of one such request."""

    def short_names(self) -> dict[str, Blueprint]:
        """Give the services by what they are called within the system: `cd`, not its full name."""
        return {b.name.removeprefix(f"{self.name}-"): b for b in self.blueprints}

    def only(self, short_name: str) -> "System":
        """Reduce the system to one of its services, the others running elsewhere."""
        return replace(self, blueprints=(self.short_names()[short_name],))


@dataclass(frozen=True)
class Surroundings:
    """What services find where they run."""

    nats_url: str
    otlp: str
    """The collector's base address, e.g. http://127.0.0.1:4318."""
    otlp_protocol: str
    data: Path
    """Folder for the services' SQLite files."""
    host: str
    seed: int
