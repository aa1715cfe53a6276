"""What `load` reads: the files that are named, those in folders that are, and standard input."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

STANDARD_INPUT = "-"

# Files in folders whose names end otherwise are loaded only if what they start with can be.
_ENDINGS = re.compile(
    r"\.(json|jsonl|ndjson|pb|binpb|proto|bin|otlp)(\.[0-9]+)?(\.(gz|gzip|zst|zstd))?\Z", re.I
)


@dataclass(frozen=True)
class File:
    """A file by its path.

    `sure`: it is a broken file if it can't be loaded; else it is left alone then.
    """

    path: Path
    size: int
    sure: bool = True

    @property
    def name(self) -> str:
        """What it is called in what is printed."""
        return str(self.path)

    def begin(self) -> BinaryIO:
        """Its bytes from the start; raises OSError."""
        return self.path.open("rb")


@dataclass
class Input:
    """Standard input, kept in a file without a name: some formats must be read twice."""

    name: str = "standard input"
    size: int = 0
    sure: bool = True
    _kept: Path | None = field(default=None, repr=False)

    def begin(self) -> BinaryIO:
        """See `File.begin`."""
        if self._kept is None:
            with tempfile.NamedTemporaryFile(prefix="choreoscope-", delete=False) as file:
                self._kept = Path(file.name)
                shutil.copyfileobj(sys.stdin.buffer, file)
            self.size = self._kept.stat().st_size
        return self._kept.open("rb")

    def forget(self) -> None:
        """Delete what was kept."""
        if self._kept is not None:
            self._kept.unlink(missing_ok=True)


@dataclass(frozen=True)
class Absent:
    """A name that is no file's."""

    name: str
    size: int = 0


Source = File | Input


def found(names: list[str]) -> Iterator[Source | Absent]:
    """The sources in the order of their names."""
    for name in names:
        path = Path(name)
        if name == STANDARD_INPUT:
            yield Input()
        elif path.is_dir():
            yield from map(_in_folder, sorted(_files(path)))
        elif path.exists():
            yield File(path, path.stat().st_size)
        else:
            yield Absent(name)


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder but the hidden ones."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _in_folder(path: Path) -> File:
    return File(path, path.stat().st_size, sure=bool(_ENDINGS.search(path.name)))
