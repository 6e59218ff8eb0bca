"""Arrays as TensorProto messages and back. Used by `rpc`."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from noria_client import wire
from noria_client.error import AnswerError
from noria_client.metadata import KINDS, NAMES

_BFLOAT16 = 14
_LITTLE: Final = "<"


def to_message(array: NDArray[Any], dtype: str) -> Any:
    """A Tensor of a TensorFlow type, such as DT_FLOAT, with the array's shape."""
    number, kind, _ = KINDS[dtype]
    shape = {"dim": [{"size": size} for size in array.shape]}
    if dtype == "DT_STRING":
        texts = [each if isinstance(each, bytes) else str(each).encode("utf-8", "replace") for each in array.flat]
        return wire.message("Tensor", dtype=number, tensor_shape=shape, string_val=texts)
    content = np.ascontiguousarray(array, np.dtype(kind).newbyteorder(_LITTLE)).tobytes()
    return wire.message("Tensor", dtype=number, tensor_shape=shape, tensor_content=content)


def from_message(message: Any) -> NDArray[Any]:
    """The array of a Tensor; bytes stay bytes, bfloat16 becomes float32. Raises AnswerError."""
    shape = tuple(each.size for each in message.tensor_shape.dim)
    if message.dtype == _BFLOAT16:
        halves = _values(message, np.dtype(np.uint16), "half_val")
        return _shaped((halves.astype(np.uint32) << 16).view(np.float32), shape)
    if message.dtype not in NAMES:
        raise AnswerError(f"an output has TensorFlow's type {message.dtype}, which cannot be read: ask over REST")
    _, kind, field = KINDS[NAMES[message.dtype]]
    if kind is np.object_:
        texts = np.empty(len(message.string_val), object)
        texts[:] = list(message.string_val)
        return _shaped(texts, shape)
    return _shaped(_values(message, np.dtype(kind), field), shape)


def _values(message: Any, kind: np.dtype[Any], field: str) -> NDArray[Any]:
    """As they lie in the message, [n]."""
    if message.tensor_content:
        return np.frombuffer(message.tensor_content, kind.newbyteorder(_LITTLE)).astype(kind)
    parts: Mapping[str, Any] = {"half_val": np.uint16, "scomplex_val": np.float32, "dcomplex_val": np.float64}
    found = np.asarray(getattr(message, field), parts.get(field, kind))
    return found.view(kind) if field in parts else found


def _shaped(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Of this shape; the last value stands for those that were left out, none at all for zeros."""
    size = math.prod(shape)
    if 0 < len(values) < size:
        values = np.concatenate([values, np.repeat(values[-1:], size - len(values))])
    if len(values) == 0:
        values = np.full(size, b"", object) if values.dtype == object else np.zeros(size, values.dtype)
    if len(values) != size:
        raise AnswerError(f"an output has {len(values)} values for the shape {list(shape)}")
    return values.reshape(shape)
