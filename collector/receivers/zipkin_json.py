"""Zipkin's v2 JSON → OTLP in its JSON shape.

A Zipkin span means something only beside the others of its file, so all spans are seen (`Seen`)
before the first is translated:

- A server may share the span id of its client. OTLP knows a span by its id, so the server's span
  gets one of its own, made from the shared one and its service; it is the client's child, and
  what the server did then is the server's child, as Zipkin's own `SpanNode` has it.
- A trace id of 64 bits is the lower half of one of 128 bits in the same file.
- A producer that names only its broker sends to that broker, and then its trace's consumers take
  from it; else the broker's topic or queue is the destination.

`error`: any value but "false", also none, as Zipkin's `DependencyLinker` counts it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from sys import intern
from typing import Any

from collector.receivers import tags
from collector.receivers.json_fields import NotInFormat
from collector.receivers.older_names import broker, database, present_names

_SERVER, _CLIENT, _PRODUCER, _CONSUMER = 2, 3, 4, 5
_TAGS_OF_LINKS = 128


def is_span(document: Any) -> bool:
    """Whether it is a span: it has `traceId` and `id`."""
    return isinstance(document, dict) and "traceId" in document and "id" in document


@dataclass
class Seen:
    """What must be known of all spans of a file before one of them is translated.

    Some hundred bytes a span: traces by the lower half of their ids, spans by hashes of theirs.
    """

    long_ids: dict[str, str] = field(default_factory=dict)
    earliest: dict[str, int] = field(default_factory=dict)
    clients: dict[int, str] = field(default_factory=dict)
    servers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    unnamed: set[tuple[str, str]] = field(default_factory=set)

    def add(self, span: dict[str, Any]) -> None:
        """Take note of a span."""
        full = tags.padded(span.get("traceId"), 32)
        trace = intern(full[-16:])
        if full[:-16].strip("0"):
            self.long_ids[trace] = full
        if start := tags.nanoseconds(span.get("timestamp")):
            self.earliest[trace] = min(start, self.earliest.get(trace, start))
        kind = tags.kind(span.get("kind"))
        service = intern(_service(span, "localEndpoint"))
        key = hash((trace, tags.padded(span.get("id"), 16)))
        if kind == _CLIENT:
            self.clients[key] = service
        elif kind == _SERVER:
            self.servers[key] = (*self.servers.get(key, ()), service)
            if span.get("shared") is True:
                self.flagged.add(key)
        elif kind == _PRODUCER and not _destination(_tags(span), kind):
            self.unnamed.add((trace, _service(span, "remoteEndpoint")))

    def ids(
        self, trace: str, id_: str, parent: str, service: str, *, server: bool
    ) -> tuple[str, str]:
        """The id of a span and its parent's, when clients and servers have ids of their own."""
        key, above = hash((trace, id_)), hash((trace, parent))
        if server and self._shared(key):
            return _of_server(trace, id_, service), id_ if key in self.clients else parent
        if service in self.servers.get(above, ()) and self._shared(above):
            return id_, parent if self.clients.get(above) == service else (
                _of_server(trace, parent, service)
            )
        return id_, parent

    def _shared(self, key: int) -> bool:
        return key in self.flagged or key in self.clients


def from_span(span: dict[str, Any], seen: Seen) -> dict[str, Any]:
    """The `resourceSpans` of one span; raises NotInFormat and the like when it isn't one."""
    if "binaryAnnotations" in span:
        raise NotInFormat("Zipkin's v1 JSON can't be loaded, only v2")
    made = _tags(span)
    service = _service(span, "localEndpoint")
    resource = tags.of_resource(made) | {"service.name": service or "unknown_service"}
    scope = tags.scope(made)
    return {
        "resource": {"attributes": tags.attributes(resource)},
        "scope_spans": [{"scope": scope, "spans": [_span(span, made, service, seen)]}],
    }


def _span(span: dict[str, Any], made: dict[str, Any], service: str, seen: Seen) -> dict[str, Any]:
    full, own = tags.padded(span.get("traceId"), 32), tags.padded(span.get("id"), 16)
    trace = full[-16:]
    kind = _kind(span, made, service)
    above = tags.parent(span.get("parentId"), own)
    span_id, parent = seen.ids(trace, own, above, service, server=kind == _SERVER)
    error = made.get("error", "false")
    status = tags.status(made, error != "false", "" if error == "true" else error)
    links = _links(made)
    trace_state = tags.taken(made, "w3c.tracestate")
    made |= _endpoints(span) | present_names(made)
    if kind in (_PRODUCER, _CONSUMER):
        made |= _message(
            span, made, kind, (trace, _service(span, "remoteEndpoint")) in seen.unnamed
        )
    elif kind == _CLIENT:
        made |= _database(span, made)
    annotations = span.get("annotations") or ()
    start = tags.nanoseconds(span.get("timestamp"))
    if not start:
        # Zipkin lets a server leave its time to its client.
        told = [tags.nanoseconds(annotation.get("timestamp")) for annotation in annotations]
        start = min(filter(None, told), default=seen.earliest.get(trace, 0))
    return {
        "trace_id": full if full[:-16].strip("0") else seen.long_ids.get(trace, full),
        "span_id": span_id,
        "parent_span_id": parent,
        "trace_state": trace_state,
        "name": str(span.get("name") or ""),
        "kind": kind,
        "start_time_unix_nano": start,
        "end_time_unix_nano": start + tags.nanoseconds(span.get("duration")),
        "attributes": tags.attributes(made),
        "events": [
            {
                "time_unix_nano": tags.nanoseconds(annotation.get("timestamp")),
                "name": str(annotation.get("value") or ""),
            }
            for annotation in annotations
        ],
        "links": links,
        "status": status,
    }


def _of_server(trace: str, id_: str, service: str) -> str:
    return blake2b(f"{trace}/{id_}/{service}".encode(), digest_size=8).hexdigest()


def _kind(span: dict[str, Any], made: dict[str, Any], service: str) -> int:
    told = made.pop("span.kind", None)
    kind = tags.kind(span.get("kind")) or tags.kind(told)
    # Whoever knows both sides and says no kind is a client, to Zipkin's `DependencyLinker`, too.
    return _CLIENT if not kind and service and _service(span, "remoteEndpoint") else kind


def _service(span: dict[str, Any], endpoint: str) -> str:
    return str((span.get(endpoint) or {}).get("serviceName") or "")


def _tags(span: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str) else str(value)
        for name, value in (span.get("tags") or {}).items()
    }


def _endpoints(span: dict[str, Any]) -> dict[str, Any]:
    """Where both sides are; the name of the other one is `peer.service`."""
    made: dict[str, Any] = {}
    for side, endpoint in (("local", "localEndpoint"), ("peer", "remoteEndpoint")):
        told = span.get(endpoint) or {}
        if address := told.get("ipv4") or told.get("ipv6"):
            made[f"network.{side}.address"] = str(address)
        if isinstance(port := told.get("port"), int) and port:
            made[f"network.{side}.port"] = port
    if peer := _service(span, "remoteEndpoint"):
        made["peer.service"] = peer
    return made


def _database(span: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """What a client says of the database it calls, if that is one."""
    peer = _service(span, "remoteEndpoint")
    system = made.get("db.system.name") or made.get("db.system") or database(peer)
    more = {"db.system.name": system} if system else {}
    return more | ({"server.address": peer} if system and peer and "db.name" not in made else {})


def _message(
    span: dict[str, Any], made: dict[str, Any], kind: int, unnamed: bool
) -> dict[str, Any]:
    """Of which broker and destination a message is."""
    peer = _service(span, "remoteEndpoint")
    system = made.get("messaging.system") or broker(made) or peer.lower()
    destination = peer if unnamed else _destination(made, kind) or peer
    more = {"messaging.system": system} if system else {}
    return more | ({"messaging.destination.name": destination} if destination else {})


def _destination(made: dict[str, Any], kind: int) -> str:
    names = ["messaging.destination.name", "messaging.destination"]
    names += ["rabbit.queue"] if kind == _CONSUMER else ["rabbit.exchange", "rabbit.routing_key"]
    known = made | present_names(made)
    return next((str(known[name]) for name in names if known.get(name)), "")


def _links(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Links as the OpenTelemetry Collector's Zipkin exporter writes them, into tags."""
    links: list[dict[str, Any]] = []
    for number in range(_TAGS_OF_LINKS):
        told = made.pop(f"otlp.link.{number}", None)
        if told is None:
            break
        trace, _, rest = str(told).partition("|")
        links.append(
            {
                "trace_id": tags.padded(trace.strip('"'), 32),
                "span_id": tags.padded(rest.partition("|")[0].strip('"'), 16),
            }
        )
    return links
