"""Reads JSON text as rapidjson 1.1.0 does with TensorFlow Serving's flags: NaN and infinities are numbers, and what
follows the document is ignored. Used by `json_document` for what orjson refuses and for keys that may be repeated.

Source: IterativeParse in rapidjson/reader.h.
"""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from noria_serving.server.codec.json_scalar import Fault, matched_end, scalar, string

_EMPTY = "The document is empty."
_NO_NAME = "Missing a name for object member."
_NO_COLON = "Missing a colon after a name of object member."
_NO_COMMA_IN_LIST = "Missing a comma or ']' after an array element."
_NO_COMMA_IN_OBJECT = "Missing a comma or '}' after an object member."
_TOO_DEEP = "The document is nested too deeply."
_MOST_DEPTH = 1_000_000
"""Of lists and objects within each other. The original has no limit but its memory."""

_BOM = re.compile(rb"\xef?\xbb?\xbf?")
_BLANK = rb"[ \t\r\n]*+"
_BLANKS = re.compile(_BLANK)
_NUMBER = rb"-?(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,40}+)?(?:[eE][+-]?[0-9]{1,2}+)?"
_SCALAR = rb'(?:%s|"[ !#-\[\]-~]*+"|true|false|null|NaN|-?Infinity)%s' % (_NUMBER, _BLANK)
_LIST = rb"\[%s(?:(?:%s,%s)*+%s)?\]%s" % (_BLANK, _SCALAR, _BLANK, _SCALAR, _BLANK)
_RUN = re.compile(rb"(?:(?:%s|%s),%s)++" % (_SCALAR, _LIST, _BLANK))
"""Plain elements of a list, each with the comma after it: those of which other readers make the same."""

Step: TypeAlias = "Callable[[], Step] | None"


@dataclass(frozen=True)
class Repeated:
    """An object in which a key stands more than once; the first of its values is the one that counts."""

    pairs: list[tuple[str, Any]]


Object: TypeAlias = dict[str, Any] | Repeated


def members(value: Object) -> Collection[tuple[str, Any]]:
    """Every name and value of an object, also those of repeated names."""
    return value.items() if isinstance(value, dict) else value.pairs


def firsts(value: Object) -> dict[str, Any]:
    """An object by name: of a repeated name the first value."""
    return value if isinstance(value, dict) else dict(reversed(value.pairs))


def read(data: bytes) -> Any:
    """The value that the text begins with; objects that repeat a key are `Repeated`. Raises Fault.

    Bytes that are no UTF-8 pass through (`surrogateescape`).
    """
    return _Reading(data).finish()


class _Reading:
    """A text half read: where, and the containers that are open there. Every step returns the next one."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, matched_end(_BOM, data, 0)
        self._open: list[list[Any]] = []
        """What is in each open container so far, the innermost last: values, or pairs of name and value."""
        self._names: list[str | None] = []
        """Of each open container the name of the next value, none in a list."""
        self._value: Any = None

    def finish(self) -> Any:
        """The whole value."""
        self._skip()
        if self._next in (b"", b"\0", b"]", b"}", b",", b":"):
            raise Fault(_EMPTY, self._at)
        step: Step = self._begin
        while step:
            step = step()
        return self._value

    @property
    def _next(self) -> bytes:
        return self._data[self._at : self._at + 1]

    def _skip(self) -> None:
        self._at = matched_end(_BLANKS, self._data, self._at)

    def _pass(self) -> None:
        """Go on behind a bracket, comma or colon."""
        self._at += 1
        self._skip()

    def _begin(self) -> Step:
        """Read a scalar or open a container."""
        opening = self._next
        if opening == b"[" or opening == b"{":
            if len(self._open) == _MOST_DEPTH:
                raise Fault(_TOO_DEEP, self._at)
            self._open.append([])
            self._names.append(None if opening == b"[" else "")
            self._pass()
            if self._next == self._closing:
                return self._close
            return self._element if opening == b"[" else self._member
        value, self._at = scalar(self._data, self._at)
        return self._put(value)

    @property
    def _closing(self) -> bytes:
        return b"]" if self._names[-1] is None else b"}"

    def _element(self) -> Step:
        run = _RUN.match(self._data, self._at)
        if run:
            self._open[-1] += _plain(b"[" + run[0].rstrip(b", \t\r\n") + b"]")
            self._at = run.end()
        return self._begin()

    def _member(self) -> Step:
        if self._next != b'"':
            raise Fault(_NO_NAME, self._at)
        self._names[-1], self._at = string(self._data, self._at)
        self._skip()
        if self._next != b":":
            raise Fault(_NO_COLON, self._at)
        self._pass()
        return self._begin()

    def _continue(self) -> Step:
        """Read what follows a value in a container: its end, or a comma and one more."""
        found = self._next
        if found == self._closing:
            return self._close()
        in_list = self._names[-1] is None
        if found != b",":
            raise Fault(_NO_COMMA_IN_LIST if in_list else _NO_COMMA_IN_OBJECT, self._at)
        self._pass()
        return self._element() if in_list else self._member()

    def _close(self) -> Step:
        self._at += 1
        found, name = self._open.pop(), self._names.pop()
        return self._put(found if name is None else _object(found))

    def _put(self, value: Any) -> Step:
        """Add a value to the container that it is in."""
        if not self._open:
            self._value = value
            return None
        self._skip()
        name = self._names[-1]
        self._open[-1].append(value if name is None else (name, value))
        return self._continue


def _plain(data: bytes) -> list[Any]:
    try:
        found: list[Any] = orjson.loads(data)
    except orjson.JSONDecodeError:  # NaN or infinities
        found = json.loads(data)
    return found


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(pairs)
