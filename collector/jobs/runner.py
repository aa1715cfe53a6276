"""The tick: what happens with spans after they are stored, in what order, how far it has got.

arrivals → correlate (until linked traces stop changing) → assemble → edges, learn (when due) →
frontier → judge → drop what is too old (hourly). Every job is an SQL file that may run twice; all
a restart needs is in the tables.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from collector.clock import Clock
from collector.engine import Engine, EngineError, Param
from collector.flows.model import Rule
from collector.jobs.declared import merged
from collector.jobs.learn import PairCount, expectations
from collector.jobs.rules import Rule as LearnedRule
from collector.jobs.rules import Step, Wait
from collector.jobs.skew import SkewJob

log = logging.getLogger(__name__)

_BATCH_SPANS = 100_000  # spans correlated in one go: bounds the memory of a tick
_MAX_ROUNDS = 32  # links followed within one tick; longer chains go on in the next
_LEARN_FROM = 20_000  # latest orders of each workflow that the learner looks at
_SLOWEST_LEARNING_S = 60.0
_BUDGET = 0.02  # see judge.sql
_FLOOR_S = 3.0  # exporters at both ends send once a second: less is no wait
_QUIET_NS = 1_500_000_000
_PAUSE_NS = 30_000_000_000  # a gap between ticks that means that nobody was watching
_LONGEST_PAUSE_NS = 900_000_000_000  # no exporter keeps spans longer: later gaps are waiting
_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS
_FAILED_KEPT = 2  # failed orders keep their spans this many times longer
# What holds rows of traces, in the order of deletion; see retention.sql.
# A span that is stored meanwhile stays.
_OLD = "stored_at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')"
_EXPIRING = {
    "calls": "true",
    "span_links": "true",
    "order_traces": "true",
    "arrivals": _OLD,
    "otel_traces": _OLD,
    "spans": _OLD,
    "traces": "true",
}
_LEARNING_SHARE = 10  # learn at most this fraction of the time: after 1 s of it wait 10 s


@dataclass(frozen=True)
class Progress:
    """How far the jobs have got, in nanoseconds of the collector's clock; 0 is never."""

    through: int
    """Spans stored up to here are correlated and judged."""
    model_at: int
    learned: bool
    """Everything correlated has also been learned from (but for orders too young for it, where
    that makes no difference), and is on the map."""


@cache
def sql(name: str) -> str:
    """The text of a job."""
    text = resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
    return text.strip().removesuffix(";")


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
        declared: Sequence[Rule] = (),
        retention_days: float = 30.0,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._watermark = watermark
        self._learn_every_s = learn_every_s
        self._min_orders = min_orders
        self._declared = declared
        self._kept_ns = int(retention_days * _DAY_NS)
        self._dropped_at = 0
        self._lock = threading.Lock()
        self._version = 0
        self._through = 0
        self._facts_version = 0
        self._judged_version = 0  # facts up to here are judged, …
        self._learned_version = 0  # … learned from, …
        self._drawn_version = 0  # … and on the map
        self._drawn_at = 0
        self._model_at = 0
        self._rules: frozenset[tuple[str, str]] = frozenset()
        self._last_learning_s = 0.0
        self._young = True  # orders too young to learn from: look again when they have aged
        self._ripening = False  # and a workflow will have enough orders for a verdict then
        self._undeclared = bool(declared)  # the model doesn't know the declared rules yet
        self._judge_all = False
        self._cut_off = True  # the last correlating may not have come to its end
        self._ticked_at = 0
        self._pause = (0, 0)
        self._skew = SkewJob(engine)
        self._progress = Progress(0, 0, True)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.tick_s = 0.0
        """How long the last tick took."""

    # -- life ---------------------------------------------------------------------------------

    def restore(self) -> None:
        """Go on where the tables say the last process stopped."""
        reached = {
            row["job"]: int(row["reached"])
            for row in self._rows(
                "SELECT job, argMax(reached, at) AS reached FROM progress GROUP BY job"
            )
        }
        self._through = self._ticked_at = reached.get("correlate", 0)
        self._learned_version = reached.get("learn", 0)
        self._drawn_version = reached.get("edges", 0)
        found = self._rows(
            "SELECT toUnixTimestamp64Nano(max(model_at)) AS model_at, "
            "(SELECT max(version) FROM order_facts) AS facts_version FROM models"
        )[0]
        self._model_at = max(0, int(found["model_at"]))
        self._facts_version = self._judged_version = int(found["facts_version"])
        rules = self._rows(
            "SELECT workflow, rule, source FROM rules "
            "WHERE model_at = (SELECT max(model_at) FROM models)"
        )
        self._rules = frozenset((row["workflow"], row["rule"]) for row in rules)
        # Files may have changed meanwhile, or be gone.
        self._undeclared |= any(row["source"] == "declared" for row in rules)
        # Versions are nanoseconds of the clock, but never go back, not even with a clock that does.
        self._version = max(self._facts_version, self._clock.now())
        self._judge_all = True
        self._progress = Progress(0, self._model_at, False)

    def start(self, every_s: float) -> None:
        """Tick in a thread of its own until `stop`."""
        self._thread = threading.Thread(
            target=self._loop, args=(every_s,), name="jobs", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End after the tick that is under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self, every_s: float) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.tick()
            except EngineError as error:
                # Nothing is lost: the tables say where to go on. Try again at the next tick.
                log.warning("tick failed, trying again: %s", error)
            except Exception:
                log.exception("tick failed, trying again")
            self._stop.wait(max(0.05, every_s - (time.monotonic() - began)))

    # -- progress -----------------------------------------------------------------------------

    def progress(self) -> Progress:
        """How far the last whole tick got."""
        return self._progress

    # -- work ---------------------------------------------------------------------------------

    def tick(self) -> None:
        """Do all that is due now."""
        with self._lock:
            began = time.monotonic()
            self._notice_pause()
            caught_up = self._correlate()
            quiet = caught_up and self._quiet()
            self._draw_if_due(quiet)
            self._learn_if_due(quiet)
            self._judge()
            reached = min(self._learned_version, self._drawn_version)
            done = reached >= self._facts_version and not self._ripening
            self._progress = Progress(self._through, self._model_at, done)
            if caught_up:
                self._drop_if_due()
                self._skew.run_if_due(self._clock.now(), self._through)
            self.tick_s = time.monotonic() - began

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
        waiting = self._rows(
            "SELECT toUnixTimestamp64Nano(stored_at) AS at, sum(spans) AS spans FROM arrivals "
            "WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC') "
            "AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC') "
            "GROUP BY stored_at ORDER BY stored_at",
            {"after": self._through, "through": watermark},
        )
        through, spans = watermark, 0
        for position, row in enumerate(waiting):
            spans += int(row["spans"])
            if spans >= _BATCH_SPANS and position + 1 < len(waiting):
                through = int(row["at"])
                break
        if waiting:
            since = version = self._next_version()
            again, self._cut_off = self._cut_off, True
            window: dict[str, Param] = {"after": self._through, "through": through}
            self._job("correlate", **window, neighbours_of=0, again=again, version=version)
            for _ in range(_MAX_ROUNDS):
                changed = self._rows(
                    "SELECT count() AS n FROM traces WHERE version = {version:UInt64} AND changed "
                    "AND (notEmpty(arrayFilter(t -> t NOT IN ('', TraceId), `steps.cause_trace`)) "
                    "OR TraceId IN (SELECT linked_trace FROM span_links))",
                    {"version": version},
                )
                if not int(changed[0]["n"]):
                    break
                neighbours_of, version = version, self._next_version()
                window = {"after": 0, "through": 0}
                self._job(
                    "correlate", **window, neighbours_of=neighbours_of, again=False, version=version
                )
            self._facts_version = self._next_version()
            self._job("assemble", since=since, version=self._facts_version)
            self._job("forget", since=since, version=self._facts_version)
            self._job("forget_owed", since=since, version=self._facts_version)
            self._cut_off = False
        self._through = through
        self._save("correlate", through)
        return through >= watermark

    def _draw_if_due(self, quiet: bool) -> None:
        """Bring the map up to date; not every second, for nobody looks that closely."""
        now = self._clock.now()
        waited = now - self._drawn_at >= self._learn_every_s * 1e9
        if self._drawn_version < self._facts_version and (quiet or waited):
            reached = self._facts_version
            self._job("edges", since=self._drawn_version, version=reached)
            self._save("edges", reached)
            self._drawn_version, self._drawn_at = reached, now

    def _learn_if_due(self, quiet: bool) -> None:
        news = self._learned_version < self._facts_version
        if not (news or self._young or self._undeclared):
            return
        now = self._clock.now()
        wait_s = min(
            _SLOWEST_LEARNING_S,
            max(self._learn_every_s, _LEARNING_SHARE * self._last_learning_s),
        )
        waited = now - self._model_at >= wait_s * 1e9
        if not (self._undeclared or (quiet and news) or waited):
            return
        began = time.monotonic()
        facts_version = self._facts_version
        self._job("mature", now=now)
        rows = self._rows(sql("count"), {"now": now, "orders": _LEARN_FROM})
        learned = expectations((PairCount(**row) for row in rows), min_orders=self._min_orders)
        rules = merged(learned, self._declared)
        model_at = max(now, self._model_at + 1)
        stamp = _time(model_at)
        said = [
            LearnedRule(
                workflow=r.workflow,
                requires=(r.after,),
                any_of=(Step(r.service, r.role, r.operation, r.destination),),
                implied_by=r.implied_by,
                source=r.source,
                share=r.share,
                seen=r.seen,
                of=r.of,
                median_s=r.median_s,
                p99_s=r.p99_s,
                limit_s=r.limit_s,
                within_s=r.limit_s if r.source == "declared" else 0.0,
            )
            for r in rules
        ]
        waits = [
            Wait(
                r.workflow,
                r.rule,
                r.requires[0],
                r.seen,
                0.0,
                r.median_s,
                r.p99_s,
                r.limit_s,
                0.0,
                (r.p99_s,),
                0.3,
            )
            for r in said
            if r.seen
        ]
        self._insert("rules", [{"model_at": stamp, **rule_row(rule)} for rule in said])
        self._insert("waits", [{"model_at": stamp, **dataclasses.asdict(wait)} for wait in waits])
        mature = self._rows(sql("matured"), {"now": now})
        orders = {rule.workflow: 0 for rule in rules}  # declared ones may have no orders yet
        orders |= {w["workflow"]: w["mature_orders"] for w in mature}
        self._insert(  # last: a model counts from here on
            "models",
            [{"model_at": stamp, "workflow": w, "mature_orders": n} for w, n in orders.items()],
        )
        self._young = any(w["young_orders"] for w in mature)
        self._ripening = any(
            w["mature_orders"] < self._min_orders <= w["mature_orders"] + w["young_orders"]
            for w in mature
        )
        self._model_at = model_at
        self._undeclared = False
        names = frozenset((rule.workflow, rule.rule) for rule in said)
        warm = frozenset(
            (row["workflow"], "") for row in mature if row["mature_orders"] >= self._min_orders
        )
        if names | warm != self._rules:
            self._rules = names | warm
            self._judge_all = True
            self._job("frontier", since=0)
        self._learned_version = facts_version
        self._save("learn", facts_version)
        self._last_learning_s = time.monotonic() - began

    def _judge(self) -> None:
        facts_version, since = self._facts_version, self._judged_version + 1
        touched = facts_version >= since
        if touched and not self._judge_all:
            self._job("frontier", since=since)
        obliged = self._next_version()
        if touched or self._judge_all:
            self._job(
                "oblige",
                since=since,
                all=self._judge_all,
                min_orders=self._min_orders,
                version=obliged,
            )
        judged = self._next_version()
        self._job(
            "judge",
            now=self._clock.now(),
            since=obliged,
            paused_from=self._pause[0],
            paused_to=self._pause[1],
            min_orders=self._min_orders,
            budget=_BUDGET,
            floor_s=_FLOOR_S,
            version=judged,
        )
        self._job("close", judged=judged, version=self._next_version())
        self._judge_all = False
        self._judged_version = facts_version

    def _drop_if_due(self) -> None:
        """Delete the traces that are too old, once an hour; states must be up to date."""
        now = self._clock.now()
        if now - self._dropped_at < _HOUR_NS:
            return
        self._dropped_at = now  # before, so that what fails waits for an hour, too
        params: dict[str, Param] = {
            "before": now - self._kept_ns,
            "failed_before": now - _FAILED_KEPT * self._kept_ns,
        }
        self._engine.query("TRUNCATE TABLE expired", lane="job")
        self._job("retention", **params)
        found = self._rows("SELECT count() AS n FROM expired")
        if int(found[0]["n"]):
            for table, old in _EXPIRING.items():
                self._engine.query(
                    f"DELETE FROM {table} WHERE TraceId IN (SELECT TraceId FROM expired) AND {old}",
                    params,
                    lane="job",
                )
            self._engine.query("TRUNCATE TABLE expired", lane="job")
            log.info("dropped %s traces for their age", found[0]["n"])
        for row in self._rows(sql("retention_days"), params):
            place = f"PARTITION ID '{row['partition_id']}'"
            self._engine.query(f"ALTER TABLE otel_traces APPLY DELETED MASK IN {place}", lane="job")

    # -- engine -------------------------------------------------------------------------------

    def _quiet(self) -> bool:
        """Nothing came for a while: a good moment for what need not be done at once."""
        row = self._rows("SELECT toUnixTimestamp64Nano(max(stored_at)) AS at FROM arrivals")
        return self._clock.now() - int(row[0]["at"]) > _QUIET_NS

    def _job(self, name: str, **params: Param) -> None:
        self._engine.query(sql(name), params, lane="job")

    def _rows(self, statement: str, params: dict[str, Param] | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._engine.query(statement, params, lane="job").to_pylist()
        return rows

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            data = "\n".join(json.dumps(row) for row in rows).encode()
            self._engine.insert(f"INSERT INTO {table}", "JSONEachRow", data)

    def _save(self, job: str, reached: int) -> None:
        self._engine.query(
            "INSERT INTO progress SELECT {job:String}, {reached:UInt64}, "
            "fromUnixTimestamp64Nano({now:Int64}, 'UTC')",
            {"job": job, "reached": reached, "now": self._clock.now()},
            lane="job",
        )

    def _next_version(self) -> int:
        self._version = max(self._version + 1, self._clock.now())
        return self._version


def rule_row(rule: LearnedRule) -> dict[str, Any]:
    """A rule as a row of the table `rules`, without the time of its model."""
    row = dataclasses.asdict(rule) | {"rule": rule.rule, "valid_from": _time(rule.valid_from)}
    del row["any_of"]
    row["any_of.step"] = [step.name for step in rule.any_of]
    for part in ("service", "role", "operation", "destination"):
        row[f"any_of.{part}"] = [getattr(step, part) for step in rule.any_of]
    return row


def _time(unix_ns: int) -> str:
    """A moment in UTC as ClickHouse reads it without loss."""
    second, rest = divmod(unix_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S}.{rest:09d}"
