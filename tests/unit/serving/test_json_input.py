"""Each type's rule for numbers in JSON, as AddValueToTensor has it."""

from typing import Any

import numpy as np
import pytest
from tensorflow.core.framework import types_pb2

from noria_serving.server.codec.json_example import examples_request
from noria_serving.server.codec.json_input import predict_request
from noria_serving.server.status import ServingError

INF = float("inf")


def fed(body: str, kind: str = "FLOAT") -> Any:
    """The one input as Python values, or what is wrong."""
    try:
        _, _, inputs = predict_request(body.encode(), lambda _: {"x": types_pb2.DataType.Value(f"DT_{kind}")})
    except ServingError as error:
        return error.message.rpartition("JSON Value: ")[2]
    return inputs["x"].tolist()


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("FLOAT", "16777217, 16777216.5, 1e39, -1e39, 1e-50", [16777216.0, 16777216.0, INF, -INF, 0.0]),
        ("FLOAT", "18446744073709551615, -9223372036854775808", [2.0**64, -(2.0**63)]),
        ("FLOAT", f"{10**308}, -0, -0.0", [INF, 0.0, -0.0]),
        ("DOUBLE", f"9007199254740993, {2**64}, 0.1, NaN", [2.0**53, 2.0**64, 0.1, float("nan")]),
        ("INT8", "-129, 128, 2147483647, -2147483648", [127, -128, -1, 0]),
        ("UINT8", "-1, 256", [255, 0]),
        ("INT16", "32768", [-32768]),
        ("INT32", "2147483647, -2147483648, -0", [2**31 - 1, -(2**31), 0]),
        ("INT64", "9223372036854775807", [2**63 - 1]),
        ("UINT32", "4294967295", [2**32 - 1]),
        ("UINT64", "18446744073709551615", [2**64 - 1]),
    ],
)
def test_a_number_is_cast_to_its_type(kind: str, values: str, expected: list[Any]) -> None:
    for more in ("", "NaN, "):  # both readers
        body = f'{{"more": [{more}0], "instances": [{values}]}}'
        assert repr(fed(body, kind)) == repr(expected)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("INT8", "2147483648", "2147483648"),
        ("INT32", "1.0", "1.0"),
        ("INT32", "1e2", "100.0"),
        ("UINT8", "true", None),
        ("UINT32", "-1", "-1"),
        ("UINT32", "4294967296", "4294967296"),
        ("INT64", "9223372036854775808", "9223372036854775808"),
        ("UINT64", "18446744073709551616", "18446744073709552000.0"),
        ("UINT64", "-1", "-1"),
        ("INT64", "NaN", ""),
    ],
)
def test_a_number_that_is_none_of_its_type_is_refused(kind: str, value: str, shown: str | None) -> None:
    found = "true Type: True" if shown is None else f"{shown} Type: Number"
    assert fed(f'{{"inputs": {value}}}', kind) == f"{found} is not of expected type: {kind.lower()}"


@pytest.mark.parametrize("kind", ["HALF", "COMPLEX64", "UINT16"])
def test_no_values_are_of_every_type(kind: str) -> None:
    assert fed('{"instances": [[], []]}', kind) == [[], []]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"inputs": 1, "inputs": 2}', 1.0),
        ('{"inputs": {"x": 1, "y": 3, "x": 2}}', 1.0),
        ('{"instances": [{"x": 1, "x": 2}]}', [1.0]),
        ('{"instances": [{"x": [1, 2], "x": [3, 4]}, {"x": [5, 6]}]}', [[1.0, 2.0], [3.0, 4.0]]),
        ('{"instances": [{"x": 1, "x": [2]}]}', "Expecting shape [] but got: [1]"),
        ('{"instances": [{"x": "a", "x": 2}]}', '"a" Type: String is not of expected type: float'),
    ],
)
def test_the_first_of_equal_keys_counts(body: str, expected: Any) -> None:
    found = fed(body)
    assert found.endswith(expected) if isinstance(expected, str) else found == expected


def test_the_last_of_equal_features_counts() -> None:
    body = b'{"examples": [{"x": [1.0, 2.0], "x": 16777217, "y": 1e39, "z": 18446744073709551616}]}'
    _, request = examples_request(body)
    features = request.example_list.examples[0].features.feature
    assert features["x"].int64_list.value == [16777217]
    assert not features["x"].HasField("float_list")
    assert [features["y"].float_list.value[0], features["z"].float_list.value[0]] == [INF, np.float32(2.0**64)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [("true", [1]), ("[false, 3]", [0, 3]), ("[3, true]", [3, 1]), ("[-9223372036854775808]", [-(2**63)])],
)
def test_booleans_are_integers_in_an_example(content: str, expected: list[int]) -> None:
    _, request = examples_request(f'{{"examples": [{{"x": {content}}}]}}'.encode())
    assert request.example_list.examples[0].features.feature["x"].int64_list.value == expected
