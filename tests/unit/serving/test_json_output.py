"""Answers in JSON: outputs without rows or values, and types that JSON has no numbers for."""

import numpy as np
import pytest

from noria_serving.server.codec.json_output import columns, rows
from noria_serving.server.status import ServingError


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, object])
def test_no_values_have_a_text_whatever_their_type(dtype: type) -> None:
    assert rows({"y": np.empty((0, 3), dtype)}) == '{\n    "predictions": []\n}'
    assert rows({"y": np.empty((2, 0), dtype)}) == '{\n    "predictions": [[], []\n    ]\n}'
    assert columns({"y": np.empty((0, 3), dtype)}) == '{\n    "outputs": []\n}'


def test_outputs_without_rows_are_no_objects() -> None:
    assert rows({"y": np.empty(0), "z": np.empty((0, 1))}) == '{\n    "predictions": []\n}'
    with pytest.raises(ServingError, match="Tensor name: z has inconsistent batch size: 1 expecting: 0"):
        rows({"y": np.empty(0), "z": np.empty((1, 0))})


@pytest.mark.parametrize(("dtype", "name"), [(np.float16, "half"), (np.uint16, "uint16"), (np.complex64, "complex64")])
def test_types_without_json_numbers_are_refused(dtype: type, name: str) -> None:
    with pytest.raises(ServingError, match=f"Failed to write JSON value for tensor type: {name}$"):
        rows({"y": np.ones(1, dtype)})
