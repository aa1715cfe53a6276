"""Tables whose rows are links, and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from dashboard.components.assets import component

_table = component("table")
_listhead = component("listhead")
_jump = component("jump")


class Cell(TypedDict, total=False):
    """A cell with more than text: icon, look of the palette, bar (share of one), tooltip.

    `sub` is a small line below the text.
    """

    text: str
    sub: str
    icon: str
    look: str
    share: float
    title: str


class Column(TypedDict):
    """A column. `wide` takes what is left and wraps once; `name` and `code` are cut."""

    title: str
    align: NotRequired[Literal["left", "right"]]
    kind: NotRequired[Literal["wide", "name", "code", "soft", "strong"]]


class Row(TypedDict):
    """A row; its `id` is what it is about, never its place."""

    id: str
    cells: list[str | Cell]
    href: NotRequired[str]
    label: NotRequired[str]
    selected: NotRequired[bool]


def table(
    key: str, caption: str, columns: Sequence[Column], rows: Sequence[Row], empty: str = ""
) -> None:
    """Draw a table; `empty` is shown in place of one without rows."""
    _table(
        key=key,
        data={
            "caption": caption,
            "columns": list(columns),
            "rows": list(rows),
            "empty": empty,
        },
    )


def list_head(key: str, text: str) -> None:
    """How many there are, and a button that copies the address of the list."""
    _listhead(key=key, data={"text": text})


def jump(key: str, href: str, number: str) -> None:
    """Go to an address of the dashboard, once for each number."""
    _jump(key=key, data={"href": href, "number": number})
