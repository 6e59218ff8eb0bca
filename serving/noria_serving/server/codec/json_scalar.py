"""Strings, numbers and words in JSON text as rapidjson 1.1.0 reads them. Used by `json_reader`.

Every function takes the text and where in it the value begins, and gives the value and where that ends; a value that is
none raises Fault. Source: ParseString and ParseNumber in rapidjson/reader.h, GetParseError_En in rapidjson/error/en.h.
"""

import re
from typing import Any

INVALID = "Invalid value."
_NO_QUOTE = "Missing a closing quotation mark in string."
_BAD_ESCAPE = "Invalid escape character in string."
_BAD_HEX = "Incorrect hex digit after \\u escape in string."
_BAD_PAIR = "The surrogate pair in string is invalid."
_TOO_BIG = "Number too big to be stored in double."
_NO_FRACTION = "Miss fraction part in number."
_NO_EXPONENT = "Miss exponent in number."

_WORDS = {b"t": (b"true", True), b"f": (b"false", False), b"n": (b"null", None)}

_HEX = rb"[0-9a-fA-F]"
_HIGH, _LOW = rb"[dD][89abAB]%s{2}" % _HEX, rb"[dD][c-fC-F]%s{2}" % _HEX
_SOUND = re.compile(
    rb'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u%s\\u%s|\\u(?!%s)%s{4})*+' % (_HIGH, _LOW, _HIGH, _HEX),
)
_BAD_DIGITS = re.compile(rb"\\u(?!%s{4})|\\u%s\\u(?!%s{4})" % (_HEX, _HIGH, _HEX))
_ESCAPE = re.compile(rb"\\u(%s)\\u(%s)|\\u(....)|\\(.)" % (_HIGH, _LOW))
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}

_WHOLE = re.compile(rb"0|[1-9][0-9]*+")
_SPECIAL = re.compile(rb"NaN|(?:Na?)?Inf(?:inity|(?!i))")
"""Also what is left of a NaN that turns out to be an infinity, as the original takes it."""
_SPECIAL_START = re.compile(rb"(?:Na?)?(?:I(?:n(?:f(?:i(?:n(?:i(?:ty?)?)?)?)?)?)?)?")
_DIGITS = re.compile(rb"[0-9]*+")
_SIGN = re.compile(rb"[+-]?")
_INTEGERS = range(-(2**63), 2**64)
_MOST_DIGITS, _LARGEST_TENTH = 309, 1.7976931348623157e307
_LARGEST_EXPONENT = 308
_EXACT, _SIGNIFICANT = 2**53 - 1, 17


class Fault(Exception):
    """The text is no JSON: rapidjson's words, and the byte they are about."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text)
        self.text, self.offset = text, offset


def matched_end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Where a match of a pattern ends, which begins here and may be empty."""
    found = pattern.match(data, at)
    return found.end() if found else at


def scalar(data: bytes, at: int) -> tuple[Any, int]:
    """What is neither list nor object."""
    first = data[at : at + 1]
    if first == b'"':
        return string(data, at)
    return _word(data, at, *_WORDS[first]) if first in _WORDS else _number(data, at)


def _word(data: bytes, at: int, word: bytes, value: bool | None) -> tuple[bool | None, int]:
    for index, byte in enumerate(word):
        if data[at + index : at + index + 1] != bytes((byte,)):
            raise Fault(INVALID, at + index)
    return value, at + len(word)


def string(data: bytes, at: int) -> tuple[str, int]:
    """A string; bytes that are no UTF-8 pass through (`surrogateescape`)."""
    end = matched_end(_SOUND, data, at + 1)
    if data[end : end + 1] != b'"':
        raise Fault(_string_fault(data, end), end)
    raw = data[at + 1 : end]
    return (_ESCAPE.sub(_unescaped, raw) if b"\\" in raw else raw).decode("utf-8", "surrogateescape"), end + 1


def _string_fault(data: bytes, at: int) -> str:
    if data[at : at + 1] in (b"", b"\0"):
        return _NO_QUOTE
    if not data.startswith(b"\\u", at):
        return _BAD_ESCAPE
    return _BAD_HEX if _BAD_DIGITS.match(data, at) else _BAD_PAIR


def _unescaped(escape: re.Match[bytes]) -> bytes:
    high, low, single, letter = escape.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    code = int(single, 16) if single else 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)
    return chr(code).encode("utf-8", "surrogatepass")


def _number(data: bytes, at: int) -> tuple[int | float, int]:
    """A number. Fraction and exponent may follow even on NaN or an infinity, which then count as 0."""
    start = at + data.startswith(b"-", at)
    whole, special = _WHOLE.match(data, start), _SPECIAL.match(data, start)
    found = whole or special
    if found is None:
        raise Fault(INVALID, matched_end(_SPECIAL_START, data, start))
    digits = whole[0] if whole else b"0"
    if _is_too_big(digits):
        raise Fault(_TOO_BIG, at)
    fraction, end = _fraction(data, found.end())
    exponent, end = _exponent(data, end)
    if _exceeds(exponent, _LARGEST_EXPONENT) and _exceeds(exponent, _LARGEST_EXPONENT + _counted(digits, fraction)):
        raise Fault(_TOO_BIG, at)
    sign = data[at:start]
    if fraction or exponent:
        return float(sign + digits + b"." + fraction + b"e" + (exponent or b"0")), end
    return (_integer(sign + digits) if whole else _special(sign, found[0])), end


def _integer(text: bytes) -> int | float:
    """The integer, or the decimal where 64 bits do not hold it."""
    value = int(text)
    return value if value in _INTEGERS else float(text)


def _special(sign: bytes, text: bytes) -> float:
    return float("nan") if text == b"NaN" else float(sign + b"inf")


def _fraction(data: bytes, at: int) -> tuple[bytes, int]:
    """The digits after a point, none where there is no point."""
    if data[at : at + 1] != b".":
        return b"", at
    end = matched_end(_DIGITS, data, at + 1)
    if end == at + 1:
        raise Fault(_NO_FRACTION, end)
    return data[at + 1 : end], end


def _exponent(data: bytes, at: int) -> tuple[bytes, int]:
    """Sign and digits of an exponent, nothing where there is none."""
    if data[at : at + 1] not in (b"e", b"E"):
        return b"", at
    start = matched_end(_SIGN, data, at + 1)
    end = matched_end(_DIGITS, data, start)
    if end == start:
        raise Fault(_NO_EXPONENT, end)
    return data[at + 1 : end], end


def _is_too_big(digits: bytes) -> bool:
    """Whether an integer has one digit more than goes into a double."""
    if len(digits) < _MOST_DIGITS:
        return False
    return len(digits) > _MOST_DIGITS or float(digits[:-1]) >= _LARGEST_TENTH


def _exceeds(exponent: bytes, limit: int) -> bool:
    digits = exponent.lstrip(b"+0")
    return not exponent.startswith(b"-") and (len(digits) > len(str(limit)) or int(digits or b"0") > limit)


def _counted(digits: bytes, fraction: bytes) -> int:
    """How many digits of a fraction go into the significand, so that the exponent may be larger by as many."""
    value = int(digits)
    if value not in _INTEGERS:
        return 0
    significant, count = len(digits) - 1, 0
    for digit in fraction:
        if value > _EXACT and significant >= _SIGNIFICANT:
            break
        value = 10 * value + digit - ord("0")
        count += 1
        significant += value > 0
    return count
