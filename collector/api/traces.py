"""A trace as OTLP/JSON, for people who want the raw spans elsewhere."""

from __future__ import annotations

from typing import Any

from collector.api.problems import ProblemError
from collector.api.reader import Reader, Row
from collector.api.times import nanoseconds

_KINDS = {"Unspecified": 0, "Internal": 1, "Server": 2, "Client": 3, "Producer": 4, "Consumer": 5}
_STATUS = {"Unset": 0, "Ok": 1, "Error": 2}


def trace(reader: Reader, trace_id: str) -> dict[str, Any]:
    """`{"resourceSpans": […]}` by the OTLP specification's JSON encoding.

    Attributes are strings: that is how they are stored. Raises ProblemError 404.
    """
    rows = reader.rows("trace", {"trace_id": trace_id.lower()})
    if not rows:
        raise ProblemError(404, f"no span of trace {trace_id!r} is stored")
    resources: dict[str, dict[str, Any]] = {}
    scopes: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        resource_key = repr(row["ResourceAttributes"])
        resource = resources.setdefault(
            resource_key,
            {"resource": {"attributes": _attributes(row["ResourceAttributes"])}, "scopeSpans": []},
        )
        scope_key = (resource_key, row["ScopeName"], row["ScopeVersion"])
        if scope_key not in scopes:
            scopes[scope_key] = {
                "scope": {"name": row["ScopeName"], "version": row["ScopeVersion"]},
                "spans": [],
            }
            resource["scopeSpans"].append(scopes[scope_key])
        scopes[scope_key]["spans"].append(_span(row))
    return {"resourceSpans": list(resources.values())}


def _span(row: Row) -> dict[str, Any]:
    start = nanoseconds(row["Timestamp"])
    return {
        "traceId": row["TraceId"],
        "spanId": row["SpanId"],
        "parentSpanId": row["ParentSpanId"],
        "traceState": row["TraceState"],
        "name": row["SpanName"],
        "kind": _KINDS.get(row["SpanKind"], 0),
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + row["Duration"]),
        "attributes": _attributes(row["SpanAttributes"]),
        "events": [
            {
                "timeUnixNano": str(nanoseconds(at)),
                "name": name,
                "attributes": _attributes(attributes),
            }
            for at, name, attributes in zip(
                row["Events.Timestamp"], row["Events.Name"], row["Events.Attributes"], strict=True
            )
        ],
        "links": [
            {
                "traceId": trace_id,
                "spanId": span_id,
                "traceState": state,
                "attributes": _attributes(attributes),
            }
            for trace_id, span_id, state, attributes in zip(
                row["Links.TraceId"],
                row["Links.SpanId"],
                row["Links.TraceState"],
                row["Links.Attributes"],
                strict=True,
            )
        ],
        "status": {"code": _STATUS.get(row["StatusCode"], 0), "message": row["StatusMessage"]},
    }


def _attributes(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs]
