"""A flow → YAML that `reader` reads as the same flow: stable, so that two files diff well."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from collector.flows.model import Entry, Flow, Step, step
from collector.flows.nodes import UNITS

# Texts that no reader of YAML takes for anything but text, and whether inside [] or not.
_PLAIN = re.compile(r"[A-Za-z_](?:[\w ./{}()<>+*@=~^$-]*[\w./{}()<>+*@=~^$-])?", re.ASCII)
_PLAIN_LISTED = re.compile(r"[A-Za-z_](?:[\w ./-]*[\w./-])?", re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_LONGEST_KEY = 200
_LONGEST_SIMPLE_KEY = 1000  # YAML wants a question mark before longer ones
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def written(
    flow: Flow,
    *,
    head: Iterable[str] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
    offers: Mapping[str, Sequence[str]] | None = None,
    tail: Iterable[str] = (),
) -> str:
    """The file of a flow, with remarks: `head` above all, `notes` above entries by their names,
    `offers` among their fields, `tail` behind the last entry.
    """
    lines = [*_comments(head), f"workflow: {_scalar(flow.workflow)}"]
    if flow.namespace:
        lines.append(f"namespace: {_scalar(flow.namespace)}")
    lines += _list("services", flow.services, "")
    if flow.entries:
        lines += ["", "steps:"]
        for entry in flow.entries:
            lines += _comments((notes or {}).get(entry.name, ()), "  ")
            lines += _entry(entry)
            lines += _comments((offers or {}).get(entry.name, ()), "    ")
    lines += _comments(tail, "  ")
    if flow.ends_success or flow.ends_failure:
        lines += ["", "ends:"]
        lines += _list("success", flow.ends_success, "  ")
        lines += _list("failure", flow.ends_failure, "  ")
    return "\n".join(lines) + "\n"


def fits_key(name: str) -> bool:
    """Whether a text is short enough for a key."""
    return len(name) <= _LONGEST_KEY


def seconds(value: float) -> str:
    """A time as it stands in files, exactly.

    >>> seconds(90.0), seconds(7200.0), seconds(0.5)
    ('90s', '2h', '500ms')
    """
    for unit in ("d", "h", "m", "s", "ms"):
        count = round(value / UNITS[unit])
        if count and count * UNITS[unit] == value:
            return f"{count}{unit}"
    return f"{Decimal(repr(value)):f}s"


def _entry(entry: Entry) -> list[str]:
    lines: list[str] = []
    alone = entry.any_of[0] if len(entry.any_of) == 1 else None
    if alone is None or (alone.name != entry.name and _is_said(alone)):
        lines += (
            _list("any_of", entry.steps, "    ")
            if alone is None
            else [f"    step: {_scalar(alone.name)}"]
        )
    elif not _is_said(alone):
        lines += _parts(alone)
    if len(entry.after) == 1:
        lines += _list("after", entry.after[0], "    ")
    elif entry.after:
        lines.append("    after_any:")
        lines += [
            f"      - {_scalar(way[0]) if len(way) == 1 else _inline(way)}" for way in entry.after
        ]
    if entry.within_s is not None:
        lines.append(f"    within: {seconds(entry.within_s)}")
    if entry.optional:
        lines.append("    optional: true")
    lines += _list("pauses", entry.pauses, "    ")
    if not entry.critical:
        lines.append("    critical: false")
    lines += _list("compensates", entry.compensates, "    ")
    key = _scalar(entry.name)
    if len(key) > _LONGEST_SIMPLE_KEY:
        return [f"  ? {key}", "  :" + ("" if lines else " {}"), *lines]
    return [f"  {key}:" + ("" if lines else " {}"), *lines]


def _is_said(found: Step) -> bool:
    """Whether the name of a step says all of it."""
    return step(found.name) == found


def _parts(found: Step) -> list[str]:
    parts = {"service": found.service, "role": found.role, "operation": found.operation}
    if found.topic is not None:
        parts["destination"] = found.topic
    return ["    step:", *(f"      {name}: {_scalar(text)}" for name, text in parts.items())]


def _list(name: str, values: Sequence[str], indent: str) -> list[str]:
    if len(values) == 1:
        return [f"{indent}{name}: {_scalar(values[0])}"]
    if not values:
        return []
    return [f"{indent}{name}:", *(f"{indent}  - {_scalar(value)}" for value in values)]


def _inline(values: Sequence[str]) -> str:
    shown = (v if _PLAIN_LISTED.fullmatch(v) and not _is_word(v) else _quoted(v) for v in values)
    return f"[{', '.join(shown)}]"


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not _is_word(text) else _quoted(text)


def _is_word(text: str) -> bool:
    return text.lower() in _WORDS


def _quoted(text: str) -> str:
    return "".join(map(_printable, json.dumps(text, ensure_ascii=False)))


def _printable(character: str) -> str:
    """A character as double quotes allow it."""
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    code = ord(character)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _comments(lines: Iterable[str], indent: str = "") -> list[str]:
    shown = ("".join(map(_printable, line)) for line in lines)
    return [f"{indent}# {line}".rstrip() for line in shown]
