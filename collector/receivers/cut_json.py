"""What is whole of a JSON text that breaks off: the spans before the break, with what is around."""

from __future__ import annotations

import re

# Lists of things that stand for themselves. What breaks off within one of those is left out; an
# attribute or a tag that is whole doesn't make a whole span.
_LISTS = {
    "batches",
    "data",
    "instrumentationLibrarySpans",
    "instrumentation_library_spans",
    "resourceSpans",
    "resource_spans",
    "scopeSpans",
    "scope_spans",
    "spans",
}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[{}\[\]]', re.DOTALL)
_CLOSERS = {"{": "}", "[": "]"}


def whole_part(text: str) -> tuple[str, int] | None:
    """The text up to the last thing that is whole, closed again, and where that thing ends.

    >>> whole_part('{"spans": [{"id": 1}, {"id": 2, "tags": [{"a": 1}')
    ('{"spans": [{"id": 1}]}', 20)
    >>> whole_part('{"id": 2, "tags": [{"a": 1}')
    """
    stack: list[tuple[str, bool]] = []  # what closes it, and whether what it holds may be kept
    cut, closed = 0, ""
    key, key_end = "", 0
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found in _CLOSERS:
            named = key if text[key_end : token.start()].strip() == ":" else None
            parent_kept = stack[-1][1] if stack else True
            kept = parent_kept and (
                found == "{" or named in _LISTS or (named is None and _in_list(stack))
            )
            stack.append((_CLOSERS[found], kept))
        elif found in "}]":
            if not stack or stack.pop()[0] != found:
                break
            if not stack:
                return text[: token.end()], token.end()
            if stack[-1] == ("]", True):
                cut = token.end()
                closed = "".join(closer for closer, _ in reversed(stack))
        elif len(found) > 1 and found.endswith('"'):
            key, key_end = found[1:-1], token.end()
        else:
            break
    return (text[:cut] + closed, cut) if cut else None


def _in_list(stack: list[tuple[str, bool]]) -> bool:
    return not stack or stack[-1][0] == "]"
