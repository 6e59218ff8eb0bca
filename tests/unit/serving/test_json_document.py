"""Requests that are not JSON to the letter: read as rapidjson reads them, or refused with its words, in little time."""

import math
import time

import pytest

from noria_serving.server.codec.json_document import parse
from noria_serving.server.status import ServingError

ESCAPED = '\\"' * 200_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param('{"a": "' + ESCAPED, "Missing a closing quotation mark in string.", id="a string without end"),
        pytest.param('{"a": Inf, "b": "' + ESCAPED, "Missing a closing quotation mark", id="after an infinity"),
        pytest.param('{"' + ESCAPED + '": [1 2', "Missing a comma or ] after an array element.", id="no comma"),
        pytest.param('{"a": "' + '"' * 200_001, "Missing a comma or } after an object member.", id="quotes alone"),
    ],
)
def test_a_long_faulty_request_is_refused_at_once(body: str, words: str) -> None:
    begin = time.process_time()
    with pytest.raises(ServingError, match=words):
        parse(body.encode())
    assert time.process_time() - begin < 10


def test_an_infinity_within_a_string_stays_text() -> None:
    assert parse(b'{"a": [Inf, -Infinity], "b": "\\"Inf", "c": "-NaN\\\\"}') == {
        "a": [math.inf, -math.inf],
        "b": '"Inf',
        "c": "-NaN\\",
    }
