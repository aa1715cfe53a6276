"""The outermost layer of a protobuf message: where each field starts and ends."""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def frames(body: bytes) -> Iterator[tuple[int, int]]:
    """(start, end) of each top-level field with its tag, in order.

    Raises ValueError where the fields don't sum to the length of the body: such a body, joined with
    others for a commit, would swallow the start of its neighbour.
    """
    size = len(body)
    position = 0
    while position < size:
        start = position
        tag, position = varint(body, position)
        wire_type = tag & 7
        if wire_type == _BYTES:
            length, position = varint(body, position)
            position += length
        elif wire_type == _VARINT:
            _, position = varint(body, position)
        elif wire_type == _FIXED64:
            position += 8
        elif wire_type == _FIXED32:
            position += 4
        else:
            raise ValueError(f"unknown wire type {wire_type}")
        if position > size or tag < 8:
            raise ValueError("a field is longer than the message")
        yield start, position


def varint(body: bytes, position: int) -> tuple[int, int]:
    """The number that starts at a position, and where it ends; ValueError if it is cut off."""
    value = shift = 0
    while position < len(body) and shift < 64:
        byte = body[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("a length is cut off")
