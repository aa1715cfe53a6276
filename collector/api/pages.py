"""The reference as a page: the OpenAPI document as plain HTML, with nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

CONTENT_SECURITY_POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin: 2rem 0 .25rem; font-size: 1rem; overflow-wrap: anywhere }
h2, code { font-family: ui-monospace, monospace }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
td, th { text-align: left; vertical-align: top; padding: .2rem .75rem .2rem 0; font-weight: 400 }
td:first-child, th:first-child { width: 14rem; overflow-wrap: anywhere }
tr + tr > * { border-top: 1px solid #8884 }
p { margin: .25rem 0 }
"""
_METHODS = ("get", "put", "post", "delete")


def reference(document: dict[str, Any]) -> str:
    """A page of every route, its parameters and what it answers."""
    title = escape(document["info"]["title"])
    body = "".join(
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    )
    shapes = document.get("components", {}).get("schemas", {})
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: API</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{title}: API</h1>"
        f"<p>{escape(document['info'].get('summary', ''))} The same for programs: "
        '<a href="openapi.json">openapi.json</a>. '
        "Errors of the API are application/problem+json: a status and a sentence.</p>"
        f"{body}<h1>Shapes</h1>"
        f"{''.join(_shape(name, shape) for name, shape in shapes.items())}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (parameter["name"], _told(_kind(parameter["schema"]), parameter.get("description")))
        for parameter in operation.get("parameters", [])
    ]
    rows += list(_answers(operation["responses"]))
    return (
        f"<h2>{method.upper()} {escape(path)}</h2>"
        f"<p>{_text(operation.get('description'))}</p>{_table(rows)}"
    )


def _answers(responses: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        if status in ("4XX", "5XX"):
            continue  # the same for all, and said above
        kinds = [
            f"{escape(kind)} {_kind(content.get('schema', {}))}"
            for kind, content in response.get("content", {}).items()
        ]
        said = response.get("description")
        yield status, _told(", ".join(kinds), None if said == "Successful Response" else said)


def _shape(name: str, shape: dict[str, Any]) -> str:
    rows = [
        (field, _told(_kind(value), value.get("description")))
        for field, value in shape.get("properties", {}).items()
    ]
    return (
        f'<h2 id="{escape(name)}">{escape(name)}</h2>'
        f"<p>{_text(shape.get('description'))}</p>{_table(rows)}"
    )


def _kind(schema: dict[str, Any]) -> str:
    """What a schema says in a word or two."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(way) for way in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("title" if schema.get("type") == "object" else "type") or ""))


def _table(rows: list[tuple[str, str]]) -> str:
    lines = "".join(f'<tr><th scope="row">{escape(name)}<td>{text}' for name, text in rows)
    return f"<table>{lines}</table>" if rows else ""


def _told(kind: str, description: str | None) -> str:
    return ": ".join(part for part in (kind, _text(description)) if part)


def _text(text: str | None) -> str:
    """A description: code between backticks, everything else as it is."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text or ""))
