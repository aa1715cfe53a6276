"""How a batch of OTLP bytes becomes one INSERT into the Null table `otlp`."""

from __future__ import annotations

import struct
from functools import cache
from importlib import resources

FORMAT = "ProtobufSingle"
_RECEIVED_AT = 1000  # field number of `received_at` in otlp.proto


@cache
def insert_statement() -> str:
    """The INSERT (without FORMAT) whose data is a joined OTLP request in protobuf."""
    proto = resources.files(__package__).joinpath("otlp.proto").read_text("utf-8")
    lines = (line.partition("//")[0].strip() for line in proto.splitlines())
    text = " ".join(line for line in lines if line)
    return (
        "INSERT INTO otlp SETTINGS format_schema_source = 'string', "
        f"format_schema = '{text}', format_schema_message_name = 'ExportTraceServiceRequest', "
        "input_format_protobuf_oneof_presence = 1, "
        # The views' layers as they are: merging them takes longer than a small batch itself.
        "query_plan_merge_expressions = 0"
    )


def received_at(unix_ns: int) -> bytes:
    """The protobuf field that stamps a batch: append it behind the joined requests.

    Protobuf messages concatenate (the encoding guide's "last one wins"), so one stamp at the end
    holds for the whole batch.
    """
    return _varint(_RECEIVED_AT << 3 | 1) + struct.pack("<Q", unix_ns)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
