"""Changes the text of a declared flow without touching the rest of it."""

from __future__ import annotations

import json

import yaml


class NotToBeAddedError(ValueError):
    """The text already speaks of the step, or isn't a flow; says what to do."""


def with_compensation(text: str | None, workflow: str, step: str, compensates: str) -> str:
    """The flow's text, or a new one, with an entry that says what a step undoes.

    Comments and all other lines stay as they are. Raises NotToBeAddedError.
    """
    name = json.dumps(step, ensure_ascii=False)
    entry = [f"{name}:", f"  compensates: {json.dumps(compensates, ensure_ascii=False)}"]
    if not text:
        head = f"workflow: {json.dumps(workflow, ensure_ascii=False)}\n\nsteps:\n"
        return head + "".join(f"  {line}\n" for line in entry)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise NotToBeAddedError(f"The file isn't YAML: {error}. Edit it by hand.") from error
    if not isinstance(root, yaml.MappingNode):
        raise NotToBeAddedError("The file isn't a flow. Edit it by hand.")
    lines = text.splitlines()
    for key, value in root.value:
        if key.value != "steps":
            continue
        if not isinstance(value, yaml.MappingNode) or value.flow_style or not value.value:
            raise NotToBeAddedError("The file's steps are written in one line. Edit it by hand.")
        if step in _spoken_of(value):
            raise NotToBeAddedError(f"The file has an entry for {step} already. Edit that one.")
        first = value.value[0][0].start_mark
        indented = [" " * first.column + line for line in entry]
        return "\n".join([*lines[: first.line], *indented, *lines[first.line :]]) + "\n"
    return "\n".join([*lines, "", "steps:", *(f"  {line}" for line in entry)]) + "\n"


def _spoken_of(steps: yaml.MappingNode) -> set[str]:
    """Names of the entries and of the steps they are about."""
    found = set()
    for key, value in steps.value:
        found.add(key.value)
        if isinstance(value, yaml.ScalarNode):
            found.add(value.value)
        if isinstance(value, yaml.MappingNode):
            found |= {v.value for k, v in value.value if k.value in {"step", "on"}}
    return {name for name in found if isinstance(name, str)}
