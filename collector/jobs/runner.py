"""The tick: what happens with spans after they are stored, in what order, how far it has got.

spans → correlate (until linked traces stop changing) → assemble → edges, learn (when due) →
judge → drop what is too old (hourly). Every job is an SQL file that may run twice; all a restart
needs is in the tables.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from collector.clock import Clock
from collector.engine import Engine, EngineError, Param
from collector.engine.stopping import Stoppable
from collector.flows.model import Flow
from collector.jobs.expiry import Expiry, Kept
from collector.jobs.judging import Judging
from collector.jobs.learning import Learner
from collector.jobs.skew import SkewJob
from collector.jobs.statements import Statements

log = logging.getLogger(__name__)

_BATCH_SPANS = 100_000  # spans correlated in one go: bounds the memory of a tick
# Derived in one go: where much is waiting, what is new lies scattered among what is old, and to
# read a little of it costs about as much as to read a lot.
_DERIVED_SPANS = 500_000
_COMMITS = 10_000  # those that are listed at most
_MAX_ROUNDS = 32  # links followed within one tick; longer chains go on in the next
_SLOWEST_LEARNING_S = 60.0
_LONG_TICK_S = 120.0  # a tick that takes longer judges nothing in time
# Where nothing came, verdicts change by the clock alone: look at them again after a twentieth of
# the silence, so that an idle collector costs nothing.
_UNTOUCHED_NS = (1_900_000_000, 10_000_000_000)
_SILENCE = 20
_QUIET_NS = 1_500_000_000
_PAUSE_NS = 30_000_000_000  # a gap between ticks that means that nobody was watching
_LONGEST_PAUSE_NS = 900_000_000_000  # no exporter keeps spans longer: later gaps are waiting
_LEARNING_SHARE = 20  # learn at most this fraction of the time: after 1 s of it wait 20 s
_STEADIEST = 6  # where lessons teach nothing new, each waits longer, up to so many times


@dataclass(frozen=True)
class Progress:
    """How far the jobs have got, in nanoseconds of the collector's clock; 0 is never."""

    through: int
    """Spans stored up to here are correlated and judged."""
    model_at: int
    learned: bool
    """Everything correlated has also been learned from (but for orders too young for it, where
    that makes no difference), and is on the map."""
    repaired: bool = True
    """What had been stored when this process began is derived and judged."""


class Runner:
    """Runs the jobs, one tick at a time; one thread at a time."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        watermark: Callable[[], int],
        *,
        learn_every_s: float = 5.0,
        min_orders: int = 20,
        declared: Callable[[], tuple[Flow, ...]] = tuple,
        kept: Kept = Kept(),  # noqa: B008
        max_operations: int = 200,
        on_tick: Callable[[float], object] | None = None,
    ) -> None:
        self._on_tick = on_tick  # told how many seconds each tick took
        self._trouble = ""
        self._began_at = 0.0  # of the tick under way, by the machine's clock; 0 between two
        self._clock = clock
        self._watermark = watermark
        self._learn_every_s = learn_every_s
        self._max_operations = max_operations
        self._declared = declared
        self._flows = declared()
        self._engine = engine = Stoppable(engine)
        self._do = Statements(engine)
        self._learner = Learner(engine, min_orders=min_orders)
        self._judging = Judging(self._do, self._next_version, min_orders=min_orders)
        self._expiry = Expiry(self._do, kept)
        self._lock = threading.Lock()
        self._version = 0
        self._through = 0
        self._derived = 0  # spans stored up to here are derived, perhaps not yet correlated
        self._arrived_at = 0  # when spans last came
        self._facts_version = 0
        self._judged_at = 0
        self._caught_up = True
        self._judged_version = 0  # facts up to here are judged, …
        self._learned_version = 0  # … learned from, …
        self._drawn_version = 0  # … and on the map
        self._drawing = 0  # where the run that was last begun is to end
        self._drawn_at = 0
        self._model_at = 0
        self._says: frozenset[tuple[str, str]] = frozenset()
        self._first_ruled: set[str] = set()  # workflows that have rules, and had none before
        self._last_learning_s = 0.0
        self._steady = 1  # how many lessons in a row said the same
        self._young = True  # orders too young to learn from: look again when they have aged
        self._ripening = False  # and a workflow will have enough orders for a verdict then
        self._undeclared = bool(self._flows)  # the model doesn't know the declared rules yet
        self._reformed = False  # the rules demand something else than before
        self._cut_off = True  # the last correlating may not have come to its end
        self._ticked_at = 0
        self._pause = (0, 0)
        self._skew = SkewJob(engine)
        self._stored_before = 0
        self._progress = Progress(0, 0, True)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.tick_s = 0.0
        """How long the last tick took."""

    # -- life ---------------------------------------------------------------------------------

    def restore(self, rewind_ns: int = 0) -> None:
        """Go on where the tables say the last process stopped, or so much before that."""
        reached = {row["job"]: int(row["reached"]) for row in self._do.rows("reached")}
        self._ticked_at = reached.get("correlate", 0)
        self._through = self._derived = max(0, self._ticked_at - rewind_ns)
        self._learned_version = reached.get("learn", 0)
        self._drawn_version = reached.get("edges", 0)
        self._drawing = reached.get("drawing", 0)
        self._stored_before = self._arrived_at = int(self._do.rows("latest_arrival")[0]["at"])
        found = self._do.rows("standing")[0]
        self._model_at = max(0, int(found["model_at"]))
        self._facts_version = int(found["facts_version"])
        # What was assembled and not judged when the last process ended is judged now.
        self._judged_version = reached.get("judge", 0)
        # Files may have changed meanwhile, or be gone.
        self._undeclared |= bool(int(found["declared"]))
        # Versions are nanoseconds of the clock, but never go back, not even with a clock that does.
        self._version = max(self._facts_version, self._clock.now())
        self._reformed = True
        self._progress = Progress(0, self._model_at, False, self._stored_before == 0)

    def start(self, every_s: float) -> None:
        """Tick in a thread of its own until `stop`."""
        self._thread = threading.Thread(
            target=self._loop, args=(every_s,), name="jobs", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End after the statement that is under way."""
        self.end_soon()
        if self._thread is not None:
            self._thread.join()

    def end_soon(self) -> None:
        """Begin no further statement."""
        self._stop.set()
        self._engine.stop()

    def _loop(self, every_s: float) -> None:
        while not self._stop.is_set():
            began = self._began_at = time.monotonic()
            try:
                self.tick()
                self._trouble = ""
            except EngineError as error:
                if self._stop.is_set():
                    return
                # Nothing is lost: the tables say where to go on. Try again at the next tick.
                log.warning("tick failed, trying again: %s", error)
                self._trouble = str(error)
            except Exception as error:
                log.exception("tick failed, trying again")
                self._trouble = repr(error)
            self._began_at = 0.0
            took = time.monotonic() - began
            # Half of the time at most, but all of it while spans are waiting.
            self._stop.wait(max(0.05, every_s - took, took if self._caught_up else 0.0))

    # -- progress -----------------------------------------------------------------------------

    def progress(self) -> Progress:
        """How far the last whole tick got."""
        return self._progress

    def trouble(self) -> str:
        """Why nothing is judged now; empty when it is."""
        began_at = self._began_at
        if began_at and time.monotonic() - began_at > _LONG_TICK_S:
            return f"the present round of jobs takes longer than {_LONG_TICK_S:g} s"
        if not (self._trouble or self.repaired()):
            return "what was stored before the start is still being taken in"
        return self._trouble

    def repaired(self) -> bool:
        """All that had been stored when this process began is derived and judged.

        A collector that was killed has spans that no job has seen yet; an upgraded one has all.
        """
        return self._progress.repaired

    # -- work ---------------------------------------------------------------------------------

    def tick(self) -> None:
        """Do all that is due now."""
        with self._lock:
            began = time.monotonic()
            self._notice_pause()
            if self._drawing > self._drawn_version:
                self._draw(self._drawing)
            caught_up = self._caught_up = self._correlate()
            if self._model_at or not caught_up:
                self._judge()  # before learning: who waits in an outage says nothing of the rules
            quiet = caught_up and self._quiet()
            self._draw_if_due(quiet)
            self._learn_if_due(quiet)
            if self._reformed or self._facts_version > self._judged_version:
                self._judge()
            reached = min(self._learned_version, self._drawn_version)
            done = reached >= self._facts_version and not self._ripening
            repaired = self._through >= self._stored_before
            self._progress = Progress(self._through, self._model_at, done, repaired)
            if caught_up:
                self._expiry.run_if_due(self._clock.now())
                self._skew.run_if_due(self._clock.now(), self._through)
            self.tick_s = time.monotonic() - began
            if self._on_tick:
                self._on_tick(self.tick_s)

    def _notice_pause(self) -> None:
        """Remember the last time that nobody was watching; orders didn't wait meanwhile."""
        now = self._clock.now()
        if _PAUSE_NS < now - self._ticked_at < _LONGEST_PAUSE_NS:
            self._pause = (self._ticked_at, now)
        self._ticked_at = now

    def _correlate(self) -> bool:
        """Take in what arrived; True when nothing more is waiting."""
        watermark = self._watermark()
        if watermark <= self._through:
            return True
        if self._derived <= self._through:
            self._derive(watermark)
        waiting = self._do.rows("arrived_commits", after=self._through, through=self._derived)
        through = _within(_BATCH_SPANS, waiting, self._derived)
        if waiting:
            since = version = self._next_version()
            again, self._cut_off = self._cut_off, True
            window: dict[str, Param] = {"after": self._through, "through": through}
            arrived = self._do.rows("arrived", **window)[0]
            if arrived["keys"]:
                self._resolve_aliases(window, again)
            if arrived["names"]:
                limit = self._max_operations
                self._do.run("operations", **window, max_operations=limit, version=version)
            if arrived["links"]:
                self._do.run("inherit", **window, neighbours_of=0, version=version)
            self._do.run("correlate", **window, neighbours_of=0, again=again, version=version)
            for _ in range(_MAX_ROUNDS):
                if not int(self._do.rows("changed", version=version)[0]["traces"]):
                    break
                window = {"after": 0, "through": 0, "neighbours_of": version}
                version = self._next_version()
                self._do.run("inherit", **window, version=version)
                self._do.run("correlate", **window, again=False, version=version)
            self._facts_version = self._next_version()
            self._do.run("assemble", since=since, version=self._facts_version)
            self._do.run("forget", since=since, version=self._facts_version)
            self._do.run("forget_owed", since=since, version=self._facts_version)
            self._cut_off = False
        self._through = through
        self._save("correlate", through)
        return through >= watermark

    def _derive(self, watermark: int) -> None:
        """Derive what the spans mean that were stored up to the watermark."""
        stored = self._do.rows("commits", after=self._derived, through=watermark)
        through = _within(_DERIVED_SPANS, stored, watermark)
        if stored:
            self._arrived_at = max(self._arrived_at, min(through, int(stored[-1]["at"])))
            window: dict[str, Param] = {"after": self._derived, "through": through}
            self._do.run("services", **window)
            self._do.run("spans", **window)
        self._derived = through

    def _resolve_aliases(self, window: dict[str, Param], again: bool) -> None:
        """Find the orders of spans that have only further ids of theirs."""
        version = self._next_version()
        # What a tick that was cut off had changed is looked at again.
        since = self._through if again else version
        self._do.run("alias_orders", **window)
        self._do.run("hubs", version=version)
        rounds: dict[str, Param] = {**window, "turned_at": version, "changed_at": 0}
        for _ in range(_MAX_ROUNDS):
            self._do.run("alias_evidence", **rounds, version=version)
            self._do.run("aliases", version=version)
            if not int(self._do.rows("aliases_changed", version=version)[0]["aliases"]):
                break
            rounds = {"after": 0, "through": 0, "turned_at": 0, "changed_at": version}
            version = self._next_version()
        self._do.execute(
            "DELETE FROM alias_evidence WHERE version <= {version:UInt64}", {"version": version}
        )
        version = self._next_version()
        self._do.run("alias_spans", **window, since=since, version=version)
        self._do.run("alias_traces", through=window["through"], version=version)

    def _draw_if_due(self, quiet: bool) -> None:
        """Bring the map up to date; not every second, for nobody looks that closely."""
        now = self._clock.now()
        waited = now - self._drawn_at >= self._learn_every_s * 1e9
        if self._drawn_version < self._facts_version and (quiet or waited):
            self._draw(self._facts_version)
            self._drawn_at = now

    def _draw(self, reached: int) -> None:
        """Put on the map what was correlated up to the version `reached`.

        Which run this is, is noted before it begins. One that was cut off is repeated just so
        before anything else changes: then what it added to the sums counts once.
        """
        self._save("drawing", reached)
        self._drawing = reached
        self._do.execute("TRUNCATE TABLE calls_drawn")
        self._do.run("edges", since=self._drawn_version, version=reached)
        self._do.run("calls_by_minute", run=f"{self._drawn_version} {reached}")
        self._do.run("calls")
        self._do.execute("TRUNCATE TABLE calls_drawn")
        self._save("edges", reached)
        self._drawn_version = reached

    def _learn_if_due(self, quiet: bool) -> None:
        flows = self._declared()
        self._undeclared |= flows is not self._flows
        self._flows = flows
        news = self._learned_version < self._facts_version
        if not (news or self._young or self._undeclared):
            return
        now = self._clock.now()
        wait_s = min(
            _SLOWEST_LEARNING_S,
            max(self._learn_every_s * self._steady, _LEARNING_SHARE * self._last_learning_s),
        )
        waited = now - self._model_at >= wait_s * 1e9
        if not (self._undeclared or (quiet and news) or waited):
            return
        began = time.monotonic()
        facts_version = self._facts_version
        if not self._model_at:
            self._learn_from_history(now, flows)
        lesson = self._learner.learn(now, self._model_at, flows)
        self._young, self._ripening = lesson.young, lesson.ripening
        self._model_at = lesson.model_at
        self._undeclared = False
        changed = lesson.says != self._says
        self._steady = 1 if changed or self._ripening else min(self._steady + 1, _STEADIEST)
        if changed:
            # Before the first lesson of this process it isn't known who had rules.
            if self._says:
                self._first_ruled |= _ruled(lesson.says) - _ruled(self._says)
            self._says = lesson.says
            self._reformed = True
        self._learned_version = facts_version
        self._save("learn", facts_version)
        self._last_learning_s = time.monotonic() - began

    def _learn_from_history(self, now: int, flows: tuple[Flow, ...]) -> None:
        """What was there before the first model is learned and judged piece by piece in the order
        of its time: else an outage that began in it, and goes on, would unlearn what it broke."""
        moments = [int(at) for at in self._do.rows("history")[0]["moments"]]
        for at, following in pairwise([*moments, now]):
            self._model_at = self._learner.learn(at, self._model_at, flows).model_at
            self._judging.rehearse(following)

    def _judge(self) -> None:
        now, facts_version = self._clock.now(), self._facts_version
        since = self._next_version()
        touched = facts_version > self._judged_version
        if touched:
            self._judging.touch(now, self._judged_version + 1)
        if self._reformed:
            self._judging.reform(now, facts_version, sorted(self._first_ruled))
            self._first_ruled = set()
        soonest, latest = _UNTOUCHED_NS
        pause = min(latest, max(soonest, (now - self._arrived_at) // _SILENCE))
        if touched or self._reformed or now - self._judged_at >= pause:
            self._judging.judge(now, since, self._pause)
            self._judged_at = now
        self._reformed = False
        if touched:
            self._judged_version = facts_version
            self._save("judge", facts_version)

    # -- engine -------------------------------------------------------------------------------

    def _quiet(self) -> bool:
        """Nothing came for a while: a good moment for what need not be done at once."""
        return self._clock.now() - self._arrived_at > _QUIET_NS

    def _save(self, job: str, reached: int) -> None:
        self._do.run("reach", job=job, reached=reached, now=self._clock.now())

    def _next_version(self) -> int:
        self._version = max(self._version + 1, self._clock.now())
        return self._version


def _ruled(says: frozenset[tuple[str, str]]) -> set[str]:
    """The workflows of which rules are known."""
    return {workflow for workflow, saying in says if saying}


def _within(spans: int, commits: list[dict[str, Any]], end: int) -> int:
    """Where to stop so that the commits up to there have about so many spans; `end` if all fit."""
    for position, commit in enumerate(commits):
        spans -= int(commit["spans"])
        if (spans <= 0 and position + 1 < len(commits)) or position + 1 == _COMMITS:
            return int(commit["at"])
    return end
