"""What a JSON document of a file is → the `resourceSpans` in it: OTLP's, Jaeger's, Zipkin's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collector.receivers import jaeger_json, tempo_json, zipkin_json
from collector.receivers.json_fields import NotInFormat
from collector.receivers.otlp_json import encode
from collector.receivers.request import Undecodable

FORMATS = (
    "OTLP as protobuf, JSON or JSON lines, Jaeger's JSON and Zipkin's v2 JSON can be loaded, "
    "also packed with gzip or zstd"
)

# Metrics, logs and profiles are OTLP without spans, not a broken file.
_SIGNALS = {
    name
    for signal in ("Spans", "Metrics", "Logs", "Profiles")
    for name in (f"resource{signal}", f"resource_{signal.lower()}")
}
_SPANS = ("resourceSpans", "resource_spans")
_SCOPES = ("scopeSpans", "scope_spans")
_AROUND = ("result", "trace")  # what query APIs put around OTLP
_UNUSABLE = (NotInFormat, TypeError, ValueError, AttributeError, KeyError)

# A body in protobuf, and why spans that aren't in it are not.
Translated = tuple[bytes, list[str]]


def translate(document: Any, seen: Callable[[], zipkin_json.Seen]) -> Translated:
    """A document as an OTLP request; `seen` is asked for when it is a span of Zipkin's."""
    found, problems = _resource_spans(document, seen)
    body, more = _encoded(found)
    return body, problems + more


def _resource_spans(
    document: Any, seen: Callable[[], zipkin_json.Seen]
) -> tuple[list[Any], list[str]]:
    if not isinstance(document, dict):
        return [], [f"{str(document)[:40]!r} is no span"]
    if not document or _SIGNALS & document.keys():
        found = [item for name in _SPANS for item in _listed(document.get(name))]
        return found, []
    if isinstance(document.get("batches"), list):
        return [tempo_json.from_batch(batch) for batch in document["batches"]], []
    if errors := jaeger_json.errors(document):
        return [], errors
    if isinstance(document.get("data"), list):
        return _joined([_resource_spans(item, seen) for item in document["data"]])
    if jaeger_json.is_trace(document):
        return jaeger_json.from_trace(document)
    try:
        if jaeger_json.is_span(document):
            return [jaeger_json.from_span(document)], []
        if zipkin_json.is_span(document):
            return [zipkin_json.from_span(document, seen())], []
    except _UNUSABLE as error:
        return [], [f"a span isn't as it should be: {error}"]
    for name in _AROUND:
        around = document.get(name)
        if isinstance(around, dict) and (_SIGNALS & around.keys() or "batches" in around):
            return _resource_spans(around, seen)
    names = ", ".join(str(name) for name in list(document)[:5])
    return [], [f"this JSON holds no spans: its names are {names}"]


def _joined(found: list[tuple[list[Any], list[str]]]) -> tuple[list[Any], list[str]]:
    return [one for some, _ in found for one in some], [one for _, some in found for one in some]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _encoded(resource_spans: list[Any]) -> Translated:
    """The request; if it can't be one as a whole, without the spans that can't be in it."""
    try:
        return encode({"resource_spans": resource_spans}), []
    except Undecodable as error:
        whole_reason = str(error)
    bodies: list[bytes] = []
    problems: list[str] = []
    for one in resource_spans:
        for part in _single(one):
            try:
                bodies.append(encode({"resource_spans": [part]}))
            except Undecodable as error:
                problems.append(str(error))
    return b"".join(bodies), problems or [whole_reason]


def _single(resource_spans: Any) -> list[Any]:
    """A ResourceSpans as several of one span each, if it can be split."""
    scopes = _member(resource_spans, _SCOPES)
    if not isinstance(scopes, list):
        return [resource_spans]
    around = {name: value for name, value in resource_spans.items() if name not in _SCOPES}
    parts: list[Any] = []
    for scope in scopes:
        spans = _member(scope, ("spans",))
        if isinstance(spans, list):
            parts += [around | {"scope_spans": [{**scope, "spans": [span]}]} for span in spans]
        else:
            parts.append(around | {"scope_spans": [scope]})
    return parts


def _member(value: Any, names: tuple[str, ...]) -> Any:
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in names if name in value), None)
