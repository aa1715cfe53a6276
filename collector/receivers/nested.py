"""Nested attribute values (arrays, maps) become JSON text: the engine's reader knows no recursion.

The text is what the OpenTelemetry Collector's exporters store of such values: compact JSON, keys
sorted, bytes in base64. Bytes that stand alone are base64 without quotes; the engine does that.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

# Bytes of the wire: KeyValue.value, AnyValue.array_value, AnyValue.kvlist_value.
_VALUE, _ARRAY, _MAP = 0x12, 0x2A, 0x32


def may_hold(body: bytes) -> bool:
    """Whether a request may hold a nested value; wrongly true for one of thousands.

    Looks for a value's tag whose length is followed by an array's or a map's tag and a length that
    fits, in all bytes at once: looking at each attribute would take some thirty times as long.
    """
    wire = np.frombuffer(body, np.uint8)
    at = np.flatnonzero(wire[:-3] == _VALUE) if len(wire) > 3 else np.empty(0, np.intp)
    length, tag = wire[at + 1], wire[at + 2]
    short = ((tag == _ARRAY) | (tag == _MAP)) & (wire[at + 3] == length - np.uint8(2))
    if bool((short & (length >= 2)).any()):
        return True
    for places in (2, 3, 4):  # the bytes of a longer length
        at = at[wire[at + places - 1] >= 0x80]
        at = at[at + places + 2 < len(wire)]
        tag, inner = wire[at + places + 1], wire[at + places + 2] & 0x7F
        # The lowest bits of both lengths: they differ by the tag and the inner one's own bytes.
        outer = wire[at + 1] & 0x7F
        fits = [inner == (outer - np.uint8(1 + own)) & 0x7F for own in (places, places - 1)]
        if bool((((tag == _ARRAY) | (tag == _MAP)) & (fits[0] | fits[1])).any()):
            return True
    return False


def as_text(request: ExportTraceServiceRequest) -> int:
    """Replace nested values by their JSON text, in place; how many there were."""
    found = 0
    for attributes in _places(request):
        for attribute in attributes:
            kind = attribute.value.WhichOneof("value")
            if kind in ("array_value", "kvlist_value"):
                attribute.value.string_value = _json(attribute.value)
                found += 1
    return found


def _places(request: ExportTraceServiceRequest) -> Iterator[Iterable[KeyValue]]:
    """Every list of attributes in a request."""
    for resource in request.resource_spans:
        yield resource.resource.attributes
        for scope in resource.scope_spans:
            yield scope.scope.attributes
            for span in scope.spans:
                yield span.attributes
                yield from (event.attributes for event in span.events)
                yield from (link.attributes for link in span.links)


def _json(value: AnyValue) -> str:
    return json.dumps(
        _plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )


def _plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: _plain(item.value) for item in value.kvlist_value.values}
    held = getattr(value, kind)
    if kind == "bytes_value":
        return base64.b64encode(held).decode()
    if kind == "double_value" and not math.isfinite(held):
        return str(held)  # JSON has no number for it
    return held
