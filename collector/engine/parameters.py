"""Query parameters as text: one encoding for both engines, safe for any string.

ClickHouse reads the value of `{name:Type}` as it reads a field of a tab-separated file: a plain
string with backslash escapes, an array as a literal with quoted elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from collector.engine import Param

_PLACEHOLDER = re.compile(r"\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}")
_ESCAPES = str.maketrans({"\\": "\\\\", "\0": "\\0", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTED = str.maketrans({"\\": "\\\\", "'": "\\'"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode(sql: str, params: Mapping[str, Param] | None) -> dict[str, str]:
    """The values of the parameters that `sql` names; others are left out."""
    if not params:
        return {}
    types = dict(_PLACEHOLDER.findall(sql))
    return {name: _text(params[name], types[name]) for name in types if name in params}


def _text(value: Param, type_: str) -> str:
    if isinstance(value, str):
        if type_.startswith("DateTime64"):
            value = value.removesuffix("Z")  # RFC 3339's name for UTC, which parameters don't take
        return _unicode(value).translate(_ESCAPES)
    if isinstance(value, bool | int | float):
        return _number(value, type_)
    inner = type_.removeprefix("Array(").removesuffix(")")
    return "[" + ",".join(_element(item, inner) for item in value) + "]"


def _element(value: str | int, type_: str) -> str:
    if isinstance(value, str):
        return "'" + _unicode(value).translate(_QUOTED) + "'"
    text = _number(value, type_)
    return f"'{text}'" if type_.startswith("DateTime64") else text


def _number(value: float, type_: str) -> str:
    if isinstance(value, bool):
        return str(value).lower() if type_ == "Bool" else str(int(value))
    if isinstance(value, int) and type_.startswith("DateTime64"):
        # Digits alone are read as seconds or as ticks, depending on their number.
        seconds, nanos = divmod(value, 1_000_000_000)
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}.{nanos:09d}"
    return str(value)


def _unicode(text: str) -> str:
    """The text with lone surrogates, which no UTF-8 can hold, replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
