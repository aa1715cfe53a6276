"""YAML files → rules. What is wrong with a file is said with its line and with what would do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from collector.flows.model import ROLES, Rule, Step, step

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(_SECONDS)})")
_LONGEST_S = 365 * 86400.0
_NULL = "tag:yaml.org,2002:null"


class FlowError(Exception):
    """A declared flow can't be used; the message names the file, the line and what was expected."""


def read_folder(folder: Path, workflows: Collection[str]) -> list[Rule]:
    """The rules of every `.yaml` and `.yml` file in a folder, by file name.

    `workflows` are the names that are configured. Raises FlowError.
    """
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))
    except OSError as error:
        raise FlowError(f"can't read the folder {folder}: {error.strerror}") from None
    rules: list[Rule] = []
    declared_in: dict[str, Path] = {}
    for path in paths:
        found = read_file(path, workflows)
        workflow = found[0].workflow
        if workflow in declared_in:
            raise FlowError(f"{path}: {declared_in[workflow]} declares workflow {workflow} already")
        declared_in[workflow] = path
        rules += found
    return rules


def read_file(path: Path, workflows: Collection[str]) -> list[Rule]:
    """The rules of one file; there is at least one. Raises FlowError."""
    try:
        content = path.read_bytes().decode()
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except OSError as error:
        raise FlowError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FlowError(f"{path}: expected text in UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise FlowError(f"{path}{line}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError):
        raise FlowError(f"{path}: not YAML: characters or nesting that it doesn't allow") from None
    return _File(path, workflows).rules(root)


class _File:
    """Reads the nodes of one file, for the sake of their lines."""

    def __init__(self, path: Path, workflows: Collection[str]) -> None:
        self._path = path
        self._workflows = workflows

    def rules(self, root: Node | None) -> list[Rule]:
        if root is None:
            raise FlowError(f"{self._path} is empty; expected workflow and steps")
        fields = self._fields(root, ["workflow", "steps"], required=["workflow", "steps"])
        workflow = self._text(fields["workflow"], "the name of a workflow")
        # Runs without an id of their own are called `service operation`; all others are configured.
        if workflow not in self._workflows and " " not in workflow:
            known = ", ".join(sorted(self._workflows))
            raise self._error(fields["workflow"], f"there is no workflow {workflow!r}", known)
        steps = fields["steps"]
        if not isinstance(steps, SequenceNode) or not steps.value:
            raise self._error(steps, "steps is no list", "entries such as - step: …, after: …")
        rules: dict[tuple[str, str], Rule] = {}
        for node in steps.value:
            for rule in self._entry(workflow, node):
                pair = (rule.after.name, rule.step.name)
                if pair in rules:
                    raise self._error(
                        node, f"{pair[1]} after {pair[0]} stands here twice", "each pair once"
                    )
                rules[pair] = rule
        return list(rules.values())

    def _entry(self, workflow: str, node: Node) -> list[Rule]:
        fields = self._fields(node, ["step", "after", "within"], required=["step", "after"])
        after = fields["after"]
        causes = after.value if isinstance(after, SequenceNode) else [after]
        if not causes:
            raise self._error(after, "after is empty", "a step or a list of steps")
        coming = self._step(fields["step"])
        within_s = self._seconds(fields["within"]) if "within" in fields else None
        rules = []
        for cause in causes:
            before = self._step(cause)
            if before == coming:
                raise self._error(cause, "a step can't come after itself", "another step")
            rules.append(Rule(workflow, before, coming, within_s))
        return rules

    def _fields(self, node: Node, known: list[str], *, required: list[str]) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            raise self._error(node, "this has no fields", ", ".join(known))
        fields: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "a list or a table"
            if name not in known:
                near = difflib.get_close_matches(name, known, 1, cutoff=0.6)
                wanted = near[0] if near else ", ".join(known)
                raise self._error(key, f"there is no field {name}", wanted)
            if name in fields:
                raise self._error(key, f"{name} stands here twice", "it once")
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self._error(node, f"{name} is missing", f"{name}: …")
        return fields

    def _step(self, node: Node) -> Step:
        wanted = f"service role operation, the role one of {', '.join(ROLES)}"
        name = self._text(node, wanted)
        found = step(name)
        if found is None:
            raise self._error(node, f"{name!r} is no step", wanted)
        return found

    def _seconds(self, node: Node) -> float:
        wanted = "a time such as 500ms, 30s, 5m, 8h or 2d"
        value = self._text(node, wanted)
        found = _TIME.fullmatch(value)
        seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
        if not 0 < seconds <= _LONGEST_S:
            raise self._error(node, f"within: {value}", f"{wanted}, over 0 and at most 365d")
        return seconds

    def _text(self, node: Node, wanted: str) -> str:
        if not isinstance(node, ScalarNode) or node.tag == _NULL or not node.value.strip():
            found = "nothing" if isinstance(node, ScalarNode) else "a list or a table"
            raise self._error(node, f"{found} stands here", wanted)
        return str(node.value).strip()

    def _error(self, node: Node, wrong: str, expected: str) -> FlowError:
        line = node.start_mark.line + 1
        return FlowError(f"{self._path}, line {line}: {wrong}; expected {expected}")
