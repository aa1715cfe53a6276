"""What every question of the API needs: the engine, the clock, and how far the jobs are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from prometheus_client import CollectorRegistry

from collector.api.shared import Shared
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


_OPTIONAL = re.compile(r"^ *-- if (\w+)\n(.*?)^ *-- end\n", re.MULTILINE | re.DOTALL)


@cache
def sql(name: str) -> str:
    """The text of a question."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text("utf-8")


def statement(name: str, params: Mapping[str, Param]) -> str:
    """The text of a question, without the blocks between `-- if name` and `-- end` whose parameter
    is empty: what isn't asked for needn't be planned.
    """
    return _OPTIONAL.sub(lambda block: block[2] if params.get(block[1]) else "", sql(name))


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
    answers: Shared = field(default_factory=Shared)
    """Answers that many ask for and that read all there is."""

    def rows(self, name: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        """The rows of a question in sql/, parameters by name."""
        asked = params or {}
        rows: list[Row] = self.engine.query(statement(name, asked), asked).to_pylist()
        return rows

    def shared(
        self, name: str, params: Mapping[str, Param] | None = None, *, exact: bool | None = None
    ) -> list[Row]:
        """The rows of a question over all orders or traces; see `shared`. Not to be changed.

        `exact`: as they are now; by default where everything is judged that came.
        """
        question = f"{name} {sorted((params or {}).items())}"
        return self.answers.rows(
            question,
            lambda: self.rows(name, params),
            lambda: int(self.rows("parts")[0]["state"]),
            exact=self.progress().learned if exact is None else exact,
        )

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
