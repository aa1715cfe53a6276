"""ClickHouse's error codes → the exceptions of the engine's interface."""

from __future__ import annotations

import re

from collector.engine import BadData, EngineError, EngineUnavailable, QueryTimeout

_CODE = re.compile(r"Code: (\d+)\.")
_NOISE = re.compile(
    r"^.*?DB::Exception: |: While executing \w+|\s*\(version [^()]*(?:\([^()]*\))?\)"
    r"|\s*\(for url [^ ]*\)|\. Expected one of: .*|\s*\([A-Z][A-Z0-9_]{4,}\)",
    re.DOTALL,
)

_TIMEOUT = frozenset({159, 160})
# The bytes don't fit the format: parse errors, premature end, impossible sizes, bad protobuf.
_BAD_BYTES = frozenset(
    {6, 25, 26, 27, 32, 33, 34, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 261, 321, 349}
    | {393, 407, 434, 436, 441, 444, 467, 475, 536, 591, 617, 636, 645, 652, 675, 676, 677}
)
# The place is gone, full, overloaded or unreachable: the same statement may work later.
_LATER = frozenset(
    {3, 74, 75, 76, 77, 88, 95, 198, 202, 203, 209, 210, 236, 241, 242, 243, 252, 279, 285, 319}
    | {370, 394, 425, 439, 516, 599, 999}
)
_DISK = re.compile(r"no space left|read-only file system|errno: (28|30|122)\b|disk quota", re.I)


def failure(message: str, *, inserting: bool = False, code: int | None = None) -> EngineError:
    """The exception for an engine's error message, shortened to what a person needs."""
    if code is None and (found := _CODE.search(message)):
        code = int(found.group(1))
    text = _NOISE.sub("", message).strip().replace("\n", " ")
    if code in _LATER or _DISK.search(message):
        return EngineUnavailable(text[:300])
    if code in _TIMEOUT:
        return QueryTimeout(text[:300])
    if inserting and code in _BAD_BYTES:
        return BadData(text[:300])
    return EngineError(f"{text[:2000]} (code {code})" if code else text[:2000])
