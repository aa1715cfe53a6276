"""An engine's answer: Arrow bytes → a table whose strings are sure to be UTF-8."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

# What every connection sets, so that both engines answer alike: times in UTC, strings as strings,
# dictionaries flattened, nothing to decompress; and what makes planning cheaper.
SESSION: dict[str, str | int] = {
    "session_timezone": "UTC",
    "date_time_input_format": "best_effort",
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
    "output_format_arrow_compression_method": "none",
    # Looks for contradictions in every chain of conditions, over all pairs of them: in 26.9 that is
    # half of the time of planning the jobs, and they have none.
    "optimize_and_compare_chain": 0,
    # Looks for rows to replace within each block of an insert, row by row: half of an insert's
    # time, and there are hardly any. Reading and merging replace them anyway.
    "optimize_on_insert": 0,
    # With FINAL, rows that the sorting key rules out go before their other columns are read;
    # off by default. Finding the traces of a tick takes a quarter of the time.
    "optimize_move_to_prewhere_if_final": 1,
}


def read_table(data: bytes) -> pa.Table:
    """The table in `data` (Arrow's file format); no bytes, as after DDL, are an empty table.

    ClickHouse's strings are any bytes. What isn't UTF-8 gets U+FFFD, so that one odd span name
    can't take an answer away.
    """
    if not data:
        return pa.table({})
    table = pa.ipc.open_file(pa.py_buffer(data)).read_all()
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        columns = [_repaired(column) for column in table.columns]
        table = pa.table(columns, schema=table.schema)
    return table


def _repaired(column: pa.ChunkedArray) -> pa.ChunkedArray:
    raw = _binary(column.type)
    if raw == column.type:
        return column
    chunks = [
        pa.array(_decoded(chunk.view(raw).to_pylist()), type=column.type) for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, type=column.type)


def _binary(type_: pa.DataType) -> pa.DataType:
    """The type with bytes in place of strings, at any depth."""
    if pa.types.is_string(type_):
        return pa.binary()
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(_binary(type_.value_type)))
    if pa.types.is_map(type_):
        return pa.map_(
            type_.key_field.with_type(_binary(type_.key_type)),
            type_.item_field.with_type(_binary(type_.item_type)),
        )
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(_binary(field.type)) for field in type_.fields])
    return type_


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_decoded(item) for item in value)
    if isinstance(value, dict):
        return {name: _decoded(item) for name, item in value.items()}
    return value
