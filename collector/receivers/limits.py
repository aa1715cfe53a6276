"""What a span may be made of: how many attributes, how long a text. More is cut, and counted.

The order of magnitude is that no sane telemetry is touched, and that no mistake in one service
(a whole file as an attribute) can hurt the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_COLLECTIONS = ("ArrayValue", "KeyValueList")
_SMALLEST_ATTRIBUTE = 2  # bytes of an empty one


@dataclass(frozen=True)
class Limits:
    """The most that is stored of a request's parts; 0 is no limit."""

    max_attributes: int = 0
    """Of a span, event, link, scope or resource; the first ones stay."""
    max_value_bytes: int = 0
    """Of a text, an array, a map or bytes."""

    def hold(self, largest: int) -> bool:
        """Whether nothing needs to be cut where the largest span, scope or resource has so many
        bytes; may err on the side of False.
        """
        return not (self._too_many(largest) or self._too_long(largest))

    def cut(self, request: Message, largest: int) -> tuple[int, int]:
        """Cut what is over the limits, in place: (attributes, texts) that were."""
        cutting = _Cutting(self.max_attributes, self.max_value_bytes, self._too_long(largest))
        cutting.walk(request)
        return cutting.attributes, cutting.texts

    def _too_many(self, largest: int) -> bool:
        return 0 < self.max_attributes * _SMALLEST_ATTRIBUTE < largest

    def _too_long(self, largest: int) -> bool:
        return 0 < self.max_value_bytes < largest


class _Cutting:
    def __init__(self, max_attributes: int, max_value_bytes: int, into_texts: bool) -> None:
        self._max_attributes = max_attributes
        self._max_bytes = max_value_bytes
        self._into_texts = into_texts
        self.attributes = self.texts = 0

    def walk(self, message: Any) -> None:
        if message.DESCRIPTOR.name in _COLLECTIONS:
            self._shorten_collection(message)
        for field, value in message.ListFields():
            if field.name == "attributes":
                surplus = len(value) - self._max_attributes
                if self._max_attributes and surplus > 0:
                    del value[self._max_attributes :]
                    message.dropped_attributes_count += surplus
                    self.attributes += surplus
                if not self._into_texts:
                    continue
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                for item in [value] if isinstance(value, Message) else value:
                    self.walk(item)
            elif self._into_texts and isinstance(value, str | bytes):
                self._shorten(message, field.name, value)

    def _shorten(self, message: Any, name: str, value: str | bytes) -> None:
        encoded = value.encode() if isinstance(value, str) else value
        if len(encoded) <= self._max_bytes:
            return
        kept = encoded[: self._max_bytes]
        # Not in the middle of a character.
        setattr(message, name, kept.decode(errors="ignore") if isinstance(value, str) else kept)
        self.texts += 1

    def _shorten_collection(self, message: Any) -> None:
        if message.ByteSize() <= self._max_bytes:
            return
        size = kept = 0
        for item in message.values:
            size += item.ByteSize() + _SMALLEST_ATTRIBUTE
            if size > self._max_bytes:
                break
            kept += 1
        if kept < len(message.values):
            # One element that is too long alone stays, and is cut itself.
            del message.values[max(1, kept) :]
            self.texts += 1
