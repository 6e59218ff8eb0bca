"""Decimals as TensorFlow Serving writes them: six digits where they read back equal, else all, always with a point.

Source: WriteDecimal in tensorflow_serving/util/json_tensor.cc.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGITS = {np.dtype(np.float32): "%.9g", np.dtype(np.float64): "%.17g"}
_FEW = 16
_FLOAT = struct.Struct("f")


def decimals(array: NDArray[Any]) -> list[str]:
    """Every value of the array as a JSON token, in order."""
    values = array.ravel()
    listed = values.tolist()
    texts = [f"{value:g}" for value in listed]
    full = _DIGITS[values.dtype]
    for index in _changed(texts, listed, values):
        texts[index] = full % listed[index]
    return [_pointed(text) for text in texts]


def _changed(texts: list[str], listed: list[float], values: NDArray[Any]) -> list[int]:
    """Where six digits are not enough. In bulk for many values; for few, numpy costs more than it saves."""
    if len(texts) > _FEW:
        with np.errstate(over="ignore"):
            back = np.array(texts, np.float64).astype(values.dtype)
        return np.flatnonzero(back != values).tolist()
    narrow = _narrowed if values.dtype == np.float32 else float
    return [index for index, text in enumerate(texts) if narrow(text) != listed[index]]


def _narrowed(text: str) -> float:
    """The number as a float of 32 bits holds it."""
    try:
        return float(_FLOAT.unpack(_FLOAT.pack(float(text)))[0])
    except OverflowError:
        return float("inf")


def _pointed(text: str) -> str:
    if "." in text or "e" in text:
        return text
    if text[-1].isdigit():
        return text + ".0"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]
