"""JSON that orjson does not read, or not so: what rapidjson 1.1.0 answered to each text with the original's flags."""

import time

import pytest

from noria_serving.server.codec.json_reader import Repeated, read
from noria_serving.server.codec.json_scalar import Fault

EMPTY, INVALID = "The document is empty.", "Invalid value."
NO_NAME, NO_COLON = "Missing a name for object member.", "Missing a colon after a name of object member."
IN_LIST = "Missing a comma or ']' after an array element."
IN_OBJECT = "Missing a comma or '}' after an object member."
NO_FRACTION, NO_EXPONENT = "Miss fraction part in number.", "Miss exponent in number."
TOO_BIG = "Number too big to be stored in double."
NO_QUOTE, ESCAPE = "Missing a closing quotation mark in string.", "Invalid escape character in string."
HEX, PAIR = "Incorrect hex digit after \\u escape in string.", "The surrogate pair in string is invalid."


@pytest.mark.parametrize(
    ("text", "words", "offset"),
    [
        (b"", EMPTY, 0),
        (b" ", EMPTY, 1),
        (b"}", EMPTY, 0),
        (b"\0", EMPTY, 0),
        (b"\xef\xbb\xbf", EMPTY, 3),
        (b"nope", INVALID, 1),
        (b"tru", INVALID, 3),
        (b"falsy", INVALID, 4),
        (b"-", INVALID, 1),
        (b"+1", INVALID, 0),
        (b".5", INVALID, 0),
        (b"1.", NO_FRACTION, 2),
        (b"1.e5", NO_FRACTION, 2),
        (b"1e", NO_EXPONENT, 2),
        (b"1e+", NO_EXPONENT, 3),
        (b"[01]", IN_LIST, 2),
        (b"[1.5.5]", IN_LIST, 4),
        (b"Infinit", INVALID, 7),
        (b"-I", INVALID, 2),
        (b"NaX", INVALID, 2),
        (b"1" * 310, TOO_BIG, 0),
        (b" -" + b"1" * 310, TOO_BIG, 1),
        (b"1" * 5000 + b".", TOO_BIG, 0),
        (b"1e309", TOO_BIG, 0),
        (b"0e400", TOO_BIG, 0),
        (b"0.01e311", TOO_BIG, 0),
        (b"[1e" + b"9" * 5000 + b"]", TOO_BIG, 1),
        (b"[", INVALID, 1),
        (b"[" * 100_000, INVALID, 100_000),
        (b"[1", IN_LIST, 2),
        (b"[1,", INVALID, 3),
        (b"[1,]", INVALID, 3),
        (b"[,1]", INVALID, 1),
        (b"[1 2]", IN_LIST, 3),
        (b"[1}", IN_LIST, 2),
        (b"[1\0]", IN_LIST, 2),
        (b"{", NO_NAME, 1),
        (b"{1", NO_NAME, 1),
        (b'{"a"', NO_COLON, 4),
        (b'{"a" 1}', NO_COLON, 5),
        (b'{"a":', INVALID, 5),
        (b'{"a":}', INVALID, 5),
        (b'{"a":1', IN_OBJECT, 6),
        (b'{"a":1 "b":2}', IN_OBJECT, 7),
        (b'{"a":1]', IN_OBJECT, 6),
        (b'{"a":1,}', NO_NAME, 7),
        (b'{"a":1,,', NO_NAME, 7),
        (b'"a', NO_QUOTE, 2),
        (b'"a\\"', NO_QUOTE, 4),
        (b'"a\0b"', NO_QUOTE, 2),
        (b'"a\nb"', ESCAPE, 2),
        (b'"\x1f', ESCAPE, 1),
        (b'"\\x"', ESCAPE, 1),
        (b'"\\', ESCAPE, 1),
        (b'"\\u12', HEX, 1),
        (b'"\\u12g4"', HEX, 1),
        (b'"\\ud800"', PAIR, 1),
        (b'"\\ud800\\n"', PAIR, 1),
        (b'"\\ud800\\ud800"', PAIR, 1),
        (b'"\\ud800\\u12"', HEX, 1),
        (b'  [1, "\xc3\xa9", x]', INVALID, 12),
    ],
)
def test_a_faulty_text_is_refused_where_rapidjson_refuses_it(text: bytes, words: str, offset: int) -> None:
    with pytest.raises(Fault) as caught:
        read(text)
    assert (caught.value.text, caught.value.offset) == (words, offset)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"\xef\xbb\xbf1", 1),
        (b"\xbf1", 1),
        (b"[1]]", [1]),
        (b'{"a": 1} more', {"a": 1}),
        (b"1\0", 1),
        (b"-0", 0),
        (b"-0.0", -0.0),
        (b"1E5", 100000.0),
        (b"18446744073709551615", 2**64 - 1),
        (b"18446744073709551616", 2.0**64),
        (b"-9223372036854775808", -(2**63)),
        (b"-9223372036854775809", -(2.0**63)),
        (b"1" * 309, 1.1111111111111112e308),
        (b"1.7976931348623159e308", float("inf")),
        (b"1e-400", 0.0),
        (b"0.01e310", 1e308),
        (b"1e-" + b"9" * 5000, 0.0),
        (b"-NaN", float("nan")),
        (b"-Infinity", float("-inf")),
        (b"[NaN, 1, Inf]", [float("nan"), 1, float("inf")]),
        (b"NaN.5", 0.5),
        (b"NInf", float("inf")),
        (b'"\\u0000\\/\\ud83d\\ude00"', "\0/\U0001f600"),
        (b'"\\udc80\xff"', b"\xed\xb2\x80\xff".decode("utf-8", "surrogateescape")),
        (b'"\xed\xa0\x80\x7f"', b"\xed\xa0\x80\x7f".decode("utf-8", "surrogateescape")),
        (b'[[1, 2.5], ["a"], [], [true, null], {"b": []}]', [[1, 2.5], ["a"], [], [True, None], {"b": []}]),
        (b'{"a": 1, "b": {"a": 2, "a": 3}}', {"a": 1, "b": Repeated([("a", 2), ("a", 3)])}),
    ],
)
def test_a_text_has_the_value_that_rapidjson_gives_it(text: bytes, value: object) -> None:
    assert repr(read(text)) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'["' + b'\\"' * 200_000, id="a string without end"),
        pytest.param(b"[" + b"0.5, " * 200_000, id="numbers without end"),
        pytest.param(b"[" + b"[1, 2], " * 100_000, id="lists without end"),
        pytest.param(b'["' + b'"' * 200_000, id="quotes alone"),
        pytest.param(b'[{"a": [1e5, "x"]}' * 20_000, id="objects"),
        pytest.param(b"0." + b"1" * 1_000_000 + b"e309 x", id="a long fraction"),
    ],
)
def test_a_long_text_takes_little_time(text: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(Fault):
        read(b"[" + text)
    assert time.process_time() - begin < 10
