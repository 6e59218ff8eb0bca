"""Output tensors as JSON text, laid out as TensorFlow Serving lays it out.

The layout is that of rapidjson's PrettyWriter with four blanks, where rows are written on one line.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring

import numpy as np
from tensorflow_serving.apis.classification_pb2 import ClassificationResult
from tensorflow_serving.apis.regression_pb2 import RegressionResult

from noria_serving.server.codec.dtype import KINDS_BY_NUMPY, type_name
from noria_serving.server.codec.json_number import decimals
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.status import invalid_argument

INDENT = "    "
_ESCAPE, _WITH_LETTER = re.compile(r"\\(?:u....|.)"), re.compile(r"[\x0b\x0e\x0f\x1a-\x1f]")
Outputs = Mapping[str, Array]


def rows(outputs: Outputs) -> str:
    """`{"predictions": [...]}`: one value, list or object per row. Raises ServingError where rows do not line up."""
    count = _row_count(outputs)
    if not count:
        return f'{{\n{INDENT}"predictions": []\n}}'
    columns = {name: _items(name, array, count) for name, array in outputs.items()}
    if len(columns) == 1:
        (items,) = columns.values()
        listed = ", ".join(items)
    else:
        listed = ",".join(
            _row_object(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
        )
    return f'{{\n{INDENT}"predictions": [{listed}\n{INDENT}]\n}}'


def _row_object(row: Mapping[str, str]) -> str:
    inner = ",".join(f"\n{INDENT * 3}{quoted(name)}: {value}" for name, value in row.items())
    return f"\n{INDENT * 2}{{{inner}\n{INDENT * 2}}}"


def _row_count(outputs: Outputs) -> int:
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    count: int | None = None
    for name, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if count is not None and len(array) != count:
            raise invalid_argument(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {count}")
        count = len(array)
    return count or 0


def _items(name: str, array: Array, count: int) -> list[str]:
    """The text of each row, on one line."""
    texts = _tokens(name, array, depth=3)
    for size in reversed(array.shape[1:]):
        if size == 0:
            return ["[]"] * count if array.ndim == 2 else _hollow(array.shape)
        texts = ["[" + ", ".join(texts[at : at + size]) + "]" for at in range(0, len(texts), size)]
    return texts


def _hollow(shape: Sequence[int]) -> list[str]:
    text = ""
    for size in reversed(shape[1:]):
        text = "[" + ", ".join([text] * size) + "]"
    return [text] * shape[0]


def columns(outputs: Outputs) -> str:
    """`{"outputs": ...}`: the one tensor, or an object of them, every value on a line of its own."""
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        return f'{{\n{INDENT}"outputs": {_spread(name, array, 1)}\n}}'
    members = (f"\n{INDENT * 2}{quoted(name)}: {_spread(name, array, 2)}" for name, array in outputs.items())
    return f'{{\n{INDENT}"outputs": {{{",".join(members)}\n{INDENT}}}\n}}'


def _spread(name: str, array: Array, depth: int) -> str:
    texts = _tokens(name, array, depth + array.ndim)
    if array.size == 0:
        return "[]" if array.ndim == 1 else _spread_empty(array.shape, depth)
    for level in range(array.ndim, 0, -1):
        size, inner, outer = array.shape[level - 1], INDENT * (depth + level), INDENT * (depth + level - 1)
        texts = [_lines(texts[at : at + size], inner, outer) for at in range(0, len(texts), size)]
    return texts[0]


def _spread_empty(shape: Sequence[int], depth: int) -> str:
    if shape[0] == 0:
        return "[]"
    return _lines([_spread_empty(shape[1:], depth + 1)] * shape[0], INDENT * (depth + 1), INDENT * depth)


def _lines(texts: Iterable[str], inner: str, outer: str) -> str:
    return "[" + ",".join(f"\n{inner}{text}" for text in texts) + f"\n{outer}]"


def _tokens(name: str, array: Array, depth: int) -> list[str]:
    """Every value as a JSON token, in order; `depth` places the lines of base64 objects."""
    kind = array.dtype.kind
    if not array.size:
        return []
    if array.dtype in (np.float32, np.float64):
        return decimals(array)
    if kind in "iu" and array.dtype != np.uint16:
        return [str(value) for value in array.ravel().tolist()]
    if kind == "b":
        return ["true" if value else "false" for value in array.ravel().tolist()]
    if kind == "O":
        return [_string(value, name.endswith("_bytes"), depth) for value in array.ravel().tolist()]
    found = KINDS_BY_NUMPY.get(array.dtype)
    raise invalid_argument(f"Failed to write JSON value for tensor type: {type_name(found.number if found else 0)}")


def _string(value: bytes | str, as_bytes: bool, depth: int) -> str:
    data = value.encode() if isinstance(value, str) else value
    if as_bytes:
        token = base64.b64encode(data).decode()
        return f'{{\n{INDENT * (depth + 1)}"b64": "{token}"\n{INDENT * depth}}}'
    return quoted(data.decode("utf-8", "surrogateescape"))


def classifications(result: ClassificationResult) -> str:
    """`{"results": [[[label, score], ...], ...]}`, one row per example."""
    rows = []
    for row in result.classifications:
        scores = decimals(np.array([found.score for found in row.classes], np.float32))
        pairs = (f"[{quoted(found.label)}, {score}]" for found, score in zip(row.classes, scores, strict=True))
        rows.append(f"[{', '.join(pairs)}]")
    return f'{{\n{INDENT}"results": [{", ".join(rows)}\n{INDENT}]\n}}'


def regressions(result: RegressionResult) -> str:
    """`{"results": [value, ...]}`, one per example."""
    values = decimals(np.array([found.value for found in result.regressions], np.float32))
    return f'{{\n{INDENT}"results": [{", ".join(values)}]\n}}'


def quoted(text: str) -> str:
    """A JSON string; bytes that are no UTF-8 stay what they are (`surrogateescape`)."""
    written = encode_basestring(text)
    if _WITH_LETTER.search(text):  # rapidjson's hexadecimal letters are large
        written = _ESCAPE.sub(lambda found: found[0][:2] + found[0][2:].upper(), written)
    return written


def error(message: str) -> str:
    """`{"error": ...}`, the body of every answer that is not OK."""
    return f'{{\n{INDENT}"error": {quoted(message)}\n}}'
