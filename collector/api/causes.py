"""Why? Stuck and failed orders by where and why they stopped, and what sets them apart.

Each of the biggest causes is compared with orders that passed the same place in the same time:
samples of both, by a hash of the order's id. What the comparison says is kept for half a minute,
since it changes slowly, and few are made within one answer; the number of orders is always new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from collector.api import sentences
from collector.api.contrast import LEAST_ORDERS, Difference, Value, differences, sentence
from collector.api.models import Cause, Causes, Contrast, Deploy
from collector.api.reader import Reader, Row
from collector.api.times import nanoseconds, rfc3339, text
from collector.engine import Engine

_OWED = ("step", "service", "owing", "role", "operation", "destination", "after")
_OWES_NOTHING = dict.fromkeys(_OWED, "")
_MOST_COMPARED = 10  # causes
_SAMPLE = 150  # orders of each half
_WIDE = 75  # of which all attributes are read
_KEPT_NS = 30_000_000_000
_NEW_AT_ONCE, _AGAIN_AT_ONCE = 4, 1  # comparisons made within one answer
_BEFORE_NS = 900_000_000_000  # orders that began so long before the first one are compared, too
_DEPLOY_BEFORE_NS, _DEPLOY_AFTER_NS = 900_000_000_000, 60_000_000_000
_MOST_STEPS = 40
# Read of every step of all orders; see contrast_values.sql.
_NARROW = ("service.version", "instance", "messaging.destination.partition.id")
# What every failed span has and no other says nothing about why.
_OF_FAILURE = ("error", "exception", "http.response.status_code", "http.status_code", "rpc.")
_OF_NOBODY = ("process.", "thread.", "telemetry.", "code.")


@dataclass(frozen=True)
class Comparison:
    """What sets the orders of a cause apart."""

    at: int
    orders: int
    differences: list[Difference]
    downstream: list[str]
    deploy: Deploy | None


_kept: WeakKeyDictionary[Engine, dict[str, Comparison]] = WeakKeyDictionary()


def causes(reader: Reader, *, workflow: str = "") -> Causes:
    """All causes, the one with the most orders first; the biggest ten are compared."""
    second = reader.clock.now() // 10**9 * 10**9
    rows = reader.shared("causes", {"workflow": workflow, "now": second})
    rows = _with_owed(reader, rows)
    compared = _compared(reader, rows[:_MOST_COMPARED])
    return Causes(causes=[_cause(row, compared.get(row["cause_id"])) for row in rows])


def _with_owed(reader: Reader, rows: list[Row]) -> list[Row]:
    """Each row with what its latest order owes at the step; all '' where that is nothing."""
    ids = [row["latest"] for row in rows if row["state"] == "stuck"]
    workflows = sorted({row["workflow"] for row in rows})
    found = reader.rows("causes_owed", {"workflows": workflows, "ids": ids}) if ids else []
    owed = {(row["workflow"], row["order_id"]): row["owed"] for row in found}
    return [
        {
            **row,
            "owed": next(
                (
                    o
                    for o in owed.get((row["workflow"], row["latest"]), ())
                    if o["step"] == row["step"]
                ),
                _OWES_NOTHING,
            ),
        }
        for row in rows
    ]


def _cause(row: Row, compared: Comparison | None) -> Cause:
    owed = _owed(row)
    if row["state"] == "stuck":
        said = sentences.headline({**owed, "diagnosis": row["diagnosis"]})
    else:
        said = sentences.failed_sentence(row["step"], row["error"])
    found = compared.differences if compared else []
    return Cause(
        cause_id=row["cause_id"],
        sentence=said,
        workflow=row["workflow"],
        service=row["service"],
        step=row["step"],
        diagnosis=row["diagnosis"],
        state=row["state"],
        orders=row["orders"],
        oldest_since=text(row["oldest_since"]),
        since=text(row["since"]),
        after=owed["after"] or None,
        trend_per_min=row["trend_per_min"],
        downstream=compared.downstream if compared else [],
        contrast=[sentence(difference) for difference in found],
        evidence=[_contrast(difference) for difference in found],
        deploy=compared.deploy if compared else None,
    )


def _owed(row: Row) -> dict[str, str]:
    return {name: row["owed"][name] for name in _OWED}


def _contrast(found: Difference) -> Contrast:
    v = found.value
    return Contrast(
        step=v.step,
        service=v.service,
        attribute=v.attribute,
        value=v.value,
        held=v.held,
        of_held=v.of_held,
        passed=v.passed,
        of_passed=v.of_passed,
        support=found.support,
        lift=found.lift,
        p=found.p,
        also=list(found.also),
        sentence=sentence(found),
    )


def _compared(reader: Reader, rows: Sequence[Row]) -> dict[str, Comparison]:
    """The comparisons by cause: as they were half a minute ago at most, as far as time allows."""
    now = reader.clock.now()
    kept = _kept.setdefault(reader.engine, {})
    wanted = [row for row in rows if row["orders"] >= LEAST_ORDERS]
    new = [row for row in wanted if row["cause_id"] not in kept]
    again = [
        row
        for row in wanted
        if (old := kept.get(row["cause_id"]))
        and (not 0 <= now - old.at < _KEPT_NS or row["orders"] >= 2 * old.orders)
    ]
    again.sort(key=lambda row: kept[row["cause_id"]].at)
    for row in new[:_NEW_AT_ONCE] or again[:_AGAIN_AT_ONCE]:
        kept[row["cause_id"]] = _compare(reader, row, now)
    for cause_id in [id_ for id_, old in kept.items() if now - old.at >= 20 * _KEPT_NS]:
        kept.pop(cause_id, None)
    return {row["cause_id"]: kept[row["cause_id"]] for row in wanted if row["cause_id"] in kept}


def _compare(reader: Reader, row: Row, now: int) -> Comparison:
    stuck = row["state"] == "stuck"
    step = row["step"]
    place = _owed(row)["after"] if stuck else step
    first = nanoseconds(row["first_started"])
    last = nanoseconds(row["last_started"])
    orders = reader.rows(
        "contrast_orders",
        {
            "workflow": row["workflow"],
            "cause": row["cause_id"],
            "place": place,
            "step": step,
            "from": first - max(_BEFORE_NS, last - first),
            "to": last,
            "most": _SAMPLE,
        },
    )
    held = [order for order in orders if order["held"]]
    passed = [order for order in orders if not order["held"]]
    downstream = _downstream(passed, step)
    if not held or not passed:
        return Comparison(now, row["orders"], [], downstream, None)
    usual = _usual(held)
    rows = reader.rows(
        "contrast_values",
        {
            "workflow": row["workflow"],
            "held": [order["order_id"] for order in held],
            "passed": [order["order_id"] for order in passed],
            "steps": [step, *usual],
            "place": place,
            "least": LEAST_ORDERS,
            "wide": _WIDE,
        },
    )
    values = _values(rows, place, failed=not stuck)
    values += _errors(held, passed, [name for name in usual if stuck or name != step])
    found = differences(values)
    services = [d.value.service for d in found if d.value.attribute == "service.version"]
    services += [r["service"] for name in (step, place) for r in rows if r["step"] == name]
    deploy = _deploy(rows, services, nanoseconds(row["since"]))
    return Comparison(now, row["orders"], found, downstream, deploy)


def _usual(held: Sequence[Row]) -> list[str]:
    """Steps that at least half of the orders took."""
    counted: defaultdict[str, int] = defaultdict(int)
    for order in held:
        for name in order["steps"]:
            counted[name] += 1
    usual = [name for name, n in counted.items() if 2 * n >= len(held)]
    return sorted(usual, key=lambda name: (-counted[name], name))[:_MOST_STEPS]


def _downstream(passed: Sequence[Row], step: str) -> list[str]:
    """Steps that followed from this one in at least half of the orders that passed, in order."""
    counted: defaultdict[str, int] = defaultdict(int)
    for order in passed:
        causes = dict(zip(order["steps"], order["causes"], strict=True))
        reached = {step}
        for name in order["steps"]:  # by their start, so a few more rounds are rarely needed
            if causes[name] in reached:
                reached.add(name)
        for name in reached - {step}:
            counted[name] += 1
    usual = [name for name, n in counted.items() if 2 * n >= len(passed)]
    order_of = {name: i for order in passed for i, name in enumerate(order["steps"])}
    return sorted(usual, key=lambda name: (order_of[name], name))


def _values(rows: Sequence[Row], place: str, *, failed: bool) -> list[Value]:
    """The rows to be tested: each against all orders of which it was read."""
    totals = {(r["step"], r["attribute"]): r for r in rows if r["attribute"] in ("", "*")}
    skipped = (*_OF_NOBODY, *(_OF_FAILURE if failed else ()))
    values: list[Value] = []
    for r in rows:
        attribute = r["attribute"]
        wide = r["step"] == place and attribute not in _NARROW
        if attribute in ("", "*") or r["held_orders"] < LEAST_ORDERS:
            continue
        if not attribute.startswith(skipped if r["step"] == place else _OF_NOBODY):
            total = totals[r["step"], "*" if wide else ""]
            values.append(
                Value(
                    step=r["step"],
                    service=r["service"],
                    attribute=attribute,
                    value=r["value"],
                    held=r["held_orders"],
                    of_held=total["held_orders"],
                    passed=r["passed_orders"],
                    of_passed=total["passed_orders"],
                )
            )
    return values


def _errors(held: Sequence[Row], passed: Sequence[Row], steps: Sequence[str]) -> list[Value]:
    """Errors of attempts at other steps (or at the last good one, before it was good)."""
    values: list[Value] = []
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for half, orders in enumerate((held, passed)):
        for order in orders:
            for name, error in zip(order["steps"], order["errors"], strict=True):
                if error and name in steps:
                    counted[name, error.partition(": ")[0]][half] += 1
    for (name, error), (n_held, n_passed) in sorted(counted.items()):
        if n_held >= LEAST_ORDERS:
            service = name.partition(" ")[0]
            values.append(
                Value(name, service, "error", error, n_held, len(held), n_passed, len(passed))
            )
    return values


def _deploy(rows: Sequence[Row], services: Sequence[str], since: int) -> Deploy | None:
    """The newest version of the first of these services that got one when the trouble began."""
    for service in dict.fromkeys(services):
        first: dict[str, int] = {}
        for r in rows:
            if r["service"] == service and r["attribute"] == "service.version":
                first[r["value"]] = min(r["first_ns"], first.get(r["value"], r["first_ns"]))
        newest = max(first, key=lambda version: (first[version], version), default="")
        timely = newest and -_DEPLOY_BEFORE_NS <= first[newest] - since <= _DEPLOY_AFTER_NS
        if timely and len(first) > 1:
            return Deploy(service=service, version=newest, first_seen_at=rfc3339(first[newest]))
    return None
