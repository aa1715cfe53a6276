"""Which steps look as if they undo others: by their names, and by when they come. Pure functions.

A proposal is a label, until somebody declares it: names mislead, and what nobody undoes on purpose
must not be waited for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from collector.flows.model import any_step

SHARE = 0.9  # of the orders that took a step: something failed and the other was done before
FEWEST = 3  # orders

# Stems of words that undo, with the words that they undo best; (): anything.
_UNDOING: dict[str, tuple[str, ...]] = {
    "refund": ("pay", "charg", "captur", "debit", "bill", "settl"),
    "void": ("authoriz", "authoris", "charg", "captur", "invoic", "issu"),
    "releas": ("reserv", "hold", "lock", "allocat", "block", "claim", "assign"),
    "cancel": ("creat", "plac", "book", "schedul", "request", "submit", "confirm", "open", "start"),
    "revers": ("post", "transfer", "charg", "debit", "credit"),
    "revok": ("grant", "issu", "activat"),
    "delet": ("creat", "post", "put", "add", "insert"),
    "remov": ("creat", "post", "put", "add", "insert"),
    "return": ("ship", "send", "lend"),
    "rollback": (),
    "revert": (),
    "undo": (),
    "compensat": (),
}
_NEGATIVE = re.compile(
    r"reject|declin|fail|deni|deny|refus|cancel|error|expir|timeout|abort|insuffici|unavail|invalid"
    r"|shortag|lost|dead|cannot|timedout|exhaust|compensat|rollback"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IRREGULAR = {"paid": "pay", "undone": "undo", "held": "hold", "sent": "send", "lent": "lend"}
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "als", "al", "ed", "es", "s", "e")
_EMPTY = {"get", "head", "api", "id", "event", "command", "topic", "queue", "messag", "v", "order"}


@dataclass(frozen=True, order=True)
class Pair:
    """A step that, by its name, may undo another."""

    step: str
    undone: str
    score: int
    why: str
    """What their names have to do with each other."""


@dataclass(frozen=True)
class Proposal:
    """A step that seems to undo another, for people to confirm by declaring it."""

    step: str
    compensates: str
    why: str
    seen: int
    """Of the orders that took `step`, those in which something had failed before, and
    `compensates` was done."""
    of: int


def pairs(steps: Iterable[str]) -> list[Pair]:
    """Every pair of steps of a workflow whose names speak of doing and undoing."""
    words = {name: _words(name) for name in sorted(set(steps))}
    found = []
    for name, mine in words.items():
        verbs = [verb for verb in mine if _undone_by(verb) is not None]
        for other, theirs in words.items() if verbs else ():
            if other != name and not any(_undone_by(word) is not None for word in theirs):
                pair = _pair(name, verbs[0], other, words)
                if pair is not None and not is_negative(other):
                    found.append(pair)
    return found


def is_negative(step: str) -> bool:
    """Whether a step's name says that something went wrong."""
    found = any_step(step)
    return bool(found and _NEGATIVE.search(found.operation.lower()))


def proposals(named: Iterable[Pair], counts: Iterable[tuple[str, str, int, int]]) -> list[Proposal]:
    """The likeliest step that each one undoes, if orders show it.

    `counts` are rows of step, undone, seen, of; see `Proposal`.
    """
    counted = {(step, undone): (seen, of) for step, undone, seen, of in counts}
    likely: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in named:
        seen, of = counted.get((pair.step, pair.undone), (0, 0))
        if of >= FEWEST and seen >= SHARE * of:
            likely[pair.step].append(pair)
    chosen = [min(options, key=lambda p: (-p.score, p.undone)) for options in likely.values()]
    return [
        Proposal(pair.step, pair.undone, pair.why, *counted[pair.step, pair.undone])
        for pair in sorted(chosen)
    ]


def _pair(name: str, verb: str, other: str, words: dict[str, list[str]]) -> Pair | None:
    mine, theirs = set(words[name]), set(words[other])
    step, undone = any_step(name), any_step(other)
    if step is None or undone is None:
        return None
    opposites = _undone_by(verb) or ()
    opposite = next((word for word in opposites if word in theirs), "")
    shared = sorted((mine & theirs) - set(opposites) - _EMPTY)
    if not shared and not opposite:
        return None
    same = step.service == undone.service
    if not shared and not same:
        return None
    score = 3 * bool(opposite) + 2 * len(shared) + same + (step.role == undone.role)
    if score < 4:
        return None
    said = [f"{verb}… undoes {opposite}…"] if opposite else [f"{verb}… undoes"]
    said += [f"both speak of {', '.join(f'{word}…' for word in shared)}"] if shared else []
    return Pair(name, other, score, "; ".join(said))


def _undone_by(stem: str) -> tuple[str, ...] | None:
    """What a word undoes; None if it undoes nothing."""
    if stem in _UNDOING:
        return _UNDOING[stem]
    # unreserve, unlock; not until, unit, union
    return (stem[2:],) if stem.startswith("un") and len(stem) > 5 else None


def _words(name: str) -> list[str]:
    """The stems of what a step does, in the order of the words."""
    found = any_step(name)
    words = _WORD.findall(found.operation) if found else []
    return list(dict.fromkeys(_stem(word.lower()) for word in words))


def _stem(word: str) -> str:
    """A word without its ending, so that reserve, reserved and reservation are one.

    >>> _stem("reservations"), _stem("cancelled"), _stem("payment"), _stem("released")
    ('reserv', 'cancel', 'pay', 'releas')
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] in "lpt":
        word = word[:-1]
    return word
