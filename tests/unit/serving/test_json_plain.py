"""Requests that are one array of numbers: read as the whole parser reads them, or left to it."""

import itertools
import json
from typing import Any

import numpy as np
import orjson
import pytest
from tensorflow.core.framework import types_pb2

from noria_serving.server.codec.json_input import predict_request
from noria_serving.server.codec.json_plain import is_worthwhile, read
from noria_serving.server.status import ServingError


def nested(body: bytes) -> Any:
    """What the request holds by way of Python lists; none where it is not plain."""
    found = read(body)
    return None if found is None else np.array(found.leaves).reshape(found.shape).tolist()


@pytest.mark.parametrize(
    "array",
    [
        [1.5],
        [1, 2, 3],
        [[1.0, 2e-3], [-3.5, 0]],
        [[[[0.25], [1]], [[2], [3]]]],
        np.random.default_rng(0).normal(size=(2, 5, 1, 3)).tolist(),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("separators", [(",", ":"), (" ,\t", " : ")])
@pytest.mark.parametrize("key", ["instances", "inputs"])
def test_arrays_of_numbers_are_read(array: Any, indent: int | None, separators: tuple[str, str], key: str) -> None:
    body = json.dumps({key: array}, indent=indent, separators=separators).encode()
    assert nested(body) == array
    named = read(b'{"signature_name": "a_b", ' + body[1:] + b"\n")
    assert named is not None
    assert (named.signature, named.key, named.shape) == ("a_b", key, np.shape(array))


@pytest.mark.parametrize(
    "body",
    [
        '{"instances": []}',
        '{"instances": [[], []]}',
        '{"instances": 1}',
        '{"instances": [true]}',
        '{"instances": ["1"]}',
        '{"instances": [{"x": 1}]}',
        '{"instances": [1e999]}',
        '{"instances": [NaN]}',
        '{"instances": [[1], [2, 3]]}',
        '{"instances": [1], "signature_name": "a"}',
        '{"instances": [1]} and more',
        '{"other": [1]}',
        '{"instances": ' + "[" * 65 + "1" + "]" * 65 + "}",
        '{"instances": ' + "[" * 100_000,
        "",
    ],
)
def test_whatever_is_not_so_plain_is_left_to_the_parser(body: str) -> None:
    assert read(body.encode()) is None


def test_every_short_text_is_read_rightly_or_left_to_the_parser() -> None:
    read_ones = 0
    for length in range(1, 9):
        for parts in itertools.product("[],1 ", repeat=length):
            body = f'{{"instances": [{"".join(parts)}}}'.encode()
            found = nested(body)
            if found is not None:
                assert orjson.loads(body) == {"instances": found}
                read_ones += 1
    assert read_ones > 900


def test_an_image_is_worth_it_and_a_vector_is_not() -> None:
    pixels = np.random.default_rng(0).random((28, 28, 1))
    assert is_worthwhile(json.dumps({"instances": [pixels.tolist()]}).encode())
    assert not is_worthwhile(json.dumps({"instances": [pixels.ravel().tolist()]}).encode())


@pytest.mark.parametrize("number", [types_pb2.DT_FLOAT, types_pb2.DT_INT32, types_pb2.DT_STRING])
@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_a_signature_gets_the_same_tensor_or_refusal_either_way(number: int, dtype: Any) -> None:
    image = (100 * np.random.default_rng(0).random((1, 28, 28, 1))).astype(dtype).tolist()
    answers = [answer(json.dumps({**more, "instances": image}).encode(), number) for more in ({}, {"more": 1})]
    assert answers[0] == answers[1]


def answer(body: bytes, number: int) -> Any:
    try:
        name, form, inputs = predict_request(body, lambda _: {"x": number})
    except ServingError as error:
        return error.message
    return name, form, inputs["x"].dtype, inputs["x"].tolist()
