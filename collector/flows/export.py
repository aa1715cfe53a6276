"""The rules in force → a flow that declares exactly them, as a file to review, edit and compare."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.flows.checks import circles
from collector.flows.model import Entry, Flow, InForce, Step, any_step, step
from collector.flows.writer import fits_key, written


@dataclass(frozen=True)
class Export:
    """A flow, what is known of its entries, and what it can't say."""

    flow: Flow
    notes: dict[str, list[str]]
    offers: dict[str, list[str]]
    left_out: tuple[InForce, ...]
    """Rules that close a circle; learning will find them again."""


def export(workflow: str, rules: Iterable[InForce], declared: Flow | None = None) -> Export:
    """The flow of a workflow. `declared` adds what rules don't show: ends, binding, options."""
    kept, left_out = _onwards(sorted(rules, key=_place))
    steps = {found.name: found for rule in kept for found in rule.any_of}
    names = _Names(kept, steps)
    grouped: defaultdict[str, list[InForce]] = defaultdict(list)
    for rule in kept:
        grouped[names.of(rule)].append(rule)
    pausing: defaultdict[str, set[str]] = defaultdict(set)
    entries: dict[str, Entry] = {}
    notes: dict[str, list[str]] = {}
    offers: dict[str, list[str]] = {}
    for name, together in grouped.items():
        first = together[0]
        entries[name] = Entry(
            name=name,
            any_of=tuple(sorted(first.any_of, key=lambda found: found.name)),
            after=tuple(sorted(tuple(sorted(rule.requires)) for rule in together if rule.requires)),
            within_s=first.within_s or None,
            critical=first.critical,
            compensates=tuple(sorted(first.compensates)),
        )
        notes[name] = [rule.note for rule in together if rule.note]
        offers[name] = list(first.offers)
        for handover in first.handover:
            pausing[handover].add(name)
    _add_pauses(entries, pausing, steps)
    _add_options(entries, declared)
    _add_odd(entries, steps)
    flow = Flow(workflow=workflow, entries=tuple(sorted(entries.values(), key=_by_name)))
    if declared is not None:
        flow = dataclasses.replace(
            flow,
            namespace=declared.namespace,
            services=declared.services,
            ends_success=declared.ends_success,
            ends_failure=declared.ends_failure,
        )
    return Export(flow, notes, offers, tuple(left_out))


def text(made: Export, *, head: Iterable[str] = (), tail: Iterable[str] = ()) -> str:
    """An export as the file."""
    lines = list(tail)
    for rule in made.left_out:
        ends = " or ".join(found.name for found in rule.any_of)
        lines.append(
            f"Left out, for it closes a circle: {ends} after {' and '.join(rule.requires)}"
        )
    return written(made.flow, head=head, notes=made.notes, offers=made.offers, tail=lines)


def _place(rule: InForce) -> tuple[list[str], list[str]]:
    return sorted(found.name for found in rule.any_of), sorted(rule.requires)


def _by_name(entry: Entry) -> str:
    return entry.name


def _onwards(rules: Sequence[InForce]) -> tuple[list[InForce], list[InForce]]:
    """The rules that a file can hold, and those that would close a circle."""
    kept = list(rules)
    left_out: list[InForce] = []
    while True:
        entries = [
            Entry(str(at), rule.any_of, (rule.requires,) if rule.requires else ())
            for at, rule in enumerate(kept)
        ]
        circle = next(circles(entries), None)
        if circle is None:
            return kept, left_out
        left_out.append(kept.pop(max(int(entry.name) for entry in circle)))


class _Names:
    """Names of entries: a step's own where one entry alone is about it, else what tells them apart.

    Rules for the same steps that differ in nothing but what they require are one entry.
    """

    def __init__(self, rules: Sequence[InForce], steps: dict[str, Step]) -> None:
        self._alike = {rule: self._kind(rule) for rule in rules}
        self._first: dict[tuple[object, ...], InForce] = {}
        for rule in rules:
            self._first.setdefault(self._alike[rule], rule)
        self._about = Counter(found.name for kind in self._first.values() for found in kind.any_of)
        self._said = {name for name, found in steps.items() if step(name) == found}

    def of(self, rule: InForce) -> str:
        """The name of the entry that holds a rule."""
        first = self._first[self._alike[rule]]
        steps = sorted(found.name for found in first.any_of)
        name = " or ".join(steps)
        if len(steps) > 1 or self._about[name] > 1 or name not in self._said:
            several = sum(_steps(kind) == set(steps) for kind in self._first.values()) > 1
            if several or len(steps) == 1:
                required = " and ".join(sorted(first.requires))
                name += f" after {required}" if required else " when an order fails"
        return name if fits_key(name) else f"{name[:80]} … {_digest(name)}"

    @staticmethod
    def _kind(rule: InForce) -> tuple[object, ...]:
        same = (frozenset(rule.handover), rule.within_s, rule.critical, frozenset(rule.compensates))
        # Undoing without a trigger of its own can't stand among ways that have one.
        return (frozenset(_steps(rule)), *same, not rule.requires)


def _steps(rule: InForce) -> set[str]:
    return {found.name for found in rule.any_of}


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def _add_pauses(
    entries: dict[str, Entry], pausing: dict[str, set[str]], steps: dict[str, Step]
) -> None:
    for handover, paused in sorted(pausing.items()):
        target = tuple(sorted(paused))
        if handover in entries and entries[handover].steps == (handover,):
            entries[handover] = dataclasses.replace(entries[handover], pauses=target)
            continue
        found = steps.get(handover) or step(handover) or any_step(handover)
        if found is not None:
            free = handover if handover not in entries and step(handover) == found else None
            name = free or f"when {handover}"
            name = name if fits_key(name) else f"{name[:80]} … {_digest(name)}"
            entries[name] = Entry(name, (found,), pauses=target)


def _add_options(entries: dict[str, Entry], declared: Flow | None) -> None:
    """What the declared flow says of steps that nothing demands (any more)."""
    options = [entry for entry in (declared.entries if declared else ()) if entry.optional]
    names = {name for option in options for name in option.steps}
    demanded = {n for e in entries.values() if e.owed and names >= set(e.steps) for n in e.steps}
    for option in options:
        for found in option.any_of:
            now = entries.get(found.name) or Entry(found.name, (found,))
            if now.steps != (found.name,) or found.name in demanded:
                continue
            within_s = option.within_s if now.pauses else None
            made = dataclasses.replace(now, optional=True, after=option.after, within_s=within_s)
            entries[found.name] = made
            if next(circles(list(entries.values())), None):
                entries[found.name] = dataclasses.replace(made, after=())


def _add_odd(entries: dict[str, Entry], steps: dict[str, Step]) -> None:
    """Entries for steps whose names alone don't say their parts, so that others can name them."""
    named = {name for entry in entries.values() for way in entry.after for name in way}
    named |= {name for entry in entries.values() for name in (*entry.compensates, *entry.steps)}
    for name in sorted(named):
        found = steps.get(name) or any_step(name)
        alone = [e for e in entries.values() if e.name == name and e.any_of == (found,)]
        if found is not None and step(name) != found and not alone:
            entries[name] = Entry(name, (found,))
