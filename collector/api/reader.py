"""What every question of the API needs: the engine, the clock, and how far the jobs are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from prometheus_client import CollectorRegistry

from collector.clock import Clock
from collector.engine import Engine, Param
from collector.jobs.runner import Progress

Row = dict[str, Any]


@dataclass(frozen=True)
class Intake:
    """What the writer says of itself."""

    spans_per_s: float
    accepted: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """By reason; a request that couldn't be read counts as one span."""
    queue_bytes: int = 0
    max_queue_bytes: int = 0


@cache
def sql(name: str) -> str:
    """The text of a question."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text("utf-8")


@dataclass(frozen=True)
class Reader:
    """Asks the engine; one for the whole process."""

    engine: Engine
    clock: Clock
    progress: Callable[[], Progress]
    intake: Callable[[], Intake]
    troubles: Callable[[], list[str]] = list
    """Why nothing can be stored or judged now; empty when it can."""
    meters: CollectorRegistry = field(default_factory=CollectorRegistry)
    """What those who work have counted."""
    retention_days: float = 0.0
    """Age at which spans are dropped."""
    min_free_bytes: int = 0
    """Room on the engine's disk below which the collector isn't ready."""

    def rows(self, name: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        """The rows of a question in sql/, parameters by name."""
        rows: list[Row] = self.engine.query(sql(name), params).to_pylist()
        return rows

    def now(self) -> datetime:
        """The collector's time."""
        return datetime.fromtimestamp(self.clock.now() / 1e9, UTC)


def zipped(row: Row, prefix: str) -> list[Row]:
    """The elements of a Nested column as rows, e.g. `owed.step`, `owed.after` → step, after."""
    names = [name for name in row if name.startswith(prefix + ".")]
    columns = [row[name] or [] for name in names]
    keys = [name.removeprefix(prefix + ".") for name in names]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


def tuples(value: list[Row] | None) -> list[tuple[Any, ...]]:
    """The elements of an array of unnamed tuples (Arrow calls their fields 1, 2, …)."""
    return [tuple(element.values()) for element in value or []]
