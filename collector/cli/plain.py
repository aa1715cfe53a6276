"""Text from outside, made safe for a terminal: spans may hold anything, also escape sequences."""

from __future__ import annotations

import unicodedata

from rich.text import Text

# Control characters, marks that reorder or hide text, halves of surrogate pairs, line separators.
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean(text: str) -> str:
    r"""The text in one line without anything that a terminal would obey.

    >>> clean("paid\x1b[31m\nby\u202e card")
    'paid[31m by card'
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = (" " if character.isspace() else character for character in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in _UNSAFE)


def plain(text: str, style: str = "") -> Text:
    """The text for rich: safe, and without its markup."""
    return Text(clean(text), style)
