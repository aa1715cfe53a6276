"""Judging: from facts and the model in force to the verdicts on orders.

touched facts → frontier (who got through), lateness (whose telemetry comes late), oblige (what each
order owes) → drift (flows that a deploy changed) → weigh (what is late, and what that means) →
judge (where that or the facts are new) → close (finished orders leave the list).
Python decides nothing here; it says what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collector.jobs.statements import Statements

BUDGET = 0.02  # of the alarms that an order is odd, the share that may be false
_LOWEST, _HIGHEST = 0.001, 0.05
_ENOUGH = 50  # alarms from which on their quality tells something
_CLEARED = 0.03  # of the alarms may clear by themselves
_FOREVER = (1 << 63) - 1
_LATELY_NS = 600_000_000_000
_FLOOR_S = 3.0  # exporters at both ends send once a second: less is no wait


def budget(flagged: int, cleared: int) -> float:
    """The budget for false alarms, given how many alarms there were and how many cleared alone."""
    if flagged < _ENOUGH:
        return BUDGET
    return min(_HIGHEST, max(_LOWEST, BUDGET * _CLEARED * flagged / max(cleared, 1)))


class Judging:
    """Keeps the verdicts up to date; all it knows is in the tables."""

    def __init__(
        self, statements: Statements, next_version: Callable[[], int], *, min_orders: int
    ) -> None:
        self._do = statements
        self._next_version = next_version
        self._min_orders = min_orders
        self._budget = BUDGET
        self._judged = 0  # the last version of verdicts, …
        self._judged_at = 0  # … and when they were given

    def reform(self, now: int, facts_version: int, first_ruled: Sequence[str] = ()) -> None:
        """There are new rules: see who got past them, and what every unfinished order owes; and
        orders closed lately of workflows that had no rules until now (`first_ruled`)."""
        alarms = self._do.rows("alarms", now=now)[0]
        self._budget = budget(int(alarms["flagged"]), int(alarms["cleared"]))
        self._do.run("frontier", since=0)
        self._oblige(
            since=facts_version + 1,
            all=True,
            first_ruled=first_ruled,
            closed_since=now - _LATELY_NS,
        )

    def touch(self, now: int, since: int) -> None:
        """Facts from version `since` on are new."""
        self._do.run("frontier", since=since)
        self._do.run("lateness", since=since, now=now)
        self._oblige(since=since, all=False)

    def judge(self, now: int, since: int, pause: tuple[int, int]) -> None:
        """The verdict on every unfinished order; written where it is new or its facts are, those
        of obligations from version `since` on. The first time all are looked at."""
        unfinished = self._do.rows("open", now=now, floor_s=_FLOOR_S)[0]
        if not int(unfinished["orders"]):
            return
        if int(unfinished["drifting"]):
            self._do.run("drift", now=now)
        version = self._next_version()
        if unfinished["doubtful"]:
            self._do.run(
                "weigh",
                now=now,
                paused_from=pause[0],
                paused_to=pause[1],
                min_orders=self._min_orders,
                budget=self._budget,
                floor_s=_FLOOR_S,
                version=version,
            )
        self._do.run(
            "judge",
            now=now,
            judged=self._judged,
            before=self._judged_at,
            since=since,
            min_orders=self._min_orders,
            version=version,
        )
        self._judged, self._judged_at = version, now
        self._do.run("close", judged=version, version=self._next_version())

    def rehearse(self, at: int) -> None:
        """Judge all that had come by then as of then, as if it had been watched live."""
        self._do.run("frontier", since=0)
        self._oblige(since=0, all=False, until=at)
        self.judge(at, 0, (0, 0))

    def _oblige(
        self,
        *,
        since: int,
        all: bool,
        until: int = _FOREVER,
        first_ruled: Sequence[str] = (),
        closed_since: int = 0,
    ) -> None:
        self._do.run(
            "oblige",
            since=since,
            all=all,
            until=until,
            first_ruled=list(first_ruled),
            closed_since=closed_since,
            min_orders=self._min_orders,
            version=self._next_version(),
        )
