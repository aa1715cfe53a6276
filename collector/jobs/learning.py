"""Learning: from the facts of mature orders to a new model in force.

facts → counts of steps and pairs (pairs.sql) → rules that may hold (`propose`) → each measured
exactly (measure.sql) → those that hold (`accept`), with the declared ones among them → the tables
`rules`, `waits` and, last, `models`: a model is in force once it stands there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from collector.engine import Engine, Param
from collector.flows.model import Flow
from collector.jobs.accept import Measure, accept
from collector.jobs.declared import ends, rules_merged, waits_merged
from collector.jobs.pair_counts import PairCount
from collector.jobs.propose import Candidate, propose
from collector.jobs.rules import Rule, Step, Wait

_ORDERS = 20_000  # latest orders of each workflow that are looked at
_PAIRS = 5_000_000  # pairs of steps of one order that are counted in one go, over all workflows
_ROWS = 200_000  # counts of pairs taken from the engine, over all workflows
_WORKFLOWS = 500  # the largest are learned
_WORDS = (16, 100)  # steps of a workflow that are looked at: at least, at most
_KEPT_NS = 600_000_000_000  # models that are no longer in force
_FOREVER = (1 << 63) - 1


@dataclass(frozen=True)
class Lesson:
    """What was learned."""

    model_at: int
    says: frozenset[tuple[str, str]]
    """What the rules demand, to tell whether a new model demands anything else."""
    young: bool
    """Some orders are too young to learn from: there is more to learn once they have aged."""
    ripening: bool
    """And a workflow will have enough orders for a verdict then."""


class Learner:
    """Makes models; remembers nothing but when it last cleaned up."""

    def __init__(self, engine: Engine, *, min_orders: int = 20) -> None:
        self._engine = engine
        self._min_orders = min_orders
        self._cleaned_at = 0

    def learn(self, now: int, after: int, declared: Sequence[Flow] = ()) -> Lesson:
        """Put a new model in force, made at `now`; `after` is when the last one was made.

        `declared` are the flows that hold whatever was counted.
        """
        model_at = max(now, after + 2)
        self._query("mature", now=now)
        sample = self._rows("sample", now=now, orders=_ORDERS, pairs=_PAIRS)
        mature = {row["workflow"]: int(row["mature_orders"]) for row in sample}
        rules, waits, dropped = self._rules(now, model_at, sample, mature, declared)
        self._insert("rules", (_rule_row(rule, model_at) for rule in rules))
        self._insert("waits", (_wait_row(wait, model_at) for wait in waits))
        self._insert("models", self._models(model_at, mature, rules, dropped, declared))
        self._clean(now, model_at)
        warm = {(w, "") for w, orders in mature.items() if orders >= self._min_orders}
        return Lesson(
            model_at=model_at,
            says=frozenset(warm | {(rule.workflow, _saying(rule)) for rule in rules}),
            young=any(row["young_orders"] for row in sample),
            ripening=any(
                orders < self._min_orders <= orders + row["young_orders"]
                for row in sample
                for orders in (row["mature_orders"],)
            ),
        )

    # -- rules --------------------------------------------------------------------------------

    def _rules(
        self,
        now: int,
        model_at: int,
        sample: list[dict[str, Any]],
        mature: dict[str, int],
        declared: Sequence[Flow],
    ) -> tuple[list[Rule], list[Wait], dict[str, dict[str, float]]]:
        """The rules that hold, their waits, and whose spans go missing."""
        declaring = {flow.workflow for flow in declared}
        chosen = sorted(
            (
                row
                for row in sample
                if row["mature_orders"] >= self._min_orders
                or (row["workflow"] in declaring and row["mature_orders"])
            ),
            key=lambda row: (-row["mature_orders"], row["workflow"]),
        )[:_WORKFLOWS]
        over: dict[str, Param] = {
            "now": now,
            "workflows": [row["workflow"] for row in chosen],
            "sampled": [int(row["sampled"]) for row in chosen],
        }
        candidates: list[Candidate] = []
        measures: list[Measure] = []
        if chosen:
            words = math.isqrt(_ROWS // len(chosen))
            words = max(_WORDS[0], min(_WORDS[1], words))
            counts = self._rows("pairs", **over, words=words)
            candidates = _with_declared(propose(PairCount(**row) for row in counts), declared)
            self._insert("rules", (_rule_row(c.rule, model_at - 1) for c in candidates))
            found = self._rows("measure", **over, model_at=model_at - 1)
            measures = [Measure(**{**row, "followed": dict(row["followed"])}) for row in found]
        learned = accept(candidates, measures, mature_orders=mature, min_orders=self._min_orders)
        rules = rules_merged(learned.rules, declared)
        return rules, waits_merged(learned.waits, rules, declared), learned.dropped

    # -- tables -------------------------------------------------------------------------------

    def _models(
        self,
        model_at: int,
        mature: dict[str, int],
        rules: Iterable[Rule],
        dropped: dict[str, dict[str, float]],
        declared: Sequence[Flow],
    ) -> list[dict[str, Any]]:
        known: dict[str, set[str]] = {workflow: set() for workflow in mature}
        for row in self._rows("known"):
            known.setdefault(row["workflow"], set()).update(row["steps"])
        for flow in declared:  # may have no orders yet
            named = known.setdefault(flow.workflow, set())
            for entry in flow.entries:
                named.update(entry.steps)
        for rule in rules:
            known.setdefault(rule.workflow, set()).update(rule.requires, _names(rule.any_of))
        ending = ends(declared)
        return [
            {
                "model_at": _time(model_at),
                "workflow": workflow,
                "mature_orders": mature.get(workflow, 0),
                "steps": sorted(steps),
                "dropped": dropped.get(workflow, {}),
                "ends_success": ending.get(workflow, ((), ()))[0],
                "ends_failure": ending.get(workflow, ((), ()))[1],
            }
            for workflow, steps in sorted(known.items())
        ]

    def _clean(self, now: int, model_at: int) -> None:
        """Delete models that are no longer in force, with the candidates that made them."""
        if now - self._cleaned_at < _KEPT_NS:
            return
        self._cleaned_at = now
        before = min(now - _KEPT_NS, model_at - 2)
        for table in ("models", "waits", "rules"):
            self._engine.query(
                f"DELETE FROM {table} "
                "WHERE model_at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')",
                {"before": before},
                lane="job",
            )

    # -- engine -------------------------------------------------------------------------------

    def _query(self, name: str, **params: Param) -> Any:
        return self._engine.query(_sql(name), params, lane="job")

    def _rows(self, name: str, **params: Param) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._query(name, **params).to_pylist()
        return rows

    def _insert(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        data = "\n".join(json.dumps(row) for row in rows).encode()
        if data:
            self._engine.insert(f"INSERT INTO {table}", "JSONEachRow", data)


@cache
def _sql(name: str) -> str:
    text = resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
    return text.strip().removesuffix(";")


def _with_declared(candidates: list[Candidate], declared: Sequence[Flow]) -> list[Candidate]:
    """The candidates among the declared rules, which are measured, too."""
    unless = {(c.rule.workflow, c.rule.rule): c.unless for c in candidates}
    return [
        Candidate(rule, unless.get((rule.workflow, rule.rule), ""))
        for rule in rules_merged([c.rule for c in candidates], declared)
    ]


def _saying(rule: Rule) -> str:
    """What a rule demands, and of which orders; not how often it was kept."""
    return json.dumps(
        (
            rule.rule,
            rule.handover,
            rule.implied_by,
            rule.critical,
            rule.compensates,
            rule.valid_from,
        )
    )


def _rule_row(rule: Rule, model_at: int) -> dict[str, Any]:
    row = dict(vars(rule))
    del row["any_of"]
    return row | {
        "model_at": _time(model_at),
        "rule": rule.rule,
        "valid_from": _time(min(rule.valid_from, _FOREVER)),
        "any_of.step": _names(rule.any_of),
        "any_of.service": [step.service for step in rule.any_of],
        "any_of.role": [step.role for step in rule.any_of],
        "any_of.operation": [step.operation for step in rule.any_of],
        "any_of.destination": [step.destination for step in rule.any_of],
    }


def _wait_row(wait: Wait, model_at: int) -> dict[str, Any]:
    return vars(wait) | {"model_at": _time(model_at)}


def _names(steps: Iterable[Step]) -> list[str]:
    return [step.name for step in steps]


def _time(unix_ns: int) -> str:
    """A moment as ClickHouse reads it without loss: seconds and nanoseconds as a decimal."""
    return f"{unix_ns // 1_000_000_000:010d}.{unix_ns % 1_000_000_000:09d}"
