"""What entries of a flow can contradict each other in: pure functions over entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.flows.model import Entry


def repeated(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, tuple[str, ...]]]:
    """Rules that stand in two places: both entries, and what both require."""
    rules: dict[tuple[frozenset[str], frozenset[str]], Entry] = {}
    for entry in entries:
        for way in entry.ways:
            rule = (frozenset(way), frozenset(entry.steps))
            if rule in rules:
                yield rules[rule], entry, way
            rules.setdefault(rule, entry)


def circles(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Entries that come after each other and so after themselves; one circle at a time."""
    by_step: dict[str, list[Entry]] = {}
    for entry in entries:
        for name in entry.steps:
            by_step.setdefault(name, []).append(entry)

    def before(entry: Entry) -> Iterator[Entry]:
        found = (e for way in entry.after for name in way for e in by_step.get(name, ()))
        return iter(list(dict.fromkeys(found)))

    done: set[str] = set()
    for start in entries:
        way: list[tuple[Entry, Iterator[Entry]]] = []
        waiting = iter((start,)) if start.name not in done else iter(())
        while True:
            here = next(waiting, None)
            if here is not None and here.name not in done:
                at = [e.name for e, _ in way]
                if here.name in at:
                    yield [e for e, _ in way[at.index(here.name) :]][::-1]
                else:
                    way.append((here, waiting))
                    waiting = before(here)
            elif here is None and way:
                left, waiting = way.pop()
                done.add(left.name)
            elif here is None:
                break
