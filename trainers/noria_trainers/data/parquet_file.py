"""Rows of a Parquet file: numbers and texts, unchanged. Used by `row_file`."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data.file_rows import FileRows, check_names

MOST_CELLS = 1 << 32
"""A few kilobytes can claim billions of equal values."""
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def read(path: Path, file: str) -> FileRows:
    """All rows; `file` is how to call it. Raises StepError or what pyarrow raises of a damaged file."""
    with pq.ParquetFile(path) as found:
        names = found.schema_arrow.names
        check_names(names, file)
        if found.metadata.num_rows * max(1, len(names)) > MOST_CELLS:
            message = f"{file} has {found.metadata.num_rows:,} rows of {len(names):,} columns, more than can be read"
            raise StepError(ExitCode.BAD_DATA, "TooLarge", f"{message}: use a part of it")
        table = found.read(use_threads=False)
    columns: dict[str, pa.ChunkedArray] = {}
    unusable: dict[str, str] = {}
    for each in table.schema:
        column = _plain(table[each.name])
        if column is None:
            unusable[each.name] = str(each.type)
        else:
            columns[each.name] = column
    numbers = np.arange(1, len(table) + 1)
    return FileRows(pa.table(columns), numbers, unusable=unusable)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as int64, float64 or string, a NaN being a missing value; none where it is none of these.

    Bytes are a text where they are UTF-8: some programs write texts so.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type))
    if pa.types.is_nested(kind) or _is_bytes(kind):
        return None
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _plain(_decoded(column))
    try:
        return _cast(column)
    except pa.ArrowException:
        return None


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_fixed_size_binary(kind)) and not pa.types.is_decimal(kind)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return pc.run_end_decode(column)


def _cast(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_duration(kind):
        return pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), _PER_SECOND[kind.unit])
    if pa.types.is_integer(kind):
        whole = kind != pa.uint64() or (pc.max(column).as_py() or 0) < 1 << 63
        return column.cast(pa.int64() if whole else pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = column.cast(pa.float64(), safe=False)
        return pc.if_else(pc.is_nan(values), None, values)
    return column.cast(pa.string())
