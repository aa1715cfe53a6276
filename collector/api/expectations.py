"""What should come next? The rules of the model in force, and the same as a flow to declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from collector.api.models import Alternative, Drift, Expectation, Expectations, Undoing
from collector.api.problems import ProblemError
from collector.api.reader import Reader, Row, zipped
from collector.api.sentences import duration
from collector.api.times import rfc3339
from collector.engine import Engine, Param
from collector.flows.compensation import is_negative, pairs, proposals
from collector.flows.export import export, text
from collector.flows.folder import Declared
from collector.flows.model import InForce, Step

_LATELY_NS = 3600 * 10**9  # what the shares of choices are counted over
_KEPT_NS = 30 * 10**9
_kept: WeakKeyDictionary[Engine, dict[str, tuple[int, list[Row]]]] = WeakKeyDictionary()


def expectations(reader: Reader, *, workflow: str = "") -> Expectations:
    """The rules, by workflow and step, and steps that seem to undo others."""
    model_at = reader.progress().model_at
    rows = reader.rows("expectations", {"workflow": workflow})
    mature = reader.rows("mature", {"workflow": workflow})[0]["mature_orders"]
    taken = _taken(reader, workflow, rows)
    rules = [_expectation(row, taken) for row in rows]
    return Expectations(
        model_at=rfc3339(model_at) if model_at else None,
        mature_orders=mature or 0,
        expectations=rules,
        proposals=_proposals(reader, workflow, rules),
        drifts=[
            Drift(
                workflow=row["workflow"],
                rule=row["rule"],
                after=row["last"],
                step=row["step"],
                since=rfc3339(row["since"]),
            )
            for row in reader.rows("drifts", {"workflow": workflow})
        ],
    )


def exported(reader: Reader, declared: Declared, *, workflow: str = "") -> str:
    """The rules of one workflow as YAML that declares exactly them.

    Raises ProblemError when `workflow` is empty and several have rules.
    """
    found = expectations(reader, workflow=workflow)
    flows = {flow.workflow: flow for flow in declared.flows()}
    names = {rule.workflow for rule in found.expectations}
    names |= flows.keys() if not workflow else {workflow} & flows.keys()
    if not workflow and len(names) > 1:
        some = ", ".join(sorted(names)[:20])
        raise ProblemError(400, f"a file holds one workflow: name it as workflow, one of {some}")
    if not names:
        which = f" of workflow {workflow!r}" if workflow else ""
        raise ProblemError(404, f"nothing is expected{which} yet")
    [name] = names
    undoing = {proposal.step: proposal for proposal in found.proposals}
    rules = [_in_force(rule, undoing) for rule in found.expectations]
    made = export(name, rules, flows.get(name))
    alone = [p for p in found.proposals if p.step not in _steps(found.expectations)]
    head = [
        f"What is expected of workflow {name}: {len(rules)} rules, learned from "
        f"{found.mature_orders:,} orders, or declared.",
        "Lines with # are remarks. What is deleted here is learned again, unless it is optional.",
    ]
    tail = [line for proposal in alone for line in _offer(proposal)]
    return text(made, head=head, tail=tail)


def _expectation(row: Row, taken: dict[tuple[str, str], int]) -> Expectation:
    steps = zipped(row, "any_of")
    workflow = row["workflow"]
    counts = [taken.get((workflow, step["step"]), 0) for step in steps]
    any_of = [
        Alternative(
            **{**step, "destination": step["destination"] or None},
            share=(count / sum(counts) if len(steps) > 1 else 1.0) if any(counts) else None,
        )
        for step, count in zip(steps, counts, strict=True)
    ]
    if len(any_of) > 1:
        any_of.sort(key=lambda found: -(found.share or 0.0))
    elif row["seen"]:
        any_of[0].share = 1.0
    first = any_of[0]
    plain = ("workflow", "rule", "requires", "handover", "source", "share", "seen", "of")
    counted = ("median_s", "p99_s", "limit_s", "critical", "compensates")
    found = Expectation(
        **{name: row[name] for name in (*plain, *counted)},
        any_of=any_of,
        after=(row["requires"] or row["compensates"] or [""])[-1],
        step=first.step,
        service=first.service,
        destination=first.destination,
        within_s=row["within_s"] or None,
        valid_from=rfc3339(row["valid_ns"]) if row["valid_ns"] > 0 else None,
        last_kept_at=rfc3339(row["kept_ns"]) if (row["kept_ns"] or 0) > 0 else None,
        text="",
    )
    found.text = f"{_said(found)}: {_known(found)}."
    return found


def _said(rule: Expectation) -> str:
    steps = " or ".join(found.step for found in rule.any_of)
    if not rule.compensates:
        return f"After {' and '.join(rule.requires)} comes {steps}"
    when = f"after {' and '.join(rule.requires)}" if rule.requires else "when an order fails"
    return f"{steps} undoes {' and '.join(rule.compensates)} {when}"


def _known(rule: Expectation) -> str:
    """What was counted of a rule, and when it is late."""
    said = []
    if rule.of:
        said.append(f"{rule.seen:,} of {rule.of:,} orders")
    if rule.seen:
        said.append(f"median {duration(rule.median_s)}, p99 {duration(rule.p99_s)}")
    if len(rule.any_of) > 1 and rule.any_of[0].share is not None:
        said += [f"{found.share or 0:.1%} {found.step}" for found in rule.any_of]
    if rule.source == "declared":
        said.append("declared")
    said.append(f"late after {duration(rule.limit_s)}")
    if not rule.critical:
        said.append("an order completes without it")
    return ", ".join(said)


def _taken(reader: Reader, workflow: str, rows: Sequence[Row]) -> dict[tuple[str, str], int]:
    """How many orders took each step that stands in a choice, lately."""
    steps = sorted(
        {step for row in rows if len(row["any_of.step"]) > 1 for step in row["any_of.step"]}
    )
    if not steps:
        return {}
    found = reader.rows("choices", {"workflow": workflow, "steps": steps, "window_ns": _LATELY_NS})
    return {(row["workflow"], row["step"]): row["orders"] for row in found}


def _proposals(reader: Reader, workflow: str, rules: Iterable[Expectation]) -> list[Undoing]:
    """Steps that seem to undo others, but for those that are declared to."""
    declared: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        if rule.compensates:
            declared[rule.workflow] |= {found.step for found in rule.any_of}
    made = []
    for known in reader.rows("known_steps", {"workflow": workflow}):
        name, steps = known["workflow"], known["steps"]
        named = [pair for pair in pairs(steps) if pair.step not in declared[name]]
        if not named:
            continue
        counts = _counted(
            reader,
            "undoing",
            {
                "workflow": name,
                "steps": [pair.step for pair in named],
                "undone": [pair.undone for pair in named],
                "negative": [step for step in steps if is_negative(step)],
            },
        )
        rows = ((c["step"], c["undone"], c["seen"], c["of"]) for c in counts)
        made += [Undoing(workflow=name, **vars(found)) for found in proposals(named, rows)]
    return made


def _counted(reader: Reader, name: str, params: dict[str, Param]) -> list[Row]:
    """Rows that are counted over many orders: as they were half a minute ago at most."""
    kept = _kept.setdefault(reader.engine, {})
    key, now = f"{name} {params}", reader.clock.now()
    for old in [old for old, (at, _) in list(kept.items()) if not 0 <= now - at < _KEPT_NS]:
        kept.pop(old, None)
    found = kept.get(key) or (now, reader.rows(name, params))
    kept[key] = found
    return found[1]


def _in_force(rule: Expectation, undoing: dict[str, Undoing]) -> InForce:
    offers = []
    for found in rule.any_of:
        if proposal := undoing.get(found.step):
            offers = [_guess(proposal), f"compensates: {proposal.compensates}"]
    return InForce(
        requires=tuple(rule.requires),
        any_of=tuple(
            Step(found.service, found.role, found.operation, found.destination or "")
            for found in rule.any_of
        ),
        handover=tuple(rule.handover),
        within_s=rule.within_s or 0.0,
        critical=rule.critical,
        compensates=tuple(rule.compensates),
        note=_known(rule),
        offers=tuple(offers),
    )


def _guess(proposal: Undoing) -> str:
    return (
        f"{proposal.step} seems to undo {proposal.compensates} ({proposal.why}; "
        f"{proposal.seen:,} of {proposal.of:,} orders). If it does, take this off what follows:"
    )


def _offer(proposal: Undoing) -> list[str]:
    return [
        _guess(proposal),
        f"{proposal.step}:",
        f"  compensates: {proposal.compensates}",
    ]


def _steps(rules: Iterable[Expectation]) -> set[str]:
    return {found.step for rule in rules for found in rule.any_of}
