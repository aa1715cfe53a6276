"""Protobuf schemas in a statement, for the embedded engine.

Given as a string (`format_schema_source = 'string'`), ClickHouse keeps the schema as a file in a
folder that a server configures; chDB has no such setting and takes the working directory, which may
be read-only and is never ours to write to. So the text becomes a file in the data folder.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

_SOURCE = re.compile(r"format_schema_source\s*=\s*'string'")
_SCHEMA = re.compile(r"\bformat_schema\s*=\s*'((?:[^'\\]|\\.)*)'", re.DOTALL)


@lru_cache(maxsize=16)
def as_file(settings: str, folder: Path) -> str:
    """The SETTINGS of an INSERT with the schema's text replaced by the path of a file of it.

    Raises OSError when the file can't be written.
    """
    found = _SCHEMA.search(settings)
    if not found or not _SOURCE.search(settings):
        return settings
    text = re.sub(r"\\(.)", r"\1", found[1])
    path = folder / "format_schemas" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.proto"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    literal = str(path).replace("\\", "\\\\").replace("'", "\\'")
    settings = settings[: found.start()] + f"format_schema = '{literal}'" + settings[found.end() :]
    return _SOURCE.sub("format_schema_source = 'file'", settings)
