"""Addresses of pages. A view is its address: every filter and selection is in it."""

from __future__ import annotations

from urllib.parse import urlencode


def link(page: str, /, **parameters: str | int | None) -> str:
    """The address of a page (`""` is the overview); empty parameters are left out.

    >>> link("orders", state="stuck", q=None)
    '/orders?state=stuck'
    """
    query = urlencode(
        {name: value for name, value in parameters.items() if value not in {None, ""}}
    )
    return f"/{page}?{query}" if query else f"/{page}"


def order_link(workflow: str, order_id: str, /, **parameters: str | None) -> str:
    """The address of one order."""
    return link("order", workflow=workflow, id=order_id, **parameters)


def edge_id(source: str, target: str) -> str:
    """An edge of the map as the API's `edge` filter names it.

    >>> edge_id("a>b", "c")
    'a%3Eb>c'
    """
    return ">".join(end.replace("%", "%25").replace(">", "%3E") for end in (source, target))
