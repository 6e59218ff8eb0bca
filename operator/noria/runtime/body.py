"""JSON of the API server, whatever somebody put into an object.

The API server takes objects that nest 10,000 deep, also in places that no schema guards, e.g. managedFields; Python's
parser and all that walks a body give up at some hundreds, and the stream of all objects would end with them. What lies
too deep is left out here, before anything walks it. Used by `client` and `session`.
"""

import json
import re
from typing import Any

from pydantic_core import from_json

DEPTH = 100
"""Levels that are kept where a body has too many; no field that the operator reads is nearly as deep."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def parse(data: bytes) -> Any:
    """The JSON, cut where it is too deep to walk. Raises json.JSONDecodeError for what is no JSON."""
    try:
        return from_json(data)  # gives up below 200 levels
    except ValueError:
        return json.loads(_shallow(data.decode(errors="replace")), parse_int=_number)


def _shallow(text: str) -> str:
    """The JSON with `null` for what lies deeper than `DEPTH`."""
    kept, level, start = [], 0, 0
    for token in _TOKEN.finditer(text):
        sign = text[token.start()]
        if sign in "[{":
            if level == DEPTH:
                kept.append(text[start : token.start()] + "null")
            level += 1
        elif sign in "]}":
            level -= 1
            if level == DEPTH:
                start = token.end()
    return "".join((*kept, text[start:]))


def _number(digits: str) -> int | float:
    """Python refuses to read integers of more than 4,300 digits."""
    return int(digits) if len(digits) < 400 else float(digits)
