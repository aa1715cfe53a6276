"""Protobuf requests whose strings aren't UTF-8: what isn't text is replaced, nothing is lost.

Protobuf's parsers refuse such a message as a whole. So the request is read with a copy of OTLP's
descriptors in which every string is bytes (the same on the wire), mended and written again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_STRING = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
_BYTES = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES


def with_valid_text(body: bytes) -> bytes:
    """The same request with U+FFFD where a string isn't UTF-8; may raise DecodeError."""
    request = _stringless_request()()
    request.ParseFromString(body)
    _mend(request, ExportTraceServiceRequest.DESCRIPTOR)
    return request.SerializeToString()


@cache
def _stringless_request() -> type[Message]:
    pool = descriptor_pool.DescriptorPool()
    _add(pool, trace_service_pb2.DESCRIPTOR, set())
    name = ExportTraceServiceRequest.DESCRIPTOR.full_name
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def _add(pool: descriptor_pool.DescriptorPool, file: Any, done: set[str]) -> None:
    if file.name in done:
        return
    done.add(file.name)
    for dependency in file.dependencies:
        _add(pool, dependency, done)
    copy = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(copy)
    _without_strings(copy.message_type)
    pool.Add(copy)


def _without_strings(messages: Any) -> None:
    for message in messages:
        for field in message.field:
            if field.type == _STRING:
                field.type = _BYTES
        _without_strings(message.nested_type)


def _mend(message: Any, original: Descriptor) -> None:
    for field, value in message.ListFields():
        was = original.fields_by_name[field.name]
        if was.type == FieldDescriptor.TYPE_STRING:
            if isinstance(value, bytes):
                setattr(message, field.name, _text(value))
            else:
                value[:] = [_text(item) for item in value]
        elif was.message_type is not None:
            for item in [value] if isinstance(value, Message) else value:
                _mend(item, was.message_type)


def _text(value: bytes) -> bytes:
    return value.decode("utf-8", "replace").encode()
