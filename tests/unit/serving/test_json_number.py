"""Decimals are written as the original writes them, and read back as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noria_serving.server.codec.json_number import decimals

FEW, MANY = 1, 40


@pytest.mark.parametrize("count", [FEW, MANY])
@pytest.mark.parametrize(
    ("value", "text32", "text64"),
    [
        (0.0, "0.0", "0.0"),
        (-0.0, "-0.0", "-0.0"),
        (1.0, "1.0", "1.0"),
        (0.2, "0.2", "0.2"),
        (9_000_000.0, "9e+06", "9e+06"),
        (0.00003, "3e-05", "3e-05"),
        (1 / 3, "0.333333343", "0.33333333333333331"),
        (1234567.0, "1234567.0", "1234567.0"),
        (3.4028234663852886e38, "3.40282347e+38", "3.4028234663852886e+38"),
        (1e-45, "1.4013e-45", "1e-45"),
        (np.inf, "Infinity", "Infinity"),
        (-np.inf, "-Infinity", "-Infinity"),
        (np.nan, "NaN", "NaN"),
    ],
)
def test_a_number_has_its_text(value: float, text32: str, text64: str, count: int) -> None:
    assert decimals(np.full(count, value, np.float32)) == [text32] * count
    assert decimals(np.full(count, value, np.float64)) == [text64] * count


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=MANY))
def test_floats_read_back_as_they_were(values: list[float]) -> None:
    array = np.array(values, np.float32)
    assert np.array([float(text) for text in decimals(array)], np.float32).tolist() == array.tolist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=MANY))
def test_doubles_read_back_as_they_were(values: list[float]) -> None:
    assert [float(text) for text in decimals(np.array(values, np.float64))] == values
