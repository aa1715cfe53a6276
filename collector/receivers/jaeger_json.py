"""Jaeger's JSON (what its UI downloads and `/api/traces` answers) → OTLP in its JSON shape.

As OpenTelemetry's own translator reads Jaeger (`pkg/translator/jaeger` in
opentelemetry-collector-contrib, on the model of jaeger-idl): the parent is the first CHILD_OF
within the trace, else the first FOLLOWS_FROM within it; all references but that CHILD_OF are links,
so a FOLLOWS_FROM that is the parent is a link, too. A tag `error` that is true outweighs
`otel.status_code`; without both, `http.status_code` tells.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from collector.receivers import tags
from collector.receivers.json_fields import NotInFormat
from collector.receivers.older_names import database, present_names

_CHILD_OF = "CHILD_OF"
_CLIENT, _SERVER = 3, 2


def is_trace(document: Any) -> bool:
    """Whether it is a trace: `{"traceID": …, "spans": […], "processes": {…}}`."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("spans"), list)
        and ("traceID" in document or "processes" in document)
    )


def is_span(document: Any) -> bool:
    """Whether it is a span that stands alone, with its process in it."""
    return isinstance(document, dict) and "traceID" in document and "spanID" in document


def errors(document: dict[str, Any]) -> list[str]:
    """What Jaeger answered instead of traces."""
    told = document.get("errors")
    if document.get("data") or not isinstance(told, list):
        return []
    return [
        f"Jaeger answered: {error.get('msg', error) if isinstance(error, dict) else error}"
        for error in told
    ]


def from_trace(trace: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The `resourceSpans` of a trace, and why spans that aren't in them are not."""
    processes = trace.get("processes")
    processes = processes if isinstance(processes, dict) else {}
    made: list[dict[str, Any]] = []
    problems: list[str] = []
    for span in trace["spans"]:
        try:
            made.append(from_span(span, processes))
        except (NotInFormat, TypeError, ValueError, AttributeError) as error:
            problems.append(str(error))
    return made, problems


def from_span(span: Any, processes: dict[str, Any] | None = None) -> dict[str, Any]:
    """One span with its resource; raises NotInFormat and the like when it isn't one."""
    if not isinstance(span, dict):
        raise NotInFormat(f"{str(span)[:40]} is no span")
    process_id = span.get("processID")
    process = (processes or {}).get(str(process_id)) or span.get("process") or {}
    resource = _tags(process.get("tags"))
    if "hostname" in resource:
        resource.setdefault("host.name", resource["hostname"])
    named = process.get("serviceName") or f"unknown_service:{process_id or 'jaeger'}"
    resource["service.name"] = named
    made = _tags(span.get("tags"))
    scope = tags.scope(made)
    return {
        "resource": {"attributes": tags.attributes(resource)},
        "scope_spans": [{"scope": scope, "spans": [_span(span, made)]}],
    }


def _span(span: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    trace_id, span_id = tags.padded(span.get("traceID"), 32), tags.padded(span.get("spanID"), 16)
    parent, links = _references(span, trace_id)
    kind = tags.kind(made.pop("span.kind", None))
    trace_state = tags.taken(made, "w3c.tracestate")
    failed = str(made.get("error", "")).lower() == "true"
    if not failed and "otel.status_code" not in made:
        failed = _failed_http(made, kind)
    told = str(made.get("http.status_message", "")) or _error_told(span.get("logs"))
    status = tags.status(made, failed, told)
    if kind == _CLIENT and (system := database(str(made.get("peer.service", "")))):
        made.setdefault("db.system.name", made.get("db.system", system))
    start = tags.nanoseconds(span.get("startTime"))
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "parent_span_id": tags.parent(parent, span_id),
        "trace_state": trace_state,
        "name": str(span.get("operationName", "")),
        "kind": kind,
        "start_time_unix_nano": start,
        "end_time_unix_nano": start + tags.nanoseconds(span.get("duration")),
        "attributes": tags.attributes(made | present_names(made)),
        "events": [_event(log) for log in span.get("logs") or ()],
        "links": links,
        "status": status,
    }


def _references(span: dict[str, Any], trace_id: str) -> tuple[str, list[dict[str, Any]]]:
    found = [
        (
            reference.get("refType") or _CHILD_OF,
            tags.padded(reference.get("traceID"), 32) if reference.get("traceID") else trace_id,
            tags.padded(reference.get("spanID"), 16),
        )
        for reference in span.get("references") or ()
    ]
    within = [(type_, id_) for type_, trace, id_ in found if trace == trace_id]
    within.sort(key=lambda reference: reference[0] != _CHILD_OF)
    parent = within[0] if within else (_CHILD_OF, str(span.get("parentSpanID") or ""))
    links = [
        {
            "trace_id": trace,
            "span_id": id_,
            "attributes": tags.attributes({"opentracing.ref_type": type_.lower()}),
        }
        for type_, trace, id_ in found
        if (type_, id_) != (_CHILD_OF, parent[1]) or trace != trace_id
    ]
    return parent[1], links


def _event(log: dict[str, Any]) -> dict[str, Any]:
    fields = _tags(log.get("fields"))
    return {
        "time_unix_nano": tags.nanoseconds(log.get("timestamp")),
        "name": str(fields.pop("event", "")),
        "attributes": tags.attributes(fields),
    }


def _error_told(logs: Any) -> str:
    """What OpenTracing's log of an error says, in the words of its message, else of its object."""
    for fields in (_tags(log.get("fields")) for log in logs or ()):
        if fields.get("event") == "error":
            return str(fields.get("message") or fields.get("error.object") or "")
    return ""


def _tags(listed: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for tag in listed or ():
        made[str(tag["key"])] = _typed(tag.get("type"), tag.get("value"))
    return made


def _typed(type_: Any, value: Any) -> Any:
    """A tag's value by its type; a value that isn't of its type stays what it is."""
    try:
        if type_ == "bool" and isinstance(value, str):
            return value.lower() == "true"
        if type_ == "int64" and not isinstance(value, bool):
            return int(value)
        if type_ == "float64" and not isinstance(value, bool):
            return float(value)
        if type_ == "binary":
            return b64decode(value, validate=True)
    except (TypeError, ValueError, OverflowError):
        return value
    return value


def _failed_http(made: dict[str, Any], kind: int) -> bool:
    try:
        code = int(made.get("http.status_code", made.get("http.response.status_code", 0)))
    except (TypeError, ValueError):
        return False
    return code >= 500 or (code >= 400 and kind != _SERVER)
