"""JSON text to Python values, as rapidjson reads it in TensorFlow Serving.

What is JSON to the letter is read by orjson. The rest is left to `json_reader`, and so is what orjson makes something
else of: objects with a repeated key.
"""

import binascii
import re
from contextlib import suppress
from typing import Any

import orjson

from noria_serving.server.codec.json_debug import debug_string
from noria_serving.server.codec.json_reader import Object, Repeated, read
from noria_serving.server.codec.json_scalar import Fault
from noria_serving.server.status import invalid_argument

_BASE64 = re.compile(r"([A-Za-z0-9+/]*)([=.]*)")
_SPACES = dict.fromkeys(map(ord, " \t\n\v\f\r"))


def parse(body: bytes) -> Object:
    """The object that the body begins with; what follows it is ignored. Bytes that are no UTF-8 pass through.

    Raises ServingError with INVALID_ARGUMENT for anything else.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    document = _loaded(body)
    if not isinstance(document, dict | Repeated):
        raise invalid_argument(f"JSON Value: {debug_string(document)} Is not object")
    return document


def _loaded(body: bytes) -> Any:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read(body)
    return _read(body) if _may_repeat(body, document) else document


def _read(body: bytes) -> Any:
    try:
        return read(body)
    except Fault as fault:
        raise invalid_argument(f"JSON Parse error: {fault.text} at offset: {fault.offset}") from None


def _may_repeat(body: bytes, document: Any) -> bool:
    """Whether the text has more colons than keys and strings account for, so that some key may have been dropped."""
    if type(document) is not dict:
        return True
    colons = body.count(b":")
    if colons in (len(document), len(document) + _of_rows(document)):
        return False
    return (b"\\" in body and b"\\u003" in body) or colons != _of_all(document)


def _of_rows(document: dict[str, Any]) -> int:
    """The colons of the objects in the document's lists, which mostly are all that there are besides its own."""
    lists = [value for value in document.values() if type(value) is list and value and type(value[0]) is dict]
    return sum(sum(map(len, rows)) for rows in lists if set(map(type, rows)) == {dict})


def _of_all(document: dict[str, Any]) -> int:
    """The colons of a document: one for each key, and those within strings."""
    count, level = 0, [document]
    while level:
        texts: list[str] = []
        below: list[Any] = []
        for value in level:
            if type(value) is dict:
                count += len(value)
                texts += value
                below += value.values()
            else:
                below += value
        with suppress(TypeError):  # where not all below are texts, as they mostly are
            return count + "".join(texts).count(":") + "".join(below).count(":")
        kinds = set(map(type, below))
        if str in kinds:
            texts += [text for text in below if type(text) is str]
        count += "".join(texts).count(":")
        level = [value for value in below if type(value) in (dict, list)] if kinds & {dict, list} else []
    return count


def encoded(text: str) -> bytes:
    """The bytes of a JSON string, with those that are no UTF-8 as they came."""
    return text.encode("utf-8", "surrogateescape")


def is_base64(value: Any) -> bool:
    """Whether a value is `{"b64": "..."}` and nothing more."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def is_named(value: Any) -> bool:
    """Whether a value is an object of inputs: not a tensor and not base64."""
    return isinstance(value, dict | Repeated) and not is_base64(value)


def unbase64(value: Any) -> bytes:
    """The bytes of a base64 object. Raises ServingError.

    As in absl::Base64Unescape blanks are passed over, padding may be points or missing, and spare bits are ignored.
    """
    if not is_base64(value):
        raise invalid_argument(f"JSON Value: {debug_string(value)} not formatted correctly for base64 data")
    text = value["b64"]
    if len(text) % 4 == 0 and not text.endswith("==="):  # Python lets padding follow whole groups
        with suppress(ValueError):
            return binascii.a2b_base64(text, strict_mode=True)
    found = _BASE64.fullmatch(text.translate(_SPACES))
    digits, padding = found.groups() if found else ("", "=")
    missing = -len(digits) % 4
    if missing == 3 or len(padding) not in (0, missing):
        raise invalid_argument("Unable to base64 decode")
    return binascii.a2b_base64(digits + "=" * missing)
