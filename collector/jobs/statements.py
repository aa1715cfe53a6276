"""Statements from the .sql files of this folder, run in the lane of the jobs."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from collector.engine import Engine, Param


@cache
def sql(name: str) -> str:
    """The text of a job."""
    text = resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
    return text.strip().removesuffix(";")


class Statements:
    """Runs the jobs' files on an engine; raises EngineError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, name: str, **params: Param) -> None:
        """Run a file."""
        self.execute(sql(name), params)

    def rows(self, name: str, **params: Param) -> list[dict[str, Any]]:
        """The rows that a file's query gives."""
        found: list[dict[str, Any]] = self._engine.query(sql(name), params, lane="job").to_pylist()
        return found

    def execute(self, statement: str, params: dict[str, Param] | None = None) -> None:
        """Run a statement that was put together."""
        self._engine.query(statement, params, lane="job")
