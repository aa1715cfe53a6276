"""OTLP/JSON → protobuf bytes: proto3's JSON mapping with OTLP's change that ids are hexadecimal."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.receivers.json_fields import (
    NotInFormat,
    base64_bytes,
    boolean,
    double,
    enum,
    fixed,
    hexadecimal,
    integer,
    many,
    message,
    one,
    text,
)
from collector.receivers.request import Undecodable


def to_protobuf(body: bytes) -> bytes:
    """The request in protobuf; raises Undecodable with the reason."""
    return encode(parse(body))


def parse(body: bytes) -> Any:
    """The document; stricter than Python's own reader: UTF-8 only, no NaN."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except RecursionError:
        raise Undecodable("the JSON is nested too deeply") from None
    except ValueError as error:
        raise Undecodable(f"not JSON: {error}") from None


def encode(document: Any) -> bytes:
    """A parsed document as a request in protobuf."""
    try:
        return _REQUEST(document)
    except RecursionError:
        raise Undecodable("the JSON is nested too deeply") from None
    except (NotInFormat, ValueError, OverflowError) as error:
        raise Undecodable(f"not OTLP/JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_NO_ID = b"\xff"  # of no valid length, so that this span alone is refused
_UINT32 = (0, 2**32 - 1)


def _any_value(value: Any) -> bytes:
    return _ANY_VALUE(value)


_KEY_VALUE = message({"key": text(1), "value": one(2, _any_value)})
_ANY_VALUE = message(
    {
        "string_value": text(1),
        "bool_value": boolean(2),
        "int_value": integer(3, -(2**63), 2**63 - 1),
        "double_value": double(4),
        "array_value": one(5, message({"values": many(1, _any_value)})),
        "kvlist_value": one(6, message({"values": many(1, _KEY_VALUE)})),
        "bytes_value": base64_bytes(7),
    },
    oneof=True,
)
_ATTRIBUTES = _KEY_VALUE
_EVENT = message(
    {
        "time_unix_nano": fixed(1, "<Q"),
        "name": text(2),
        "attributes": many(3, _ATTRIBUTES),
        "dropped_attributes_count": integer(4, *_UINT32),
    }
)
_LINK = message(
    {
        "trace_id": hexadecimal(1, b""),
        "span_id": hexadecimal(2, b""),
        "trace_state": text(3),
        "attributes": many(4, _ATTRIBUTES),
        "dropped_attributes_count": integer(5, *_UINT32),
        "flags": fixed(6, "<I"),
    }
)
_SPAN = message(
    {
        "trace_id": hexadecimal(1, _NO_ID),
        "span_id": hexadecimal(2, _NO_ID),
        "trace_state": text(3),
        "parent_span_id": hexadecimal(4, _NO_ID),
        "name": text(5),
        "kind": enum(6, dict(Span.SpanKind.items())),
        "start_time_unix_nano": fixed(7, "<Q"),
        "end_time_unix_nano": fixed(8, "<Q"),
        "attributes": many(9, _ATTRIBUTES),
        "dropped_attributes_count": integer(10, *_UINT32),
        "events": many(11, _EVENT),
        "dropped_events_count": integer(12, *_UINT32),
        "links": many(13, _LINK),
        "dropped_links_count": integer(14, *_UINT32),
        "status": one(
            15,
            message({"message": text(2), "code": enum(3, dict(Status.StatusCode.items()))}),
        ),
        "flags": fixed(16, "<I"),
    }
)
_SCOPE = message(
    {
        "name": text(1),
        "version": text(2),
        "attributes": many(3, _ATTRIBUTES),
        "dropped_attributes_count": integer(4, *_UINT32),
    }
)
_RESOURCE = message(
    {"attributes": many(1, _ATTRIBUTES), "dropped_attributes_count": integer(2, *_UINT32)}
)
_SCOPE_SPANS = message({"scope": one(1, _SCOPE), "spans": many(2, _SPAN), "schema_url": text(3)})
_RESOURCE_SPANS = message(
    {
        "resource": one(1, _RESOURCE),
        "scope_spans": many(2, _SCOPE_SPANS),
        "schema_url": text(3),
    }
)
_REQUEST = message({"resource_spans": many(1, _RESOURCE_SPANS)})
