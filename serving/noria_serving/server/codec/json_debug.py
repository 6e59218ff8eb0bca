"""A JSON value as error texts show it: arrays on one line, and nothing more once there are 256 bytes.

Source: JsonValueToDebugString in tensorflow_serving/util/json_tensor.cc, which writes with rapidjson's PrettyWriter.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from noria_serving.server.codec.json_output import INDENT, quoted
from noria_serving.server.codec.json_reader import Repeated, members

MOST_BYTES = 256
_KINDS = {
    dict: "Object",
    Repeated: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
    type(None): "Null",
}
_LONGEST_DECIMAL, _SMALLEST_POINT = 21, -6
"""Where rapidjson begins to write exponents: digits before the point, and zeros after it."""


def debug_string(value: Any) -> str:
    """The value; a token that begins within the limit is written whole."""
    text = bytearray()
    for token in _tokens(value, 0):
        if token is None:
            break
        text += token.encode("utf-8", "surrogateescape")
        if len(text) >= MOST_BYTES:
            break
    return text.decode("utf-8", "surrogateescape")


def kind_of(value: Any) -> str:
    """The JSON type of a value in error texts, of a boolean the value (JsonTypeString in the same file)."""
    return str(value) if type(value) is bool else _KINDS[type(value)]


def _tokens(value: Any, depth: int, before: str = "") -> Iterator[str | None]:
    """Each token with what stands between it and the one before; none where rapidjson writes nothing more."""
    inner, outer = "\n" + INDENT * (depth + 1), "\n" + INDENT * depth
    match value:
        case dict() | Repeated():
            yield before + "{"
            for place, (key, item) in enumerate(members(value)):
                yield ("," if place else "") + inner + quoted(key)
                yield from _tokens(item, depth + 1, ": ")
            yield (outer if members(value) else "") + "}"
        case list():
            yield before + "["
            for place, item in enumerate(value):
                yield from _tokens(item, depth + 1, ", " if place else "")
            yield "]"
        case float() if not math.isfinite(value):
            yield before
            yield None
        case _:
            yield before + _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int() if -(2**63) <= value < 2**64:
            return str(value)
        case int() | float():
            return _double(float(value))
    return "null"


def _double(value: float) -> str:
    """As few digits as read back equal, with a point or an exponent."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return f"{sign}0.0"
    _, listed, zeros = Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, listed))
    point = len(digits) + int(zeros)
    if len(digits) <= point <= _LONGEST_DECIMAL:
        return f"{sign}{digits.ljust(point, '0')}.0"
    if 0 < point <= _LONGEST_DECIMAL:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _SMALLEST_POINT < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1}"
