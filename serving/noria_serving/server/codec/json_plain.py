"""Reads a predict request that is one array of numbers, without a Python list for every row. Used by
`codec.json_input`.

The brackets are looked at apart from the numbers: they must outline an array, and no number may stand where a comma
belongs. Whatever is not so plain is left to `json_document`.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from noria_serving.server.codec.tensor_proto import MOST_DIMENSIONS

_BLANKS = b" \t\r\n"
_START = re.compile(
    rb'\s*\{\s*(?:"signature_name"\s*:\s*"([\w./-]*)"\s*,\s*)?"(instances|inputs)"\s*:\s*(?=\[)'.replace(
        rb"\s", rb"[ \t\r\n]"
    )
)
_NUMBER = b"+-.0123456789Ee"
_OUTLINED = bytes.maketrans(_NUMBER, b"0" * len(_NUMBER))
_LEAST_LISTS, _MOST_BYTES = 128, 30
"""Lists in a request, and bytes of each, where it takes less time to look at brackets than to make the lists."""


@dataclass(frozen=True)
class Plain:
    """What a request says."""

    signature: str
    """The signature's name, "" for the default."""
    key: str
    """`instances` or `inputs`."""
    shape: tuple[int, ...]
    leaves: list[Any]
    """Integers and floats, row by row."""


def is_worthwhile(body: bytes) -> bool:
    """Whether there may be so many short lists in it that `read` saves time, as in an image."""
    return body.count(b"[") > max(_LEAST_LISTS, len(body) // _MOST_BYTES)


def read(body: bytes) -> Plain | None:
    """The request; none where it is anything but one array of numbers, valid or not."""
    start, end = _START.match(body), body.rfind(b"]") + 1
    if start is None or body[end:].strip(_BLANKS) != b"}":
        return None
    text = body[start.end() : end]
    outline = text.translate(_OUTLINED, _BLANKS)
    shape = _shape(outline.translate(None, b"0"))
    if shape is None or _is_askew(outline):
        return None
    try:
        leaves = orjson.loads(b"[" + text.translate(None, b"[]") + b"]")
    except orjson.JSONDecodeError:
        return None
    if len(leaves) != math.prod(shape):
        return None
    return Plain((start[1] or b"").decode(), start[2].decode(), shape, leaves)


def _is_askew(outline: bytes) -> bool:
    """Whether a number follows on a closing bracket or comes before an opening one. By numpy: `in` is slower."""
    codes = np.frombuffer(outline, np.uint8)
    left, right = codes[:-1], codes[1:]
    return bool(((left == ord("]")) & (right == ord("0")) | (left == ord("0")) & (right == ord("["))).any())


def _shape(outline: bytes) -> tuple[int, ...] | None:
    """Of brackets and commas alone; none where they are no array's. The first row of each depth tells the size."""
    rank = len(outline) - len(outline.lstrip(b"["))
    if rank > MOST_DIMENSIONS:
        return None
    shape: tuple[int, ...] = ()
    row = b""
    for depth in range(1, rank + 1):
        length = outline.find(b"]" * depth) + 2 * depth - rank
        size = (length - 1) // (len(row) + 1)
        if size < 1:
            return None
        row = b"[" + ((row + b",") * size)[:-1] + b"]"
        shape = (size, *shape)
    return shape if row == outline else None
