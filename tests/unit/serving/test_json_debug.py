"""A JSON value as error texts show it."""

import math
from typing import Any

import pytest

from noria_serving.server.codec.json_debug import debug_string


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({}, "{}", id="an empty object"),
        pytest.param([], "[]", id="an empty list"),
        pytest.param([[1, [2]], True, False, None], "[[1, [2]], true, false, null]", id="lists are on one line"),
        pytest.param(
            {"a": [{"b": 1}, {}], "c": "d"},
            '{\n    "a": [{\n            "b": 1\n        }, {}],\n    "c": "d"\n}',
            id="members have lines of their own",
        ),
        pytest.param('"\\/\x1f\x00\\x1f\n\x7fé', '"\\"\\\\/\\u001F\\u0000\\\\x1f\\n\x7fé"', id="escapes"),
        pytest.param([-(2**63), 2**64 - 1], "[-9223372036854775808, 18446744073709551615]", id="64 bits"),
        pytest.param(2**64, "18446744073709552000.0", id="an integer beyond 64 bits is a double"),
        pytest.param(
            [0.0, -0.0, 1.0, -0.5, 100.25, 1e20, 1e21, 1e39, 1.5e300, 1e-5, 1e-6, 1e-7, 1.25e-10, 5e-324],
            "[0.0, -0.0, 1.0, -0.5, 100.25, 100000000000000000000.0, 1e21, 1e39, 1.5e300, 0.00001, 0.000001, 1e-7, "
            "1.25e-10, 5e-324]",
            id="doubles",
        ),
        pytest.param([1.0, math.nan, 2.0], "[1.0, ", id="it ends before what is no number"),
        pytest.param(math.inf, "", id="infinity"),
        pytest.param("a" * 1000, f'"{"a" * 1000}"', id="a token is not cut"),
        pytest.param(["é" * 127, 1], f'["{"é" * 127}"', id="256 bytes end it"),
        pytest.param(["é" * 126, 1, 2], f'["{"é" * 126}", 1', id="255 bytes do not"),
    ],
)
def test_a_value_is_shown_as_rapidjson_writes_it(value: Any, text: str) -> None:
    assert debug_string(value) == text


def test_a_deep_or_large_value_is_shown_at_once() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert debug_string(deep) == "[" * 256
    assert len(debug_string(list(range(100_000)))) < 270
