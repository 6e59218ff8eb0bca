"""JSON text to Python values with rapidjson's tolerance and error texts.

What is JSON to the letter is read by orjson. The standard library reads the rest once more: it takes NaN and Infinity,
stops where the document ends, and says where a fault is.
"""

import base64
import binascii
import json
import re
from typing import Any

import numpy as np
import orjson

from noria_serving.server.codec.json_number import decimals
from noria_serving.server.codec.json_output import INDENT, quoted
from noria_serving.server.status import ServingError, invalid_argument

_DECODER = json.JSONDecoder()
_BLANKS = " \t\r\n"
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
"""Also one that is never closed: else each escaped quote in it would be tried as the start of another."""
_INFINITY = re.compile(rf"{_STRING}|(-?)Inf(?:inity)?|-NaN", re.DOTALL)
_TEXTS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}


def parse(body: bytes) -> dict[str, Any]:
    """The object that the body begins with; what follows it is ignored. Bytes that are no UTF-8 pass through.

    Raises ServingError with INVALID_ARGUMENT for anything else, and RecursionError where it is nested too deeply.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _parse_tolerantly(body)
    if type(document) is not dict:
        raise invalid_argument(f"JSON Value: {pretty(document)} Is not object")
    return document


def _parse_tolerantly(body: bytes) -> Any:
    text = body.decode("utf-8", "surrogateescape").lstrip(_BLANKS)
    if not text:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = _decode(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogateescape")
        return document
    except UnicodeEncodeError:
        raise invalid_argument("JSON Parse error: The surrogate pair in string is invalid.") from None
    except (json.JSONDecodeError, ValueError) as error:
        raise _parse_error(error, text, len(body)) from None


def _decode(text: str) -> Any:
    try:
        return _DECODER.raw_decode(text)[0]
    except json.JSONDecodeError:
        spelled = _INFINITY.sub(_spell, text)
        if spelled == text:
            raise
        return _DECODER.raw_decode(spelled)[0]


def _spell(token: re.Match[str]) -> str:
    if token[0].startswith('"'):
        return token[0]
    return "NaN" if token[0] == "-NaN" else f"{token[1]}Infinity"


def _parse_error(error: ValueError, text: str, size: int) -> ServingError:
    if not isinstance(error, json.JSONDecodeError):  # an integer of more than 4300 digits
        return invalid_argument("JSON Parse error: Number too big to be stored in double.")
    message = _TEXTS.get(error.msg)
    if error.msg == "Expecting ',' delimiter":
        inside = "} after an object member" if _is_inside_object(text[: error.pos]) else "] after an array element"
        message = f"Missing a comma or {inside}."
    skipped = size - len(text.encode("utf-8", "surrogateescape"))
    offset = skipped + len(text[: error.pos].encode("utf-8", "surrogateescape"))
    return invalid_argument(f"JSON Parse error: {message or error.msg} at offset: {offset}")


def _is_inside_object(text: str) -> bool:
    depth = 0
    for character in reversed(re.sub(_STRING, "", text, flags=re.DOTALL)):
        if character in "]}":
            depth += 1
        elif character in "[{":
            if depth == 0:
                return character == "{"
            depth -= 1
    return False


def pretty(value: Any, depth: int = 0) -> str:
    """The value as an error text shows it: four blanks per level."""
    inner, outer = "\n" + INDENT * (depth + 1), "\n" + INDENT * depth
    match value:
        case dict():
            members = (f"{inner}{quoted(key)}: {pretty(item, depth + 1)}" for key, item in value.items())
            return "{" + ",".join(members) + outer + "}" if value else "{}"
        case list():
            return "[" + ",".join(inner + pretty(item, depth + 1) for item in value) + outer + "]" if value else "[]"
        case str():
            return quoted(value)
        case float():
            return decimals(np.array([value]))[0]
    return json.dumps(value)


def encoded(text: str) -> bytes:
    """The bytes of a JSON string, with those that are no UTF-8 as they came."""
    return text.encode("utf-8", "surrogateescape")


def is_base64(value: Any) -> bool:
    """Whether a value is `{"b64": "..."}` and nothing more."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def is_named(value: Any) -> bool:
    """Whether a value is an object of inputs: not a tensor and not base64."""
    return type(value) is dict and not is_base64(value)


def is_rounded(value: Any, exact: int) -> bool:
    """Whether a value is an integer beyond `exact`. Integers beyond 64 bits are decimals, as rapidjson reads them."""
    return type(value) is int and exact < abs(value) and -(2**63) <= value < 2**64


def unbase64(value: Any) -> bytes:
    """The bytes of a base64 object; blanks and missing padding are passed over. Raises ServingError."""
    if not is_base64(value):
        raise invalid_argument(f"JSON Value: {pretty(value)} not formatted correctly for base64 data")
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid_argument("Unable to base64 decode") from None
