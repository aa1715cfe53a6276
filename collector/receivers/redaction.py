"""Attributes that must not be stored: dropped, or replaced by a keyed hash, by their names.

It happens at the door, on the decoded request: what is redacted reaches neither the engine's files
nor its logs, whatever the engine. Nothing is decoded twice for it, and a request without such a
name is passed on as it came.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import Any, Literal

Fate = Literal["keep", "drop", "hash"]
_HASH_DIGITS = 32
_MOST_NAMES = 10_000  # whose fate is remembered


class Redaction:
    """Patterns of attribute names (`user.*`, `*.email`; case doesn't count), and what becomes of
    the attributes that match: of a span, event, link, scope or resource, and inside of maps.

    Equal values have equal hashes, so that orders are still found by a hashed id. Without the key
    nobody can tell by trying which value it was.
    """

    def __init__(self, drop: Sequence[str] = (), hash: Sequence[str] = (), key: str = "") -> None:
        self._drop = _pattern(drop)
        self._hash = _pattern(hash)
        self._key = key.encode()
        self._fates: dict[str, Fate] = {}

    def apply(self, request: Any) -> int:
        """Redact a request in place; how many attributes it changed."""
        changed = 0
        for resource in request.resource_spans:
            changed += self._all(resource.resource.attributes)
            for scope in resource.scope_spans:
                changed += self._all(scope.scope.attributes)
                for span in scope.spans:
                    changed += self._all(span.attributes)
                    for part in (*span.events, *span.links):
                        changed += self._all(part.attributes)
        return changed

    def _all(self, attributes: Any, path: str = "") -> int:
        changed = 0
        dropped = []
        for position, attribute in enumerate(attributes):
            name = f"{path}.{attribute.key}" if path else attribute.key
            fate = self._fate(name)
            if fate == "keep" and path:
                fate = self._fate(attribute.key)
            if fate == "drop":
                dropped.append(position)
            elif fate == "hash":
                attribute.value.string_value = self._hashed(attribute.value)
                changed += 1
            else:
                changed += self._inside(attribute.value, name)
        for position in reversed(dropped):
            del attributes[position]
        return changed + len(dropped)

    def _inside(self, value: Any, path: str) -> int:
        match value.WhichOneof("value"):
            case "kvlist_value":
                return self._all(value.kvlist_value.values, path)
            case "array_value":
                return sum(self._inside(item, path) for item in value.array_value.values)
            case _:
                return 0

    def _fate(self, name: str) -> Fate:
        fate = self._fates.get(name)
        if fate is None:
            if len(self._fates) >= _MOST_NAMES:
                self._fates.clear()
            drop = self._drop is not None and self._drop.fullmatch(name)
            kept: Fate = "hash" if self._hash is not None and self._hash.fullmatch(name) else "keep"
            fate = self._fates[name] = "drop" if drop else kept
        return fate

    def _hashed(self, value: Any) -> str:
        return hmac.new(self._key, _text(value), hashlib.sha256).hexdigest()[:_HASH_DIGITS]


def _pattern(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all of the patterns; None for none."""
    joined = "|".join(translate(pattern) for pattern in patterns)
    return re.compile(joined, re.IGNORECASE) if joined else None


def _text(value: Any) -> bytes:
    """What is hashed: the value as it would be stored, so that 17 and "17" are the same order."""
    match value.WhichOneof("value"):
        case "string_value":
            return bytes(value.string_value.encode())
        case "int_value":
            return str(value.int_value).encode()
        case "bool_value":
            return b"true" if value.bool_value else b"false"
        case _:
            return bytes(value.SerializeToString(deterministic=True))
