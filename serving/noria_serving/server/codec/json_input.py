"""Predict requests in JSON: the signature's name, the form of the answer, and the input tensors.

Tensors are built in bulk. Only where that fails does `json_fault` walk the values for the original's words.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from enum import Enum, auto
from itertools import chain
from typing import Any

import numpy as np
from tensorflow.core.framework import types_pb2

from noria_serving.server.codec import json_fault, json_plain
from noria_serving.server.codec.dtype import KINDS, Kind
from noria_serving.server.codec.json_debug import debug_string
from noria_serving.server.codec.json_document import encoded, is_named, parse, unbase64
from noria_serving.server.codec.json_reader import Object, Repeated, firsts, members
from noria_serving.server.codec.tensor_proto import Array, shaped
from noria_serving.server.status import ServingError, invalid_argument

Types = Mapping[str, int]
"""The DataType of each input of a signature."""
_DECIMALS = {types_pb2.DT_FLOAT: np.float32, types_pb2.DT_DOUBLE: np.float64}
_WIDTH = {types_pb2.DT_INT64: np.int64, types_pb2.DT_UINT64: np.uint64, types_pb2.DT_UINT32: np.uint32}
_SMALL = (types_pb2.DT_INT32, types_pb2.DT_INT16, types_pb2.DT_INT8, types_pb2.DT_UINT8)


class Form(Enum):
    """How inputs came, and so how outputs go."""

    ROWS = auto()
    COLUMNS = auto()


class Odd(Exception):
    """The values are no tensor of that type; json_fault says why."""


def predict_request(body: bytes, types_of: Callable[[str], Types]) -> tuple[str, Form, dict[str, Array]]:
    """Signature name ("" for the default), form and inputs. `types_of` is asked for the signature's inputs."""
    plain = _plain_request(body, types_of) if json_plain.is_worthwhile(body) else None
    return plain or _any_request(body, types_of)


def _plain_request(body: bytes, types_of: Callable[[str], Types]) -> tuple[str, Form, dict[str, Array]] | None:
    """One array of numbers, where that is all there is to the request and it suits the signature."""
    found = json_plain.read(body)
    types = types_of(found.signature) if found else {}
    if found is None or len(types) != 1:
        return None
    ((name, number),) = types.items()
    try:
        array = shaped(_converted(found.leaves, _kind(number)), found.shape)
    except Odd:
        return None
    return found.signature, Form.ROWS if found.key == "instances" else Form.COLUMNS, {name: array}


def _any_request(body: bytes, types_of: Callable[[str], Types]) -> tuple[str, Form, dict[str, Array]]:
    document = parse(body)
    name = signature_name(document)
    types = types_of(name)
    if not types:
        raise invalid_argument(f"Failed to get input map for signature: {name or 'DEFAULT'}")
    values = firsts(document)
    if "instances" in values:
        return name, Form.ROWS, _rows(document, values, types)
    if "inputs" in values:
        return name, Form.COLUMNS, _columns(values["inputs"], types)
    raise invalid_argument("Missing 'inputs' or 'instances' key")


def signature_name(document: Object) -> str:
    """The document's `signature_name`, "" where it has none."""
    name = firsts(document).get("signature_name", "")
    if not isinstance(name, str):
        shown = debug_string(document)
        raise invalid_argument(
            f"JSON Value: {shown} not formatted correctly. 'signature_name' key must be a string value."
        )
    return name


def _rows(document: Object, values: Mapping[str, Any], types: Types) -> dict[str, Array]:
    rows = values["instances"]
    if "inputs" in values:
        text = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        raise invalid_argument(f"JSON Value: {debug_string(document)} {text}")
    if type(rows) is not list:
        raise invalid_argument(f"JSON Value: {debug_string(document)} Expecting 'instances' to be an list/array")
    if not rows:
        raise invalid_argument(f"JSON Value: {debug_string(document)} No values in 'instances' array")
    if not isinstance(rows[0], dict | Repeated) and len(types) > 1:
        text = "instances is a plain list, but expecting list of objects as multiple input tensors required"
        raise invalid_argument(f"{text} as per tensorinfo_map")
    try:
        return _row_tensors(rows, types)
    except Odd:
        raise json_fault.of_rows(rows, types) from None


def _row_tensors(rows: list[Any], types: Types) -> dict[str, Array]:
    if not is_named(rows[0]):
        name, number = next(iter(sorted(types.items())))
        return {name: tensor(rows, number)}
    names = types.keys()
    if all(type(row) is dict and row.keys() == names for row in rows):
        return {name: tensor([row[name] for row in rows], number) for name, number in types.items()}
    if all(is_named(row) and firsts(row).keys() == names for row in rows):
        return {name: _repeated_tensor(rows, name, number) for name, number in types.items()}
    raise Odd


def _repeated_tensor(rows: Collection[Object], name: str, number: int) -> Array:
    """The tensor of rows that repeat names: as in the original every value is added, and the first ones fill it."""
    return tensor([value for row in rows for key, value in members(row) if key == name], number)[: len(rows)]


def _columns(value: Any, types: Types) -> dict[str, Array]:
    if is_named(value):
        values = firsts(value)
        return {name: _column(values, name, types[name]) for name in sorted(types)}
    if len(types) > 1:
        text = "inputs is a plain value/list, but expecting an object as multiple input tensors required"
        raise invalid_argument(f"{text} as per tensorinfo_map")
    ((name, number),) = types.items()
    return {name: _tensor_or_fault(value, number)}


def _column(value: Mapping[str, Any], name: str, number: int) -> Array:
    if name not in value:
        raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
    return _tensor_or_fault(value[name], number)


def _tensor_or_fault(value: Any, number: int) -> Array:
    try:
        return tensor(value, number)
    except Odd:
        raise json_fault.of_value(value, number) from None


def tensor(value: Any, number: int) -> Array:
    """The tensor that nested lists spell. Raises Odd where they spell none of this type."""
    shape, leaves = _flattened(value)
    return shaped(_converted(leaves, _kind(number)), shape)


def _kind(number: int) -> Kind:
    kind = KINDS.get(number)
    if kind is None:
        raise Odd
    return kind


def _flattened(value: Any) -> tuple[tuple[int, ...], list[Any]]:
    shape: list[int] = []
    leaves = [value]
    while leaves and type(leaves[0]) is list:
        size = len(leaves[0])
        if set(map(type, leaves)) != {list} or set(map(len, leaves)) != {size}:
            raise Odd
        shape.append(size)
        leaves = list(chain.from_iterable(leaves))
    return tuple(shape), leaves


def _converted(leaves: list[Any], kind: Kind) -> Array:
    if not leaves:
        return np.empty(0, kind.numpy)
    types = set(map(type, leaves))
    if kind.number in _DECIMALS and types <= {float, int}:
        return _decimals(leaves, kind)
    if kind.field == "string_val" and types <= {str, dict}:
        return _strings(leaves)
    if kind.numpy.kind == "b" and types <= {bool}:
        return np.array(leaves, np.bool_)
    if (kind.number in _WIDTH or kind.number in _SMALL) and types <= {int}:
        return _integers(leaves, kind)
    raise Odd


def _decimals(leaves: list[Any], kind: Kind) -> Array:
    """Integers too go through 64 bits to 32; what is too large for them is infinite."""
    with np.errstate(over="ignore"):
        return np.array(leaves, np.float64).astype(_DECIMALS[kind.number], copy=False)


def _integers(leaves: list[Any], kind: Kind) -> Array:
    try:
        values = np.array(leaves, _WIDTH.get(kind.number, np.int32))
    except OverflowError:
        raise Odd from None
    return values.astype(kind.numpy, copy=False)


def _strings(leaves: list[Any]) -> Array:
    values = np.empty(len(leaves), object)
    try:
        values[:] = _bytes(leaves)
    except (ServingError, UnicodeEncodeError):
        raise Odd from None
    return values


def _bytes(leaves: list[Any]) -> list[bytes]:
    with suppress(TypeError, UnicodeEncodeError):  # where not all are plain text, as they mostly are
        return list(map(str.encode, leaves))
    return [encoded(leaf) if type(leaf) is str else unbase64(leaf) for leaf in leaves]
