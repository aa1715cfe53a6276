"""What makes a span part of an order: a workflow's keys, and where on a span they are looked for.

A `Workflow` is what people configure; `sources` spells it out as rows of the table `workflows`,
which the view of `spans` reads: one row a place, and the first place that has a value wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# The texts that templates are held against, by their number in the view of `spans`.
_PATH, _DESTINATION, _ROUTING_KEY, _EVENT_SUBJECT = 1, 2, 3, 4


@dataclass(frozen=True)
class Workflow:
    """How the orders of one kind are told apart.

    `keys`: attribute names in order of preference. `aliases`: names of further ids that an order
    has (a payment's, a shipment's). `message_keys`: destinations whose message key is the order's
    id. `routes`, `subjects`: templates of paths and destinations with a `{key}` in them.
    `namespace`, `services`: whose spans count; empty: everybody's.
    """

    name: str
    keys: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    message_keys: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    namespace: str = ""
    services: tuple[str, ...] = ()


LISTS = ("keys", "aliases", "message_keys", "routes", "subjects", "services")


def sources(workflows: Iterable[Workflow]) -> list[dict[str, Any]]:
    """The rows of `workflows`, in order of preference.

    Raises ValueError for a template that can't be used.
    """
    rows: list[dict[str, Any]] = []
    owners: dict[tuple[str, str], int] = {}
    for workflow in workflows:
        for place in _places(workflow):
            owner = (workflow.name, place["key"])
            rows.append(
                {
                    "position": len(rows) + 1,
                    "owner": owners.setdefault(owner, len(owners) + 1),
                    "head": all(row["owner"] != owners[owner] for row in rows),
                    "workflow": workflow.name,
                    "aliased": bool(workflow.aliases),
                    "namespace": workflow.namespace,
                    "services": "".join(f"\n{service}\n" for service in workflow.services),
                    "attribute": "",
                    "alike": [],
                    "text": 0,
                    "segments": [],
                    "at": 0,
                    "open": False,
                    **place,
                }
            )
    for row in rows:
        row["alike"] = [
            other["position"]
            for other in rows
            if other["attribute"] == row["attribute"] and row["attribute"]
        ]
    return rows


def _places(workflow: Workflow) -> Iterator[dict[str, Any]]:
    # The order's own id goes by '', whatever attribute it came from; further ids by their names.
    names = {"": workflow.keys} | {alias: (alias,) for alias in workflow.aliases}
    seen: set[str] = set()
    for form in ("{}", "baggage.{}", "messaging.header.{}"):
        for key, attributes in names.items():
            for attribute in attributes:
                for name in (attribute, re.sub(r"[._]", "-", attribute)):
                    place = form.format(name)
                    if place not in seen and (name == attribute or "header" in form):
                        seen.add(place)
                        yield {"key": key, "attribute": place}
    for pattern in workflow.message_keys:
        segments, is_open = _segments(pattern, r"[./]")
        yield {"key": "", "text": _DESTINATION, "segments": segments, "open": is_open}
    for template in workflow.routes:
        yield {"text": _PATH, **_template(template, r"/", names)}
    for template in workflow.subjects:
        for text in (_DESTINATION, _ROUTING_KEY, _EVENT_SUBJECT):
            yield {"text": text, **_template(template, r"[./]", names)}


def _template(template: str, separator: str, names: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """A template's segments; which of them holds which key."""
    segments, is_open = _segments(template, separator)
    found = [(n + 1, s[1:-1]) for n, s in enumerate(segments) if re.fullmatch(r"\{.+\}", s)]
    keyed = [(n, key) for n, name in found for key, known in names.items() if name in known]
    if not keyed and len(found) == 1:
        keyed = [(found[0][0], "")]
    if len(keyed) != 1:
        known = ", ".join(f"{{{name}}}" for attributes in names.values() for name in attributes)
        raise ValueError(f"{template!r} must hold one key as a whole segment, such as {known}")
    shown = ["*" if re.fullmatch(r"\{.+\}", s) else s for s in segments]
    return {"segments": shown, "at": keyed[0][0], "open": is_open, "key": keyed[0][1]}


def _segments(template: str, separator: str) -> tuple[list[str], bool]:
    """The parts of a template; a last `**`, `>` or `#` leaves the end open."""
    # A separator inside a key's name doesn't separate.
    masked = re.sub(r"\{[^{}]*\}", lambda m: m[0].replace(".", "\0").replace("/", "\1"), template)
    parts = [part.replace("\0", ".").replace("\1", "/") for part in re.split(separator, masked)]
    is_open = parts[-1] in ("**", ">", "#")
    parts = parts[:-1] if is_open else parts
    return ["*" if part == "+" else part for part in parts], is_open
