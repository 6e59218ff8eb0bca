"""A TensorProto is read as TensorFlow itself reads it, whatever is in it."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto

from noria_serving.server.codec.dtype import KINDS, STRING, Kind
from noria_serving.server.codec.tensor_proto import to_array
from noria_serving.server.status import ServingError

SHAPES = [(), (0,), (1,), (2,), (4,), (2, 2), (0, 3), (3, 0)]
LISTED: dict[str, list[Any]] = {
    "string_val": [b"a", b"", b"ccc", b"d", b"e"],
    "bool_val": [True, False, True, False, True],
    "half_val": [15360, 70000, 16896, 1, 2],
    "int_val": [1, 300, -70000, 4, 5],
}


def by_tensorflow(proto: TensorProto) -> Any:
    """The values, None where TensorFlow refuses the tensor."""
    try:
        return tf.io.parse_tensor(proto.SerializeToString(), proto.dtype).numpy()
    except tf.errors.InvalidArgumentError:
        return None


def by_us(proto: TensorProto) -> Any:
    try:
        return to_array(proto)
    except ServingError as error:
        return None if error.message == "tensor parsing error" else error


def is_same(proto: TensorProto) -> bool:
    expected, found = by_tensorflow(proto), by_us(proto)
    if expected is None or found is None:
        return expected is None and found is None
    expected = np.asarray(expected, found.dtype if found.dtype == object else None)
    if (expected.shape, expected.dtype) != (found.shape, found.dtype):
        return False
    return expected.tolist() == found.tolist() if found.dtype == object else expected.tobytes() == found.tobytes()


def listed(kind: Kind) -> Iterator[TensorProto]:
    """No values, one, fewer than there should be, as many, and more."""
    values = LISTED.get(kind.field, [1, 2, 3, 4, 5])
    for shape in SHAPES:
        for count in range(len(values) + 1):
            proto = TensorProto(dtype=kind.number, tensor_shape={"dim": [{"size": size} for size in shape]})
            getattr(proto, kind.field).extend(values[:count])
            yield proto


def packed(kind: Kind) -> Iterator[TensorProto]:
    """tensor_content of the right length, and of wrong ones; typed values beside it count for nothing."""
    for shape in SHAPES:
        count = math.prod(shape)
        content = b"\x01" * count + b"a" * count if kind is STRING else b"\x01" * count * kind.numpy.itemsize
        for given in (content, content[:-1], content + b"\x01", content + content):
            proto = TensorProto(dtype=kind.number, tensor_shape={"dim": [{"size": size} for size in shape]})
            proto.tensor_content = given
            getattr(proto, kind.field).extend(LISTED.get(kind.field, [1, 2])[:2])
            yield proto


@pytest.mark.parametrize("kind", KINDS.values(), ids=[kind.name for kind in KINDS.values()])
def test_it_is_read_as_tensorflow_reads_it(kind: Kind) -> None:
    assert [proto for proto in (*listed(kind), *packed(kind)) if not is_same(proto)] == []


@pytest.mark.parametrize(
    "proto",
    [
        TensorProto(dtype=tf.float32.as_datatype_enum, double_val=[1.0]),
        TensorProto(dtype=tf.float32.as_datatype_enum, float_val=[1.0], tensor_shape={"unknown_rank": True}),
        TensorProto(dtype=tf.float32.as_datatype_enum, tensor_shape={"dim": [{"size": -1}]}),
        TensorProto(dtype=tf.float32.as_datatype_enum, tensor_shape={"dim": [{"size": 2**40}] * 2}),
        TensorProto(dtype=tf.bool.as_datatype_enum, tensor_content=b"\x02"),
    ],
    ids=["values of another type", "unknown rank", "negative size", "too large", "neither true nor false"],
)
def test_what_is_odd_is_as_odd_to_tensorflow(proto: TensorProto) -> None:
    assert is_same(proto)
