"""Tables that fit a terminal: what can be copied is never cut; what matters least gives way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_GAP = 2  # between two columns
_LEAST = 24  # of a long column that doesn't say otherwise
_NARROWEST = 8  # of one where nothing is left to leave out
_MOST = 64  # of another one, whose longer cells fold


class Fitted:
    """A table by the names of its columns; rich prints it.

    `right` are numbers. `long` ones fold, or are cut if their cells say so, where there is no room
    for all of them; `least` says down to which width. `extra` ones are left out, the first of them
    first, where that isn't enough. All others stay as wide as they are, up to 64 characters.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        right: Iterable[str] = (),
        long: Iterable[str] = (),
        extra: Iterable[str] = (),
        least: Mapping[str, int] | None = None,
    ) -> None:
        self._columns = columns
        self._right, self._long = frozenset(right), frozenset(long)
        self._least = {name: (least or {}).get(name, _LEAST) for name in self._long}
        self._extra = [name for name in extra if name in columns]
        self._rows: list[list[Text]] = []

    def add_row(self, *cells: Text | str) -> None:
        """Add a row: one cell a column."""
        self._rows.append([Text(cell) if isinstance(cell, str) else cell for cell in cells])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        made = Table(
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            pad_edge=False,
            header_style="dim",
            show_edge=False,
        )
        for name, width in widths.items():
            side: Literal["left", "right"] = "right" if name in self._right else "left"
            made.add_column(name, justify=side, overflow="fold", width=width)
        shown = [index for index, name in enumerate(self._columns) if name in widths]
        for row in self._rows:
            made.add_row(*(row[index] for index in shown))
        yield made

    def _widths(self, room: int) -> dict[str, int]:
        natural = {
            name: max([len(name), *(row[index].cell_len for row in self._rows)])
            for index, name in enumerate(self._columns)
        }
        if sum(natural.values()) + _GAP * len(natural) > room:
            natural |= {
                name: min(width, _MOST) for name, width in natural.items() if name not in self._long
            }
        extra = list(self._extra)
        while True:
            fixed = sum(width for name, width in natural.items() if name not in self._long)
            left = room - fixed - _GAP * (len(natural) - 1) - 1
            long = {name: width for name, width in natural.items() if name in self._long}
            least = {name: min(width, self._least[name]) for name, width in long.items()}
            if left >= sum(least.values()):
                return natural | _shared(long, least, left)
            if not extra:
                return natural | _shared(long, dict.fromkeys(long, _NARROWEST), left)
            natural.pop(extra.pop(0))


def _shared(wanted: dict[str, int], least: dict[str, int], room: int) -> dict[str, int]:
    """Room for each: its least, and of what is left what it wants, or an equal share."""
    given = dict(least)
    left = max(0, room - sum(least.values()))
    waiting = sorted(wanted, key=lambda name: wanted[name] - least[name])
    for position, name in enumerate(waiting):
        more = min(wanted[name] - least[name], left // (len(waiting) - position))
        given[name] += more
        left -= more
    return given
