"""Tensor types: their numpy type and the TensorProto field that holds their values."""

from dataclasses import dataclass
from functools import lru_cache

import ml_dtypes
import numpy as np
from tensorflow.core.framework import types_pb2
from tensorflow.core.framework.tensor_pb2 import TensorProto


@dataclass(frozen=True)
class Kind:
    """A tensor type: enum value, numpy type, TensorProto field, and whether that field is packed little-endian."""

    number: int
    numpy: np.dtype
    field: str
    is_packed: bool = False

    @property
    def name(self) -> str:
        """As TensorFlow prints it: float, int32, string."""
        return type_name(self.number)

    @property
    def tag(self) -> bytes:
        """The wire tag of the field, length-delimited."""
        return _varint(TensorProto.DESCRIPTOR.fields_by_name[self.field].number << 3 | 2)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


varint = lru_cache(maxsize=4096)(_varint)
"""A number as protobuf's base 128 varint."""

_KINDS = [
    Kind(types_pb2.DT_FLOAT, np.dtype(np.float32), "float_val", True),
    Kind(types_pb2.DT_DOUBLE, np.dtype(np.float64), "double_val", True),
    Kind(types_pb2.DT_BOOL, np.dtype(np.bool_), "bool_val", True),
    Kind(types_pb2.DT_INT64, np.dtype(np.int64), "int64_val"),
    Kind(types_pb2.DT_UINT64, np.dtype(np.uint64), "uint64_val"),
    Kind(types_pb2.DT_UINT32, np.dtype(np.uint32), "uint32_val"),
    *(
        Kind(number, np.dtype(numpy), "int_val")
        for number, numpy in (
            (types_pb2.DT_INT32, np.int32),
            (types_pb2.DT_INT16, np.int16),
            (types_pb2.DT_INT8, np.int8),
            (types_pb2.DT_UINT16, np.uint16),
            (types_pb2.DT_UINT8, np.uint8),
        )
    ),
    Kind(types_pb2.DT_HALF, np.dtype(np.float16), "half_val"),
    Kind(types_pb2.DT_BFLOAT16, np.dtype(ml_dtypes.bfloat16), "half_val"),
    Kind(types_pb2.DT_COMPLEX64, np.dtype(np.complex64), "scomplex_val", True),
    Kind(types_pb2.DT_COMPLEX128, np.dtype(np.complex128), "dcomplex_val", True),
    Kind(types_pb2.DT_STRING, np.dtype(object), "string_val"),
]
KINDS = {kind.number: kind for kind in _KINDS}
"""By enum value, as in messages."""
KINDS_BY_NUMPY = {kind.numpy: kind for kind in _KINDS}
STRING = KINDS[types_pb2.DT_STRING]


def enum_name(dtype: np.dtype) -> str:
    """A type as its enum is called: DT_FLOAT."""
    return str(types_pb2.DataType.Name(KINDS_BY_NUMPY[dtype].number))


def type_name(number: int) -> str:
    """A type's name in an error text, also of a type that no codec knows."""
    try:
        return str(types_pb2.DataType.Name(number)).removeprefix("DT_").lower()
    except ValueError:
        return "unknown dtype enum"
