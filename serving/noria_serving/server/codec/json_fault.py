"""Says in TensorFlow Serving's words why JSON values are no tensor. Used by `codec.json_input`.

Source: FillTensorProto and AddInstanceItem in tensorflow_serving/util/json_tensor.cc.
"""

import math
from collections.abc import Mapping
from typing import Any

from tensorflow.core.framework import types_pb2

from noria_serving.server.codec.dtype import type_name
from noria_serving.server.codec.json_debug import debug_string, kind_of
from noria_serving.server.codec.json_document import is_named, unbase64
from noria_serving.server.codec.json_reader import Repeated, firsts, members
from noria_serving.server.status import Code, ServingError, invalid_argument

_INT32 = range(-(2**31), 2**31)
_RANGES = {
    types_pb2.DT_INT32: _INT32,
    types_pb2.DT_INT16: _INT32,
    types_pb2.DT_INT8: _INT32,
    types_pb2.DT_UINT8: _INT32,
    types_pb2.DT_INT64: range(-(2**63), 2**63),
    types_pb2.DT_UINT32: range(2**32),
    types_pb2.DT_UINT64: range(2**64),
}
_DECIMALS = (types_pb2.DT_FLOAT, types_pb2.DT_DOUBLE)


def of_value(value: Any, number: int) -> ServingError:
    """What is wrong with a value of the `inputs` form."""
    try:
        _walk(value, _shape(value), number)
    except ServingError as error:
        return error
    return invalid_argument(f"JSON Value: {debug_string(value)} is no tensor of type: {type_name(number)}")


def of_rows(rows: list[Any], types: Mapping[str, int]) -> ServingError:
    """What is wrong with the rows of the `instances` form: the first element at fault."""
    shapes: dict[str, list[int]] = {}
    named = is_named(rows[0])
    for index, row in enumerate(rows):
        if named != is_named(row):
            found = "object but got list" if named else "value/list but got object"
            return invalid_argument(f"Expecting {found} at item {index} of input list")
        items = members(row) if named else [(min(types), row)]
        for name, value in items:
            fault = _item_fault(value, name, types, shapes)
            if fault:
                key = f" key: {name}" if named else ""
                text = f"Failed to process element: {index}{key} of 'instances' list. Error: {fault}"
                return invalid_argument(text)
        if named and firsts(row).keys() != types.keys():
            text = f"Failed to process element: {index} of 'instances' list. JSON object: {debug_string(row)}"
            return invalid_argument(f"{text} keys must be equal to: {','.join(sorted(types))}")
    return invalid_argument("The rows are no tensor")


def _item_fault(value: Any, name: str, types: Mapping[str, int], shapes: dict[str, list[int]]) -> ServingError | None:
    if name not in types:
        return invalid_argument(f"JSON object: does not have named input: {name}")
    shape = _shape(value)
    try:
        _walk(value, shape, types[name])
    except ServingError as error:
        return error
    first = shapes.setdefault(name, shape)
    if math.prod(first) != math.prod(shape):
        return invalid_argument(f"Expecting tensor size: {math.prod(first)} but got: {math.prod(shape)}")
    if first != shape:
        return invalid_argument(f"Expecting shape {_shown(first)} but got: {_shown(shape)}")
    return None


def _shown(shape: list[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _shape(value: Any) -> list[int]:
    shape = []
    while type(value) is list:
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def _walk(value: Any, shape: list[int], number: int) -> None:
    """Raise for the first value at fault, in order."""
    rank, waiting = len(shape), [(value, 0)]
    while waiting:
        value, level = waiting.pop()
        if type(value) is not list:
            if level != rank:
                where = f"found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {rank}"
                raise invalid_argument(f"JSON Value: {debug_string(value)} {where}")
            _check_leaf(value, number)
            continue
        if level >= rank:
            raise invalid_argument(f"Encountered list at unexpected level: {level} expected < {rank}")
        if len(value) != shape[level]:
            text = f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
            raise invalid_argument(text)
        waiting += [(item, level + 1) for item in reversed(value)]


def _check_leaf(value: Any, number: int) -> None:
    if isinstance(value, dict | Repeated):
        if number != types_pb2.DT_STRING:
            raise _type_error(value, number)
        unbase64(value)
    elif number in _DECIMALS:
        if type(value) not in (int, float):
            raise _type_error(value, number)
    elif number in _RANGES:
        if type(value) is not int or value not in _RANGES[number]:
            raise _type_error(value, number)
    elif number in (types_pb2.DT_STRING, types_pb2.DT_BOOL):
        if type(value) is not (str if number == types_pb2.DT_STRING else bool):
            raise _type_error(value, number)
    else:
        text = f"Conversion of JSON Value: {debug_string(value)} to type: {type_name(number)}"
        raise ServingError(Code.UNIMPLEMENTED, text)


def _type_error(value: Any, number: int) -> ServingError:
    text = f"JSON Value: {debug_string(value)} Type: {kind_of(value)} is not of expected type: {type_name(number)}"
    return invalid_argument(text)
