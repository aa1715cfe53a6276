"""What a demo system consists of: the services' blueprints, and what its customers do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from demo_services.addresses import Addresses
from demo_services.customers import Customer

if TYPE_CHECKING:
    from demo_services.service import Service


@dataclass(frozen=True)
class Release:
    """The next version of a service: it publishes some events under other names."""

    version: str
    renames: Mapping[str, str]
    """Subject by subject: the old name and the new one. Whoever consumes it knows both."""


@dataclass(frozen=True)
class Blueprint:
    """A service before it runs. `assemble` adds routes, subscribers and publishers to it."""

    name: str
    version: str
    schema: str
    """SQL that creates the service's own tables, harmless when they exist; '' without a database.

    Statements are separated by a semicolon at the end of a line.
    """
    assemble: "Callable[[Service], None]"
    database: str = ""
    """The database's name, where telemetry shall tell it; '' for a file that has none."""
    shared: bool = False
    """The database is used by several services of the system: one file, or PostgreSQL."""
    next_release: Release | None = None
    on_demand: bool = False
    """Not started with the others, but by the control API while the system runs."""


@dataclass(frozen=True)
class Journey:
    """Something customers do. Each is one run of a workflow."""

    workflow: str
    """What the collector calls such a run: by the demo's `collector.toml`, else by its entry."""
    go: Callable[[Customer], Awaitable[str]]
    """Does it; returns the order's id, '' where there is none. Raises httpx.HTTPError."""
    weight: float = 1.0
    """How often it is done, beside the system's other journeys."""


@dataclass(frozen=True)
class System:
    """A set of services that together handle orders. `name` is their service.namespace."""

    name: str
    subjects: tuple[str, ...]
    """What is published in it; its stream keeps these subjects. No other system has one of them."""
    blueprints: tuple[Blueprint, ...]
    entry: str
    """The service at whose side the customers stand."""
    journeys: tuple[Journey, ...]

    def short_names(self) -> dict[str, Blueprint]:
        """Give the services by what they are called within the system: `cd`, not its full name."""
        return {b.name.removeprefix(f"{self.name}-"): b for b in self.blueprints}

    def only(self, short_name: str) -> "System":
        """Reduce the system to one of its services, the others running elsewhere."""
        return replace(self, blueprints=(self.short_names()[short_name],))

    @property
    def dead_letters(self) -> str:
        """The subject of messages that were given up."""
        return f"{self.name}.dead_letter"


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
    addresses: Addresses
    database_url: str = ""
    """PostgreSQL for what several services share: postgresql://…; '' for an SQLite file."""
