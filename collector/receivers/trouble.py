"""What is wrong with a file: where, and why. Reading goes on behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """A part of a file that can't be loaded.

    `byte` counts from 0 in the unpacked content; `line` from 1, and is 0 in a binary file.
    """

    line: int
    byte: int
    reason: str

    def __str__(self) -> str:
        if not self.line and not self.byte:
            return self.reason
        line = f"line {self.line:,}, " if self.line else ""
        return f"{line}byte {self.byte:,}: {self.reason}"
