"""Tags of Jaeger and Zipkin → attributes, ids and status of OTLP, in its JSON shape."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from collector.receivers.json_fields import NotInFormat

_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_CODES = {"UNSET": 0, "OK": 1, "ERROR": 2}
_HEX = frozenset("0123456789abcdefABCDEF")
_NS = 1000  # in a microsecond
_LATEST_US = 2**64 // _NS - 1

# Of a resource, though an exporter that knows none put them on the span.
_OF_RESOURCE = {
    "deployment.environment",
    "deployment.environment.name",
    "host.name",
    "service.instance.id",
    "service.namespace",
    "service.version",
}


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes in OTLP's JSON shape; values of other than plain types become text."""
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"string_value": value}
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int):
        return {"int_value": value} if -(2**63) <= value < 2**63 else {"string_value": str(value)}
    if isinstance(value, float):
        return {"double_value": str(value)}
    if isinstance(value, bytes):
        return {"bytes_value": b64encode(value).decode()}
    return {"string_value": "" if value is None else str(value)}


def padded(value: Any, digits: int) -> str:
    """An id of so many hexadecimal digits; shorter ones are padded, as both systems do.

    What is no id, or too long, is returned as it is: the door refuses that span alone.
    """
    text = value if isinstance(value, str) else ""
    return text.lower().rjust(digits, "0") if text and _HEX.issuperset(text) else text or "-"


def parent(value: Any, own: str) -> str:
    """The id of a parent; empty if there is none, or if a span claims to be its own."""
    found = padded(value, 16) if value else ""
    return "" if found == own or not found.strip("0") else found


def nanoseconds(micros: Any) -> int:
    """Microseconds as a number or a text of one → nanoseconds; none and negative ones are 0."""
    if micros is None or micros == "":
        return 0
    try:
        number = int(micros)
    except (TypeError, ValueError, OverflowError):
        raise NotInFormat(f"{str(micros)[:40]!r} is no time in microseconds") from None
    return min(max(number, 0), _LATEST_US) * _NS


def kind(name: Any) -> int:
    """A kind's number by its name in any case; 0 for none and unknown ones."""
    return _KINDS.get(name.lower(), 0) if isinstance(name, str) else 0


def taken(tags: dict[str, Any], *names: str) -> str:
    """The text of the first of these tags that there is; all of them are gone then."""
    found = [str(tags.pop(name)) for name in names if name in tags]
    return found[0] if found else ""


def scope(tags: dict[str, Any]) -> dict[str, str]:
    """The instrumentation that made a span; its tags are gone then."""
    name = taken(tags, "otel.scope.name", "otel.library.name")
    version = taken(tags, "otel.scope.version", "otel.library.version")
    return {"name": name, "version": version} if name else {}


def of_resource(tags: dict[str, Any]) -> dict[str, Any]:
    """What tags say of the resource; they are gone then."""
    names = [name for name in tags if name in _OF_RESOURCE or name.startswith("telemetry.sdk.")]
    return {name: tags.pop(name) for name in names}


def status(tags: dict[str, Any], failed: bool, message: str) -> dict[str, Any]:
    """The status by OpenTelemetry's own tags, which are gone then, unless the span failed."""
    code = _CODES.get(taken(tags, "otel.status_code").upper().removeprefix("STATUS_CODE_"), 0)
    told = taken(tags, "otel.status_description")
    if failed or code == _CODES["ERROR"]:
        return {"code": _CODES["ERROR"], "message": told or message}
    return {"code": code} if code else {}
