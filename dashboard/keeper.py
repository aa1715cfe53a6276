"""The connection to the collector, and the last good answers for when it is away."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dashboard.client import Collector, CollectorAway, CollectorProblem

T = TypeVar("T")
Parameters = tuple[tuple[str, str], ...]
PATIENCE_S = 2.0
"""After a failed connection nobody tries for so long: a page waits for it once, not per call."""
KEPT = 128
"""Last good answers held, also for when the collector is away."""
FRESH_S, LONGEST_FRESH_S = 2.0, 10.0
REST = 20
"""An answer serves every session for FRESH_S, and REST times as long as it took if that is more, up
to LONGEST_FRESH_S: however many look, one question keeps the collector busy for a twentieth of the
time. Pages tell how old their data is."""
LINES = 64


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What was answered and when; `problem` is what went wrong since. None: never answered."""

    value: T | None
    fetched_at: float
    problem: CollectorProblem | None = None
    took_s: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Whether it may be given again, at that time, without asking."""
        age = now - self.fetched_at
        return age < min(max(FRESH_S, REST * self.took_s), LONGEST_FRESH_S)


Key = tuple[str, Parameters]
"""A question: what is asked for, and its parameters."""


class Keeper:
    """One connection to the collector and the last good answers, for all sessions."""

    def __init__(self) -> None:
        self.collector = Collector.from_environment()
        self._lock = threading.Lock()
        self._good: OrderedDict[Key, Answer[Any]] = OrderedDict()
        self._lines = [threading.Lock() for _ in range(LINES)]
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

    def fresh(self, key: Key, ask: Callable[[], Any]) -> Answer[Any]:
        """The last answer while it is fresh, else what `ask` returns; one asks, others wait for it.

        Answers are shared: nobody may change them. Raises what `ask` raises.
        """
        with self._lines[hash(key) % LINES]:
            last = self._good.get(key)
            if last and last.is_fresh(time.time()):
                return last
            began = time.monotonic()
            value = ask()
            answer = Answer(value, time.time(), took_s=time.monotonic() - began)
            self.keep(key, answer)
            return answer

    def forget(self) -> None:
        """Let go of every answer."""
        with self._lock:
            self._good.clear()

    def keep(self, key: Key, answer: Answer[Any]) -> None:
        """Hold a good answer, and let go of those that were not asked for longest."""
        with self._lock:
            self._good[key] = answer
            self._good.move_to_end(key)
            while len(self._good) > KEPT:
                self._good.popitem(last=False)

    def last(self, key: Key) -> Answer[Any] | None:
        """The last good answer to a question; None if there was none, or it is gone."""
        return self._good.get(key)
