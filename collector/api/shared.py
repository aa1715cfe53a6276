"""Answers that read every order or trace are computed once for all who ask.

An answer holds as long as the tables have the same parts. While spans come in they never do; then
it may be as old as five times what it took, a second at most, so that asking often costs a sixth of
a core, and not all of it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SHARE = 5
MOST_AGE_S = 1.0
_MOST_KEPT = 64

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class _Answer:
    rows: Rows
    at_s: float
    took_s: float
    state: int
    """Of the tables, before they were read."""


class Shared:
    """The last answers by question; safe to use from many threads."""

    def __init__(self, most_age_s: float = 0.0) -> None:
        """`most_age_s`: how old an answer may be while the tables change; 0: always new."""
        self._most_age_s = most_age_s
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._asking: dict[str, threading.Lock] = {}

    def rows(
        self, question: str, ask: Callable[[], Rows], state: Callable[[], int], *, exact: bool
    ) -> Rows:
        """The answer to a question: kept, or by `ask`. `state` tells whether the tables are the
        same as before; with `exact` nothing is given that isn't true now.
        """
        with self._lock:
            one_at_a_time = self._asking.setdefault(question, threading.Lock())
        with one_at_a_time:
            found = self._answers.get(question)
            if found and not exact:
                age_s = time.monotonic() - found.at_s
                if age_s < min(self._most_age_s, _SHARE * found.took_s):
                    return found.rows
            now = state()
            if found and found.state == now:
                return found.rows
            began_s = time.monotonic()
            rows = ask()
            at_s = time.monotonic()
            self._keep(question, _Answer(rows, at_s, at_s - began_s, now))
            return rows

    def _keep(self, question: str, answer: _Answer) -> None:
        with self._lock:
            self._answers[question] = answer
            self._answers.move_to_end(question)
            if len(self._answers) > _MOST_KEPT:
                oldest, _ = self._answers.popitem(last=False)
                self._asking.pop(oldest, None)
