"""How a command is declared: one line, a paragraph, examples."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def command(
    commands: Commands,
    name: str,
    line: str,
    description: str,
    examples: Sequence[str],
    *,
    more: str = "",
    usage: str | None = None,
) -> argparse.ArgumentParser:
    """A command's parser; `line` is for the list of commands, `more` stands before the examples."""
    shown = "\n".join(f"  {example}" for example in examples)
    heading = "examples:" if len(examples) > 1 else "example:"
    return commands.add_parser(
        name,
        help=line,
        description=description,
        epilog="\n\n".join(filter(None, [more, f"{heading}\n{shown}"])),
        usage=usage,
        formatter_class=Help,
        allow_abbrev=False,
    )


class Help(argparse.HelpFormatter):
    """Wraps paragraphs, but leaves lines that are indented (examples) as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            line if line.startswith("  ") else textwrap.fill(line, width, initial_indent=indent)
            for line in text.splitlines()
        )
