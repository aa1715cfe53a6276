"""The command `choreoscope`: one file a command, and what they share."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818
    """A command can't go on; the message is one sentence for people, `code` the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code
