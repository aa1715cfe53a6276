"""What a declared flow may say: one document's nodes → a flow, and all that is wrong with it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from collector.flows.checks import circles, repeated
from collector.flows.model import ROLES, Entry, Flow, Step, step
from collector.flows.nodes import Nodes, near, quoted

_TOP = ("workflow", "namespace", "services", "steps", "ends")
_ENTRY = (
    "step",
    "on",
    "any_of",
    "after",
    "after_any",
    "within",
    "optional",
    "pauses",
    "critical",
    "compensates",
)
FIELDS = (*_TOP, *_ENTRY)
_PARTS = ("service", "role", "operation", "destination")
_A_STEP = f"service role operation, the role one of {', '.join(ROLES)}"
_MOST_WAYS = 100


@dataclass
class _Raw:
    """An entry on its way: its nodes, and what they hold as far as that is known."""

    node: Node
    """Where it begins."""
    fields: dict[str, Node]
    entry: Entry
    group: bool = False


class Grammar(Nodes):
    """Reads a document: the names, then what refers to them, then what contradicts itself."""

    def __init__(self, workflows: Collection[str] | None) -> None:
        super().__init__()
        self._workflows = workflows
        self._raw: dict[str, _Raw] = {}

    def flow(self, root: Node) -> Flow:
        """The flow as far as it can be read; it is whole if there are no `faults`."""
        fields = self.fields(root, _TOP, required=["workflow"])
        workflow = self._workflow(fields["workflow"]) if "workflow" in fields else ""
        if "steps" in fields:
            self._collect(fields["steps"])
        elif "ends" not in fields and not self.faults:
            self.wrong(root, "steps is missing", "steps: …")
        for raw in self._raw.values():
            self._choice(raw)
        for raw in self._raw.values():
            self._refer(raw)
        entries = tuple(raw.entry for raw in self._raw.values())
        if not self.faults:
            self._check(entries)
        success, failure = self._ends(fields["ends"]) if "ends" in fields else ((), ())
        return Flow(
            workflow=workflow,
            entries=entries,
            namespace=self._one(fields.get("namespace"), "the name of a namespace"),
            services=self._names(fields.get("services"), "services", "the names of services"),
            ends_success=success,
            ends_failure=failure,
        )

    # -- names ---------------------------------------------------------------------------------

    def _workflow(self, node: Node) -> str:
        name = self.text(node, "the name of a workflow") or ""
        # Runs without an id of their own are called `service operation`; others are configured.
        if name and self._workflows is not None and name not in self._workflows and " " not in name:
            known = sorted(self._workflows)
            self.wrong(node, f"there is no workflow {quoted(name)}", near(name, known))
        return name

    def _one(self, node: Node | None, wanted: str) -> str:
        return (self.text(node, wanted) or "") if node else ""

    def _names(self, node: Node | None, field: str, wanted: str) -> tuple[str, ...]:
        if node is None:
            return ()
        names = [self.text(item, wanted) for item in self.items(node, field, wanted)]
        return tuple(sorted({name for name in names if name}))

    def _collect(self, node: Node) -> None:
        """Every entry with its name and, if it is one, its step."""
        wanted = "entries such as payment: {step: …, after: …}"
        if isinstance(node, SequenceNode):
            found = [("", item, item) for item in node.value]
        elif isinstance(node, MappingNode):
            found = self.pairs(node, wanted)
        else:
            self.wrong(node, "steps holds no entries", wanted)
            return
        if not found:
            self.wrong(node, "steps is empty", wanted)
        for name, key, value in found:
            before = len(self.faults)
            fields: dict[str, Node] = {}
            if name and isinstance(value, ScalarNode):
                if value.value.strip():  # payment: service role operation
                    fields["step"] = value
            else:
                fields = self.fields(value, _ENTRY)
            raw = _Raw(key, fields, Entry(name, ()))
            self._own(raw, whole=len(self.faults) == before)
            self._raw[raw.entry.name] = raw  # also if it is wrong: others may speak of it
        steps = {raw.entry.steps[0]: name for name, raw in self._raw.items() if raw.entry.any_of}
        for name, raw in self._raw.items():
            if name in steps and name not in raw.entry.steps:
                self.wrong(raw.node, f"{quoted(name)} is the name of another step", "a short name")

    def _own(self, raw: _Raw, *, whole: bool) -> None:
        """The step that an entry is of, and a name if it has none."""
        given = [name for name in ("step", "on", "any_of") if name in raw.fields]
        name, found = raw.entry.name, None
        raw.group = given[:1] == ["any_of"]
        if len(given) > 1:
            self.wrong(raw.fields[given[1]], f"{given[0]} and {given[1]} both", "one of them")
        elif given and not raw.group:
            found = self._step(raw.fields[given[0]])
        elif not given:
            found = step(name)
            if found is None and whole:
                missing = f"{quoted(name)} says no step" if name else "step is missing"
                self.wrong(raw.node, missing, f"step: {_A_STEP}")
        if not name:
            name = found.name if found else "one of these"
            name = next(n for n in _numbered(name) if n not in self._raw)
        raw.entry = replace(raw.entry, name=name, any_of=(found,) if found else ())

    def _step(self, node: Node) -> Step | None:
        if isinstance(node, MappingNode):
            return self._parts(node)
        name = self.text(node, _A_STEP)
        found = step(name) if name is not None else None
        if name is not None and found is None:
            self.wrong(node, f"{quoted(name)} is no step", _A_STEP)
        return found

    def _parts(self, node: MappingNode) -> Step | None:
        """A step whose name alone wouldn't say its parts."""
        fields = self.fields(node, _PARTS, required=_PARTS[:3])
        if not fields.keys() >= set(_PARTS[:3]):
            return None
        texts = {
            name: str(value.value)
            for name, value in fields.items()
            if isinstance(value, ScalarNode)
        }
        for name, value in fields.items():
            if name not in texts:
                self.wrong(value, "a list or a table stands here", "a text")
        if len(texts) < len(fields):
            return None
        if texts["role"] not in ROLES:
            self.wrong(fields["role"], f"role: {texts['role']}", near(texts["role"], ROLES))
            return None
        parts = texts["service"], texts["role"], texts["operation"]
        return Step(*parts, texts.get("destination"))

    # -- references ----------------------------------------------------------------------------

    def _choice(self, raw: _Raw) -> None:
        """The steps of a choice."""
        if not raw.group:
            return
        found: dict[str, Step] = {}
        node = raw.fields["any_of"]
        for item in self.items(node, "any_of", "the steps of which one will do"):
            name = self.text(item, _A_STEP)
            if name is None:
                continue
            named = self._raw.get(name)
            if named is not None and named.group:
                self.wrong(item, f"{name} is a choice itself", "a step")
            elif (member := self._member(item, name)) is None:
                continue
            elif member.name in found:
                self.wrong(item, f"{member.name} stands here twice", "each step once")
            else:
                found[member.name] = member
        raw.entry = replace(raw.entry, any_of=tuple(found.values()))

    def _member(self, node: Node, name: str) -> Step | None:
        if name not in self._raw:
            return self._unnamed(node, name)
        steps = self._raw[name].entry.any_of
        return steps[0] if steps else None

    def _unnamed(self, node: Node, name: str) -> Step | None:
        found = step(name)
        if found is None:
            known = near(name, self._raw) if self._raw else ""
            wanted = f"{known} or {_A_STEP}" if known else _A_STEP
            self.wrong(node, f"there is no step {quoted(name)}", wanted)
        return found

    def _steps(self, node: Node) -> tuple[str, ...]:
        """The names of the steps that a reference means: several, if it is a choice."""
        name = self.text(node, "a step")
        if name is None:
            return ()
        if name in self._raw:
            return self._raw[name].entry.steps
        found = self._unnamed(node, name)
        return (found.name,) if found else ()

    def _refer(self, raw: _Raw) -> None:
        fields, entry = raw.fields, raw.entry
        if "after" in fields and "after_any" in fields:
            self.wrong(fields["after_any"], "after and after_any both", "one of them")
        ways: list[tuple[str, ...]] = []
        if "after" in fields:
            ways = self._ways(fields["after"], "after", entry)
        elif "after_any" in fields:
            wanted = "a list of which each is a way to be owed"
            for item in self.items(fields["after_any"], "after_any", wanted):
                ways += self._ways(item, "after_any", entry)
        flags = {
            name: self.flag(fields[name], name)
            for name in ("optional", "critical")
            if name in fields
        }
        within_s = self.seconds(fields["within"], "within") if "within" in fields else None
        raw.entry = replace(
            entry,
            after=tuple(ways),
            within_s=within_s,
            optional=flags.get("optional") is True,
            critical=flags.get("critical") is not False,
            compensates=self._listed(fields.get("compensates"), "compensates", entry),
        )
        if "pauses" in fields:
            raw.entry = replace(raw.entry, pauses=self._paused(fields["pauses"], entry))

    def _ways(self, node: Node, field: str, entry: Entry) -> list[tuple[str, ...]]:
        """What one `after` means: every way to have all of its steps."""
        required: list[tuple[str, ...]] = []
        seen: set[str] = set()
        for item in self.items(node, field, "a step or a list of steps"):
            choice = self._steps(item)
            if set(choice) & set(entry.steps):
                self.wrong(item, "a step can't come after itself", "another step")
            elif set(choice) & seen:
                self.wrong(item, f"{choice[0]} stands here twice", "each step once")
            elif choice:
                required.append(choice)
            seen |= set(choice)
        if not required:
            return []
        ways = list(itertools.islice(itertools.product(*required), _MOST_WAYS + 1))
        if len(ways) > _MOST_WAYS:
            self.wrong(node, "too many ways to come here", f"at most {_MOST_WAYS}")
        return [tuple(sorted(way)) for way in ways]

    def _listed(self, node: Node | None, field: str, entry: Entry | None = None) -> tuple[str, ...]:
        names: list[str] = []
        for item in self.items(node, field, "a step or a list of steps") if node else ():
            for name in self._steps(item):
                if entry and name in entry.steps:
                    self.wrong(item, f"a step can't be meant by its own {field}", "another step")
                if name in names:
                    self.wrong(item, f"{name} stands here twice", "each step once")
                names.append(name)
        return tuple(sorted(names))

    def _paused(self, node: Node, entry: Entry) -> tuple[str, ...]:
        """Short names of entries that say when they are owed; else names of steps."""
        targets: set[str] = set()
        for item in self.items(node, "pauses", "a step or a list of steps"):
            steps = self._steps(item)
            if set(steps) & set(entry.steps):
                self.wrong(item, "a step can't pause itself", "another step")
            named = self._raw.get(item.value) if isinstance(item, ScalarNode) else None
            ways = named is not None and named.fields.keys() & {"after", "after_any", "compensates"}
            if named and ways and named.entry.name not in named.entry.steps:
                targets.add(named.entry.name)
            else:
                targets |= set(steps)
        return tuple(sorted(targets))

    def _ends(self, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        fields = self.fields(node, ("success", "failure"))
        success = self._listed(fields.get("success"), "success")
        failure = self._listed(fields.get("failure"), "failure")
        for name in set(success) & set(failure):
            self.wrong(node, f"{name} is success and failure", "one of them")
        return success, failure

    # -- contradictions ------------------------------------------------------------------------

    def _check(self, entries: tuple[Entry, ...]) -> None:
        for first, second, way in repeated(entries):
            what = " or ".join(second.steps) + (f" after {' and '.join(way)}" if way else "")
            line = self._raw[first.name].node.start_mark.line + 1
            node = self._raw[second.name].node
            self.wrong(node, f"{what} stands here twice, as in line {line}", "each pair once")
        optional = {name: e.name for e in entries if e.optional for name in e.steps}
        for entry in entries:
            node = self._raw[entry.name].node
            if entry.owed and optional.keys() >= set(entry.steps):
                other = optional[entry.steps[0]]
                self.wrong(node, f"{other} is optional, but is owed here", "one of the two")
            if entry.optional and entry.compensates:
                field = self._raw[entry.name].fields["compensates"]
                self.wrong(field, "what is optional is never owed", "no optional: true")
            if entry.optional and entry.within_s is not None and not entry.pauses:
                field = self._raw[entry.name].fields["within"]
                self.wrong(field, "what is optional is never late", "pauses: … beside within")
        for circle in circles(entries):
            node = self._raw[circle[-1].name].node
            names = [entry.name for entry in (circle[-1], *circle)]
            self.wrong(node, f"a circle: {' → '.join(names)}", "steps that lead onwards")


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in itertools.count(2):
        yield f"{name} ({number})"
