"""YAML nodes, read for the sake of their lines: what is wrong is noted, and reading goes on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(UNITS)})")
_LONGEST_S = 365 * UNITS["d"]
_NULL = "tag:yaml.org,2002:null"
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_SHOWN = 200  # characters of a text that a fault quotes


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, where, and what would do."""

    line: int
    """From 1; 0: the file as a whole."""
    wrong: str
    expected: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return where + self.wrong + (f"; expected {self.expected}" if self.expected else "")


class FlowError(Exception):
    """A declared flow can't be used; `faults` say all that is wrong, the message the first."""

    def __init__(self, place: str, faults: Iterable[Fault]) -> None:
        self.place = place
        self.faults = tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
        first, more = self.faults[0], len(self.faults) - 1
        parted = f"{place}, {first}" if first.line else f"{place}: {first}"
        super().__init__(parted + (f" (and {more} more: choreoscope flows check)" if more else ""))


def compose(text: str) -> Node | None:
    """The root of a YAML document; None if it holds nothing. Raises FlowError without a place."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        wrong = f"not YAML: {error.problem or error.context}"
        raise FlowError("", [Fault(mark.line + 1 if mark else 0, wrong)]) from None
    except (yaml.YAMLError, RecursionError):
        wrong = "not YAML: characters or nesting that it doesn't allow"
        raise FlowError("", [Fault(0, wrong)]) from None


def near(word: str, known: Collection[str], *, shown: int = 12) -> str:
    """The known word that is most like it, else all of them, cut where they are many."""
    found = difflib.get_close_matches(word, known, 1, cutoff=0.6) if len(word) < 500 else []
    if found:
        return found[0]
    names = list(known)
    return ", ".join(names[:shown]) + (", …" if len(names) > shown else "")


def quoted(text: str) -> str:
    """A text as a fault shows it."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


class Nodes:
    """Reads values out of nodes and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def wrong(self, node: Node, wrong: str, expected: str) -> None:
        """Note what is wrong at a node."""
        self.faults.append(Fault(node.start_mark.line + 1, wrong, expected))

    def pairs(self, node: Node, wanted: str) -> list[tuple[str, Node, Node]]:
        """Names, their nodes and their values, each name once."""
        if not isinstance(node, MappingNode):
            self.wrong(node, "this has no fields", wanted)
            return []
        found: dict[str, tuple[str, Node, Node]] = {}
        for key, value in node.value:
            name = self.text(key, wanted)
            if name is None:
                continue
            if name in found:
                self.wrong(key, f"{name[:_SHOWN]} stands here twice", "it once")
            else:
                found[name] = (name, key, value)
        return list(found.values())

    def fields(
        self, node: Node, known: Collection[str], *, required: Collection[str] = ()
    ) -> dict[str, Node]:
        """The values of fields by name; others than the known ones are faults."""
        before = len(self.faults)
        fields = {}
        for name, key, value in self.pairs(node, ", ".join(known)):
            if name in known:
                fields[name] = value
            else:
                self.wrong(key, f"there is no field {name[:_SHOWN]}", near(name, known, shown=99))
        if len(self.faults) == before:  # else the missing one may be the misspelt one
            for name in required:
                if name not in fields:
                    self.wrong(node, f"{name} is missing", f"{name}: …")
        return fields

    def text(self, node: Node, wanted: str) -> str | None:
        """A text that isn't blank."""
        if not isinstance(node, ScalarNode) or node.tag == _NULL or not node.value.strip():
            found = "nothing" if isinstance(node, ScalarNode) else "a list or a table"
            self.wrong(node, f"{found} stands here", wanted)
            return None
        return str(node.value)

    def items(self, node: Node, name: str, wanted: str) -> list[Node]:
        """The elements of a list that isn't empty; one that stands alone is a list of itself."""
        if not isinstance(node, SequenceNode):
            return [node]
        if not node.value:
            self.wrong(node, f"{name} is empty", wanted)
        return list(node.value)

    def flag(self, node: Node, name: str) -> bool | None:
        """True or false."""
        value = self.text(node, "true or false")
        if value is None:
            return None
        flag = _FLAGS.get(value.lower())
        if flag is None:
            self.wrong(node, f"{name}: {value[:_SHOWN]}", "true or false")
        return flag

    def seconds(self, node: Node, name: str) -> float | None:
        """A time in seconds."""
        wanted = "a time such as 500ms, 30s, 5m, 8h or 2d"
        value = self.text(node, wanted)
        if value is None:
            return None
        found = _TIME.fullmatch(value.strip())
        seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
        if not 0 < seconds <= _LONGEST_S:
            self.wrong(node, f"{name}: {value[:_SHOWN]}", f"{wanted}, over 0 and at most 365d")
            return None
        return seconds
