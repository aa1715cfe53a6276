"""Grafana Tempo's JSON (what Grafana downloads, and `/api/traces` answers) → OTLP's JSON shape.

It is OTLP under another name, `batches`, by protobuf's own mapping: ids are in base64 there, which
by their length can't be taken for hexadecimal ones.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

_BASE64_DIGITS = {24: 16, 12: 8}  # of an id, and its bytes
_IDS = ("traceId", "spanId", "parentSpanId")


def from_batch(batch: Any) -> Any:
    """One batch as a ResourceSpans; what isn't shaped like one is returned as it is."""
    if not isinstance(batch, dict):
        return batch
    scopes = batch.get("scopeSpans", batch.get("instrumentationLibrarySpans"))
    if not isinstance(scopes, list):
        return batch
    return {"resource": batch.get("resource"), "scope_spans": [_scope(scope) for scope in scopes]}


def _scope(scope: Any) -> Any:
    if not isinstance(scope, dict) or not isinstance(scope.get("spans"), list):
        return scope
    return {
        "scope": scope.get("scope", scope.get("instrumentationLibrary")),
        "spans": [_span(span) for span in scope["spans"]],
    }


def _span(span: Any) -> Any:
    if not isinstance(span, dict):
        return span
    made = _hexadecimal(span)
    if isinstance(span.get("links"), list):
        made["links"] = [
            _hexadecimal(link) if isinstance(link, dict) else link for link in span["links"]
        ]
    return made


def _hexadecimal(message: dict[str, Any]) -> dict[str, Any]:
    return message | {name: _id(message[name]) for name in _IDS if name in message}


def _id(value: Any) -> Any:
    if not isinstance(value, str) or len(value) not in _BASE64_DIGITS:
        return value
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        return value
    return data.hex() if len(data) == _BASE64_DIGITS[len(value)] else value
