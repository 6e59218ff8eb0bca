"""Rows of several requests as one set of tensors, and the outputs as rows again. Pure. Used by `batching.batcher`.

Source: tensorflow_serving/batching/batching_session.cc.
"""

from collections.abc import Sequence

import numpy as np

from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.status import Code, ServingError, invalid_argument

Arrays = Sequence[Array]
MOST_PADDED_DIMENSIONS = 6


def row_count(inputs: Arrays) -> int:
    """The rows that all inputs of one request have. Raises ServingError where they differ."""
    sizes = set()
    for array in inputs:
        if array.ndim == 0:
            raise invalid_argument("Batching Run() input tensors must have at least one dimension")
        sizes.add(len(array))
    if len(sizes) > 1:
        raise invalid_argument("Batching Run() input tensors must have equal 0th-dimension size")
    return sizes.pop() if sizes else 0


def joined(requests: Sequence[Arrays], filler: int, *, pads: bool, names: Sequence[str]) -> list[Array]:
    """Each input of all requests end to end, then `filler` copies of the first row. Raises ServingError."""
    return [
        _joined(column, filler, pads=pads, name=name)
        for column, name in zip(zip(*requests, strict=True), names, strict=True)
    ]


def _joined(arrays: Arrays, filler: int, *, pads: bool, name: str) -> Array:
    shapes = {array.shape[1:] for array in arrays}
    if len(shapes) > 1:
        if not pads or len({len(shape) for shape in shapes}) > 1:
            raise _unequal(name, pads)
        if arrays[0].ndim > MOST_PADDED_DIMENSIONS:
            raise invalid_argument("Only tensors with rank from 1 to 6 can be padded.")
        longest = np.max([array.shape[1:] for array in arrays], axis=0)
        arrays = [_padded(array, longest) for array in arrays]
    copies = [np.repeat(arrays[0][:1], filler, axis=0)] if filler else []
    return np.concatenate([*arrays, *copies]) if len(arrays) + len(copies) > 1 else arrays[0]


def _unequal(name: str, pads: bool) -> ServingError:
    if pads:
        return invalid_argument(f"Tensors with name '{name}' from different tasks have different ranks")
    text = (
        f"Tensors with name '{name}' from different tasks have different shapes and padding is turned off. "
        "Set pad_variable_length_inputs to true, or ensure that all tensors with the same name have equal dimensions "
        "starting with the first dim."
    )
    return ServingError(Code.FAILED_PRECONDITION, text)


def _padded(array: Array, longest: Sequence[int]) -> Array:
    """Filled up with the array's first value."""
    if not array.size and len(array) * np.prod(longest):
        raise invalid_argument("Got empty tensor in batch of non-empty tensors.")
    whole = np.full((len(array), *longest), array.flat[0] if array.size else 0, array.dtype)
    whole[tuple(slice(size) for size in array.shape)] = array
    return whole


def divided(outputs: Arrays, sizes: Sequence[int], total: int) -> list[list[Array]]:
    """The outputs of each request, of `total` rows that ran. Raises ServingError where outputs are not rows."""
    for array in outputs:
        if array.ndim == 0:
            raise ServingError(Code.FAILED_PRECONDITION, "Batched output tensor has 0 dimensions")
        if len(array) != total:
            text = (
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input"
            )
            raise ServingError(Code.FAILED_PRECONDITION, f"{text} tensors")
    ends = np.cumsum(sizes)
    return [[array[end - size : end] for array in outputs] for size, end in zip(sizes, ends, strict=True)]
