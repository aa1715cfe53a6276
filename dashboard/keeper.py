"""The connection to the collector, and the last good answers for when it is away."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dashboard.client import Collector, CollectorAway, CollectorProblem

T = TypeVar("T")
Parameters = tuple[tuple[str, str], ...]
PATIENCE_S = 2.0
"""After a failed connection nobody tries for so long: a page waits for it once, not per call."""
KEPT = 64
"""Last good answers held for when the collector is away."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What was answered and when; `problem` is what went wrong since. None: never answered."""

    value: T | None
    fetched_at: float
    problem: CollectorProblem | None = None


class Keeper:
    """One connection to the collector and the last good answers, for all sessions."""

    def __init__(self) -> None:
        self.collector = Collector.from_environment()
        self._lock = threading.Lock()
        self._good: OrderedDict[tuple[str, Parameters], Answer[Any]] = OrderedDict()
        self._away: tuple[float, CollectorAway] | None = None

    def ask(self, route: str, parameters: Parameters, needs: str) -> dict[str, Any]:
        """The collector's answer. Raises a CollectorProblem, at once while it is away."""
        away = self._away
        if away and time.monotonic() - away[0] < PATIENCE_S:
            raise away[1]
        try:
            answer = self.collector.ask(route, dict(parameters), needs)
        except CollectorAway as problem:
            self._away = (time.monotonic(), problem)
            raise
        self._away = None
        return answer

    def keep(self, key: tuple[str, Parameters], answer: Answer[Any]) -> None:
        """Hold a good answer, and let go of those that were not asked for longest."""
        with self._lock:
            self._good[key] = answer
            self._good.move_to_end(key)
            while len(self._good) > KEPT:
                self._good.popitem(last=False)

    def last(self, key: tuple[str, Parameters]) -> Answer[Any] | None:
        """The last good answer to a question; None if there was none, or it is gone."""
        return self._good.get(key)
