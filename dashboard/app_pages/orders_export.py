"""The list of orders as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, cast

import streamlit as st

from dashboard import data
from dashboard.figures import formats
from dashboard.records import OrderRow

MOST_ROWS = 20_000
COLUMNS = tuple(OrderRow.__annotations__)
"""The API's fields, by the same names."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_button(asked: Mapping[str, str | None], span_s: int | None, total: int) -> None:
    """A button that downloads all orders of the filters; they are fetched when it is clicked."""
    filters = dict(asked)
    most = formats.number(MOST_ROWS)
    st.download_button(
        "CSV",
        data=lambda: as_csv(data.all_orders(filters, span_s, MOST_ROWS)),
        file_name="orders.csv",
        mime="text/csv",
        icon=":material/download:",
        key="export",
        on_click="ignore",
        disabled=not total,
        help=f"The first {most} of these orders" if total > MOST_ROWS else "All these orders",
    )


def as_csv(rows: Iterable[OrderRow]) -> str:
    """Rows as CSV. Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        fields = cast(dict[str, Any], row)
        writer.writerow([_harmless(fields[name]) for name in COLUMNS])
    return out.getvalue()


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
