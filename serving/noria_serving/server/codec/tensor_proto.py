"""TensorProto to numpy and back, in bulk.

A packed field's bytes on the wire are the little-endian array itself, so large outputs are copied and never walked.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from tensorflow.core.framework.tensor_pb2 import TensorProto

from noria_serving.server.codec.dtype import KINDS, KINDS_BY_NUMPY, STRING, Kind, varint
from noria_serving.server.status import ServingError, invalid_argument

Array = NDArray[np.generic]
MOST_DIMENSIONS = 64
"""Of an array of numpy; TensorFlow itself has 254."""
MOST_FILLED_BYTES = 2**28
"""Of a tensor of which only the first values are sent: a message of a few bytes must not take a server's memory."""


def to_array(proto: TensorProto) -> Array:
    """The tensor's values as TensorFlow's Tensor::FromProto has them. Raises ServingError.

    A list that is too short is filled up with its last value, or with zeros; what is too much of a list is ignored.
    Of a tensor without values all is ignored but type and shape, and unknown_rank always is.
    """
    kind = KINDS.get(proto.dtype)
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if kind is None or any(size < 0 for size in shape):
        raise _unparsable()
    count = math.prod(shape)
    by_content = count and proto.tensor_content
    return shaped(_content(kind, by_content, count) if by_content else _listed(kind, proto, count), shape)


def shaped(values: Array, shape: tuple[int, ...]) -> Array:
    """The values in a shape that fits. Raises ServingError where no array can have it."""
    if len(shape) > MOST_DIMENSIONS:
        raise invalid_argument(f"A tensor of {len(shape)} dimensions has too many: {MOST_DIMENSIONS} are possible")
    try:
        return values.reshape(shape)
    except ValueError:  # no values, but sides that are too large all the same
        raise _unparsable() from None


def _unparsable() -> ServingError:
    return invalid_argument("tensor parsing error")


def _content(kind: Kind, content: bytes, count: int) -> Array:
    if kind is STRING:
        return _strings(content, count)
    if len(content) != count * kind.numpy.itemsize:
        raise _unparsable()
    if kind.numpy == np.bool_ and not set(content) <= {0, 1}:
        raise _unparsable()
    return np.frombuffer(content, kind.numpy)


def _strings(content: bytes, count: int) -> Array:
    """`count` varint lengths, then the strings end to end."""
    lengths, at = [], 0
    for _ in range(count):
        length = shift = 0
        while True:
            if at >= len(content) or shift > 63:
                raise _unparsable()
            byte, at = content[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        lengths.append(length)
    if sum(lengths) != len(content) - at:
        raise _unparsable()
    values = np.empty(count, object)
    for index, length in enumerate(lengths):
        values[index], at = content[at : at + length], at + length
    return values


def _listed(kind: Kind, proto: TensorProto, count: int) -> Array:
    values = _field(kind, proto)
    if len(values) >= count:
        return values[:count]
    if count > np.iinfo(np.int64).max:
        raise _unparsable()
    if count * kind.numpy.itemsize > MOST_FILLED_BYTES:
        raise invalid_argument(f"A tensor of {count} values is more than may be sent as {len(values)}")
    filler: object = values[-1] if len(values) else b"" if kind is STRING else 0
    whole = np.full(count, filler, kind.numpy)
    whole[: len(values)] = values
    return whole


def _field(kind: Kind, proto: TensorProto) -> Array:
    values = getattr(proto, kind.field)
    if kind is STRING:
        strings = np.empty(len(values), object)
        strings[:] = values
        return strings
    if kind.field == "half_val":
        return np.asarray(values, np.uint16).view(kind.numpy)
    if kind.numpy.kind == "c":
        halves = np.float32 if kind.numpy == np.complex64 else np.float64
        return np.asarray(values, halves)[: len(values) // 2 * 2].view(kind.numpy)
    if kind.field == "int_val":
        return np.asarray(values, np.int32).astype(kind.numpy)
    return np.asarray(values, kind.numpy)


def to_bytes(array: Array, as_content: bool = False) -> bytes:
    """A serialized TensorProto with typed values, or with tensor_content. Raises ServingError for an unknown type."""
    kind = KINDS_BY_NUMPY.get(array.dtype)
    if kind is None:
        raise invalid_argument(f"Conversion of numpy type {array.dtype} to TensorProto")
    head = _head(kind, array.shape)
    if kind is STRING:
        return head + _string_field(array)
    if as_content:
        return head + b"\x22" + _delimited(array.tobytes())
    if array.size == 0:
        return head
    if kind.is_packed:
        return head + kind.tag + _delimited(array.tobytes())
    return head + _varint_field(kind, array)


@lru_cache(maxsize=4096)
def _head(kind: Kind, shape: tuple[int, ...]) -> bytes:
    proto = TensorProto(dtype=kind.number)
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return bytes(proto.SerializeToString())


def _delimited(data: bytes) -> bytes:
    return varint(len(data)) + data


def _string_field(array: Array) -> bytes:
    parts = []
    for value in array.ravel().tolist():
        data = value.encode() if isinstance(value, str) else value
        parts += [STRING.tag, varint(len(data)), data]
    return b"".join(parts)


def _varint_field(kind: Kind, array: Array) -> bytes:
    values = array.ravel().view(np.uint16) if kind.field == "half_val" else array.ravel()
    proto = TensorProto()
    getattr(proto, kind.field).extend(values.tolist())
    return bytes(proto.SerializeToString())
