"""Decimals as TensorFlow Serving writes them: six digits where they read back equal, else all, always with a point.

Source: WriteDecimal in tensorflow_serving/util/json_tensor.cc. Used by `json_output`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGITS = {np.dtype(np.float32): "%.9g", np.dtype(np.float64): "%.17g"}


def decimals(array: NDArray[Any]) -> list[str]:
    """Every value of the array as a JSON token, in order."""
    values = array.ravel()
    texts = [f"{value:g}" for value in values.tolist()]
    with np.errstate(over="ignore"):
        back = np.array(texts, np.float64).astype(values.dtype) if len(texts) > 8 else _read_back(texts, values.dtype)
    full = _DIGITS[values.dtype]
    for index in np.flatnonzero(back != values):
        texts[index] = full % values[index]
    return [_pointed(text) for text in texts]


def _read_back(texts: list[str], dtype: np.dtype) -> NDArray[Any]:
    return np.array([float(text) for text in texts], dtype)


def _pointed(text: str) -> str:
    if "." in text or "e" in text:
        return text
    if text[-1].isdigit():
        return text + ".0"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]
