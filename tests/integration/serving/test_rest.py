"""REST as TensorFlow Serving has it: each row a request and its exact answer."""

import base64
import gzip
import json
import math
import socket
from typing import Any

import pytest

from noria_serving.server.rest.api import MOST_UNPACKED

HALF = "/v1/models/half_plus_two"
TYPES = "/v1/models/types"
METRICS = "/monitoring/prometheus/metrics"


def rows(values: str) -> str:
    return f'{{\n    "predictions": [{values}\n    ]\n}}'


def error(text: str) -> str:
    return f'{{\n    "error": {json.dumps(text, ensure_ascii=False)}\n}}'


def element(text: str, index: int = 0, key: str = "") -> str:
    named = f" key: {key}" if key else ""
    return f"Failed to process element: {index}{named} of 'instances' list. Error: INVALID_ARGUMENT: {text}"


@pytest.mark.parametrize("model", ["half_plus_two", "half_plus_two_v1", "half_plus_two_ref"])
@pytest.mark.parametrize("at", ["", "/versions/1", "/labels/stable"])
def test_half_plus_two_answers_in_every_style(server: Any, model: str, at: str) -> None:
    answer = server.post(f"/v1/models/{model}{at}:predict", '{"instances": [1.0, 2.0, 5.0]}')
    assert (answer.status, answer.body) == (200, rows("2.5, 3.0, 4.5"))
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "request_body", "expected"),
    [
        pytest.param(HALF, '{"instances": [0, 1]}', rows("2.0, 2.5"), id="integers for floats"),
        pytest.param(HALF, '{"instances": [{"x": 0}, {"x": 1}]}', rows("2.0, 2.5"), id="rows as objects"),
        pytest.param(
            HALF,
            '{"inputs": [0, 1]}',
            '{\n    "outputs": [\n        2.0,\n        2.5\n    ]\n}',
            id="columns",
        ),
        pytest.param(
            HALF, '{"inputs": {"x": [0]}}', '{\n    "outputs": [\n        2.0\n    ]\n}', id="columns by name"
        ),
        pytest.param(HALF, '  {"instances": [0]} trailing words', rows("2.0"), id="what follows is ignored"),
        pytest.param(HALF, '{"instances": [NaN, Infinity, -Infinity]}', rows("NaN, Infinity, -Infinity"), id="NaN"),
        pytest.param(HALF, '{"instances": [Inf, -Inf]}', rows("Infinity, -Infinity"), id="Inf"),
        pytest.param(
            HALF, '{"instances": [0.2, 0.123456789, 12345678]}', rows("2.1, 2.06172848, 6172841.0"), id="digits"
        ),
        pytest.param(HALF, '{"instances": [2e30]}', rows("1e+30"), id="exponent"),
        pytest.param(TYPES, '{"instances": [16777217]}', rows("16777216.0"), id="an integer that a float rounds"),
        pytest.param(
            TYPES, '{"instances": [1e39, -1e39]}', rows("Infinity, -Infinity"), id="numbers too large for a float"
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_float64", "instances": [9007199254740993, 36893488147419103232]}',
            rows("9007199254740992.0, 3.6893488147419103e+19"),
            id="integers that a double rounds",
        ),
        pytest.param(
            TYPES, '{"signature_name": "nothing", "instances": [1]}', '{\n    "predictions": []\n}', id="no rows"
        ),
        pytest.param(TYPES, '{"signature_name": "nothing", "inputs": [1]}', '{\n    "outputs": []\n}', id="no values"),
        pytest.param(HALF, '\ufeff{"instances": [0]}', rows("2.0"), id="a byte order mark"),
        pytest.param(HALF, '{"instances": [0], "instances": [1]}', rows("2.0"), id="the first of equal keys"),
        pytest.param(HALF, '{"instances": [{"x": 0, "x": 1}]}', rows("2.0"), id="the first of equal inputs"),
        pytest.param(
            HALF, '{"a": ' + "[" * 5000 + "]" * 5000 + ', "inputs": 0}', '{\n    "outputs": 2.0\n}', id="deep"
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "matrix", "instances": [[1, 2], [3, 4]]}',
            rows("[1.0, 2.0], [3.0, 4.0]"),
            id="matrix rows",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "matrix", "inputs": [[1, 2]]}',
            '{\n    "outputs": [\n        [\n            1.0,\n            2.0\n        ]\n    ]\n}',
            id="matrix columns",
        ),
        pytest.param(TYPES, '{"signature_name": "matrix", "instances": [[], []]}', rows("[], []"), id="empty rows"),
        pytest.param(
            TYPES,
            '{"signature_name": "pair", "instances": [{"a": 1, "b": 2}, {"b": 3, "a": 5}]}',
            '{\n    "predictions": [\n        {\n            "difference": -1.0,\n            "sum": 3.0\n        },\n'
            '        {\n            "difference": 2.0,\n            "sum": 8.0\n        }\n    ]\n}',
            id="several outputs in rows",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "pair", "inputs": {"a": [1], "b": [2]}}',
            '{\n    "outputs": {\n        "difference": [\n            -1.0\n        ],\n        "sum": [\n'
            "            3.0\n        ]\n    }\n}",
            id="several outputs in columns",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "scalar", "inputs": 4}',
            '{\n    "outputs": 8.0\n}',
            id="a scalar",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_int64", "instances": [9007199254740993]}',
            rows("9007199254740993"),
            id="int64",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_uint64", "instances": [18446744073709551615]}',
            rows("18446744073709551615"),
            id="uint64",
        ),
        pytest.param(
            TYPES, '{"signature_name": "echo_uint32", "instances": [4294967295]}', rows("4294967295"), id="uint32"
        ),
        pytest.param(TYPES, '{"signature_name": "echo_int8", "instances": [-128, 127]}', rows("-128, 127"), id="int8"),
        pytest.param(TYPES, '{"signature_name": "echo_uint8", "instances": [255]}', rows("255"), id="uint8"),
        pytest.param(TYPES, '{"signature_name": "echo_int16", "instances": [-5]}', rows("-5"), id="int16"),
        pytest.param(TYPES, '{"signature_name": "echo_int32", "instances": [-5]}', rows("-5"), id="int32"),
        pytest.param(
            TYPES, '{"signature_name": "echo_bool", "instances": [true, false]}', rows("true, false"), id="bool"
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_float64", "instances": [0.1, 1, 0.30000000000000004]}',
            rows("0.1, 1.0, 0.30000000000000004"),
            id="double",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_string", "instances": ["a\\"\\u00e9\\n/"]}',
            rows('"a\\"é\\n/"'),
            id="strings",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "echo_string", "instances": [{"b64": "aGk."}, {"b64": " a G\\nk"}, {"b64": "aGl="}]}',
            rows('"hi", "hi", "hi"'),
            id="lax base64",
        ),
        pytest.param(
            TYPES,
            '{"signature_name": "strings", "inputs": [{"b64": "aGk="}, "yo"]}',
            '{\n    "outputs": {\n        "raw_bytes": [\n'
            '            {\n                "b64": "aGk="\n            },\n'
            '            {\n                "b64": "eW8="\n            }\n        ],\n'
            '        "upper": [\n            "HI",\n            "YO"\n        ]\n    }\n}',
            id="base64 in and out",
        ),
    ],
)
def test_predictions(server: Any, path: str, request_body: str, expected: str) -> None:
    answer = server.post(f"{path}:predict", request_body)
    assert (answer.status, answer.body) == (200, expected)


def named(name: str, value: str, form: str = "instances") -> str:
    return f'{{"signature_name": "{name}", "{form}": {value}}}'


@pytest.mark.parametrize(
    ("path", "request_body", "text"),
    [
        (HALF, "", "JSON Parse error: The document is empty"),
        (HALF, "{", "JSON Parse error: Missing a name for object member. at offset: 1"),
        (HALF, '{"instances" 1}', "JSON Parse error: Missing a colon after a name of object member. at offset: 13"),
        (
            HALF,
            '{"instances": [1 2]}',
            "JSON Parse error: Missing a comma or ']' after an array element. at offset: 17",
        ),
        (HALF, '{"a": 1 "b"}', "JSON Parse error: Missing a comma or '}' after an object member. at offset: 8"),
        (HALF, "nope", "JSON Parse error: Invalid value. at offset: 1"),
        (HALF, " ", "JSON Parse error: The document is empty. at offset: 1"),
        (
            HALF,
            '{"instances": ["\\ud800"]}',
            "JSON Parse error: The surrogate pair in string is invalid. at offset: 16",
        ),
        (
            HALF,
            f'{{"instances": [{"1" * 310}]}}',
            "JSON Parse error: Number too big to be stored in double. at offset: 15",
        ),
        (HALF, '{"inputs": 1e400}', "JSON Parse error: Number too big to be stored in double. at offset: 11"),
        (HALF, "[1]", "JSON Value: [1] Is not object"),
        (HALF, "{}", "Missing 'inputs' or 'instances' key"),
        (
            HALF,
            '{"instances": [1], "inputs": [1]}',
            'JSON Value: {\n    "instances": [1],\n    "inputs": [1]\n} '
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        ),
        (HALF, '{"instances": 1}', "JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an list/array"),
        (HALF, '{"instances": []}', "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array"),
        (
            HALF,
            '{"signature_name": 5, "instances": [1]}',
            'JSON Value: {\n    "signature_name": 5,\n    "instances": [1]\n} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        (HALF, named("nope", "[1]"), 'Serving signature name: "nope" not found in signature def'),
        (HALF, '{"instances": ["a"]}', element('JSON Value: "a" Type: String is not of expected type: float')),
        (HALF, '{"instances": [true]}', element("JSON Value: true Type: True is not of expected type: float")),
        (HALF, '{"instances": [null]}', element("JSON Value: null Type: Null is not of expected type: float")),
        (HALF, '{"instances": [1, [2]]}', element("Expecting shape [] but got: [1]", 1)),
        (HALF, '{"instances": [[1], [2, 3]]}', element("Expecting tensor size: 1 but got: 2", 1)),
        (HALF, '{"instances": [[1, [2]]]}', element("Encountered list at unexpected level: 1 expected < 1")),
        (
            HALF,
            '{"instances": [[[1], 2]]}',
            element("JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
        ),
        (
            HALF,
            '{"inputs": [[1, 2], [3]]}',
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        (
            HALF,
            f'{{"instances": {list(range(100))}, "more": 1, "inputs": 0}}',
            f'JSON Value: {{\n    "instances": [{", ".join(map(str, range(62)))} '
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        ),
        (
            HALF,
            '{"inputs": [[1], {"a": [1.5, 1e30, -0.0]}]}',
            'JSON Value: {\n    "a": [1.5, 1e30, -0.0]\n} found at incorrect level: 2 in the JSON DOM. '
            "Expected at level: 2",
        ),
        (HALF, '{"instances": [{"z": 1}]}', element("JSON object: does not have named input: z", key="z")),
        (
            HALF,
            '{"instances": [{}]}',
            "Failed to process element: 0 of 'instances' list. JSON object: {} keys must be equal to: x",
        ),
        (HALF, '{"instances": [1, {"x": 1}]}', "Expecting value/list but got object at item 1 of input list"),
        (HALF, '{"instances": [{"x": 1}, 1]}', "Expecting object but got list at item 1 of input list"),
        (
            TYPES,
            named("pair", "[1]"),
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map",
        ),
        (
            TYPES,
            named("pair", "[1]", "inputs"),
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map",
        ),
        (TYPES, named("pair", '{"a": [1]}', "inputs"), "Missing named input: b in 'inputs' object."),
        (TYPES, named("echo_int32", "[1.0]"), element("JSON Value: 1.0 Type: Number is not of expected type: int32")),
        (
            TYPES,
            named("echo_int32", "[4294967296]"),
            element("JSON Value: 4294967296 Type: Number is not of expected type: int32"),
        ),
        (
            TYPES,
            named("echo_half", '[{"x": {"a": 1}}]'),
            element('JSON Value: {\n    "a": 1\n} Type: Object is not of expected type: half', key="x"),
        ),
        (TYPES, named("echo_bool", "[1]"), element("JSON Value: 1 Type: Number is not of expected type: bool")),
        (TYPES, named("echo_string", "[1]"), element("JSON Value: 1 Type: Number is not of expected type: string")),
        (TYPES, named("echo_string", '[{"b64": "%"}]'), element("Unable to base64 decode")),
        (TYPES, named("echo_string", '{"b64": 1}', "inputs"), "Missing named input: x in 'inputs' object."),
        (
            TYPES,
            named("echo_string", '[{"b64": 1}]', "inputs"),
            'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
        ),
        (TYPES, named("__saved_model_init_op", "[1]"), "Failed to get input map for signature: __saved_model_init_op"),
        (TYPES, named("uneven", "[1]"), "Tensor name: b has inconsistent batch size: 2 expecting: 1"),
    ],
)
def test_a_clients_mistake_is_told_in_the_originals_words(server: Any, path: str, request_body: str, text: str) -> None:
    answer = server.post(f"{path}:predict", request_body)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    assert answer.body == error(text)
    assert server.post(f"{HALF}:predict", '{"instances": [0]}').status == 200


@pytest.mark.parametrize(
    ("signature", "value", "kind"),
    [("echo_half", "1.0", "half"), ("echo_bfloat16", "1.0", "bfloat16"), ("echo_complex64", "1", "complex64")],
)
def test_types_that_json_cannot_carry(server: Any, signature: str, value: str, kind: str) -> None:
    answer = server.post(f"{TYPES}:predict", named(signature, f"[{value}]", "inputs"))
    text = f"Conversion of JSON Value: {value} to type: {kind}"
    assert (answer.status, answer.body) == (501, error(text))
    answer = server.post(f"{TYPES}:predict", named(signature, f"[{value}]"))
    text = f"Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED: {text}"
    assert (answer.status, answer.body) == (400, error(text))


@pytest.mark.parametrize("instance", [[1, 2], [[1, 2, 3]], 1])
def test_shapes_that_do_not_fit_are_refused(server: Any, instance: Any) -> None:
    answer = server.post("/v1/models/keras3:predict", {"instances": [instance]})
    assert answer.status == 400, answer.body
    assert "In[0]" in answer.json["error"]


def test_an_error_of_the_graph_has_its_words(server: Any) -> None:
    answer = server.post(f"{TYPES}:predict", named("picky", "[-1]"))
    assert (answer.status, "only positive numbers" in answer.json["error"]) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/nope", 404, "Could not find any versions of model nope"),
        ("GET", "/v1/models/%80", 404, "Could not find any versions of model \ufffd"),
        ("GET", "/v1/models/%c3%a9/metadata", 404, "Servable not found for request: Latest(é)"),
        ("POST", "/v1/models/%ff:predict", 404, "Servable not found for request: Latest(\ufffd)"),
        ("GET", f"{HALF}/labels/%80/metadata", 400, "Unrecognized servable version label: \ufffd"),
        ("GET", f"{HALF}/versions/9", 404, "Could not find version 9 of model half_plus_two"),
        ("GET", "/v1/models/nope/metadata", 404, "Servable not found for request: Latest(nope)"),
        ("GET", f"{HALF}/versions/9/metadata", 404, "Servable not found for request: Specific(half_plus_two, 9)"),
        ("GET", f"{HALF}/labels/x/metadata", 400, "Unrecognized servable version label: x"),
        ("POST", "/v1/models/nope:predict", 404, "Servable not found for request: Latest(nope)"),
        ("POST", f"{HALF}/labels/x:predict", 400, "Unrecognized servable version label: x"),
        ("POST", f"{HALF}/versions/1/labels/stable:predict", 400, None),
        ("POST", f"{HALF}/versions/x:predict", 400, None),
        ("POST", "/v1/models/a:b:predict", 400, None),
        ("DELETE", f"{HALF}:predict", 400, None),
        ("POST", f"{HALF}:explain", 400, f"Malformed request: POST {HALF}:explain"),
        ("POST", HALF, 400, f"Malformed request: POST {HALF}"),
        ("PUT", HALF, 400, f"Malformed request: PUT {HALF}"),
        ("GET", f"{HALF}?a=b", 404, "Could not find any versions of model half_plus_two?a=b"),
        ("GET", f"{HALF}/metadata?a=b", 400, f"Malformed request: GET {HALF}/metadata?a=b"),
        ("GET", "/v1/", 400, "Malformed request: GET /v1/"),
        (
            "GET",
            f"{HALF}/versions/99999999999999999999",
            400,
            "Failed to convert version: 99999999999999999999 to numeric.",
        ),
    ],
)
def test_paths_that_lead_nowhere(server: Any, method: str, path: str, status: int, text: str | None) -> None:
    answer = server.ask(method, path, '{"instances": [0]}' if method == "POST" else "")
    assert (answer.status, answer.body) == (status, error(text or f"Malformed request: {method} {path}"))


def test_a_path_may_have_any_bytes(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.rest), 30) as wire:
        wire.sendall(b"GET /v1/models/\xc3\xa9 HTTP/1.1\r\n\r\n")
        assert "Could not find any versions of model é" in wire.recv(4096).decode()
        wire.sendall(b"GET /v1/\xff HTTP/1.1\r\n\r\n")
        assert b"Malformed request: GET /v1/\xff" in wire.recv(4096)


def test_the_case_of_a_path_does_not_matter(server: Any) -> None:
    answer = server.post("/V1/MODELS/half_plus_two/Labels/stable:PREDICT", '{"instances": [0]}')
    assert (answer.status, answer.body) == (200, rows("2.0"))


@pytest.mark.parametrize("path", ["/", "/metrics", "/v2/models", "/v1"])
def test_other_paths_get_the_plain_404_page(server: Any, path: str) -> None:
    answer = server.get(path)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html")
    assert "<H1>Not Found</H1>" in answer.body


def test_the_status_of_a_model(server: Any) -> None:
    version = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    for path in (HALF, f"{HALF}/versions/1", f"{HALF}/labels/stable", "/V1/Models/half%5fplus_two"):
        answer = server.get(path)
        assert answer.json == {"model_version_status": [version]}
        assert answer.body.startswith('{\n "model_version_status": [\n  {\n   "version": "1",\n')


def test_the_metadata_of_a_model(server: Any) -> None:
    answer = server.get(f"{HALF}/metadata").json
    assert answer["model_spec"] == {"name": "half_plus_two", "signature_name": "", "version": "1"}
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {"serving_default", "__saved_model_init_op"}
    assert signatures["serving_default"]["inputs"]["x"] == {
        "dtype": "DT_FLOAT",
        "name": "serving_default_x:0",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
    }
    assert signatures["serving_default"]["defaults"] == {}


def test_a_gzip_body_is_unpacked(server: Any) -> None:
    body = gzip.compress(b'{"instances": [1]}')
    answer = server.ask("POST", f"{HALF}:predict", body, {"Content-Encoding": "gzip"})
    assert (answer.status, answer.body) == (200, rows("2.5"))


def bomb(size: int) -> bytes:
    """A request of so many bytes in gzip."""
    start, end = b'{"instances": [', b"1]}"
    return gzip.compress(start + b" " * (size - len(start) - len(end)) + end, 1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no gzip", id="something else"),
        pytest.param(gzip.compress(b'{"instances": [1]}')[:-1], id="cut off"),
        pytest.param(gzip.compress(b'{"instances": [1]}') * 2, id="twice"),
        pytest.param(bomb(MOST_UNPACKED + 1), id="too large"),
        pytest.param(bomb(1 << 20)[:-4] + bytes((9, 0, 0, 0)), id="larger than it says"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_empty(server: Any, body: bytes) -> None:
    answer = server.ask("POST", f"{HALF}:predict", body, {"Content-Encoding": "gzip"})
    assert (answer.status, answer.body) == (400, error("JSON Parse error: The document is empty"))


def test_a_body_may_be_as_large_as_the_limit(server: Any) -> None:
    answer = server.ask("POST", f"{HALF}:predict", bomb(MOST_UNPACKED), {"Content-Encoding": "gzip"})
    assert (answer.status, answer.body) == (200, rows("2.5"))


def test_cross_origin_requests(server: Any) -> None:
    answer = server.ask("OPTIONS", f"{HALF}:predict", headers={"Origin": "http://example.org"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.headers["access-control-allow-methods"] == "POST, GET"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    answer = server.ask("OPTIONS", f"{HALF}:predict")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (400, "", "text/html; charset=ISO-8859-1")
    assert server.get(HALF).headers["access-control-allow-origin"] == "*"


def test_bytes_that_are_no_utf8_pass_through(server: Any) -> None:
    body = b'{"signature_name": "strings", "instances": ["\xff\xfe"]}'
    answer = server.ask("POST", f"{TYPES}:predict", body)
    assert answer.status == 200, answer.body
    assert base64.b64encode(b"\xff\xfe").decode() in answer.body


def test_floats_come_back_as_they_went(server: Any) -> None:
    values = [0.1, 1 / 3, 1e-45, 3.4028234663852886e38, -0.0, 123456.7, 7.0]
    body = json.dumps({"signature_name": "echo_float64", "instances": values})
    found = server.post(f"{TYPES}:predict", body).json["predictions"]
    assert found == values
    assert math.copysign(1, found[4]) == -1


EXAMPLES = [{"x": 1.0}, {"x": [2.0]}]


@pytest.mark.parametrize("model", ["half_plus_two_v1", "half_plus_two_ref"])
def test_regress_and_classify(server: Any, model: str) -> None:
    body: dict[str, object] = {"signature_name": "regress_x_to_y", "examples": EXAMPLES}
    answer = server.post(f"/v1/models/{model}:regress", body)
    assert (answer.status, answer.body) == (200, '{\n    "results": [2.5, 3.0]\n}')
    body = {"signature_name": "classify_x_to_y", "examples": EXAMPLES}
    answer = server.post(f"/v1/models/{model}:classify", body)
    expected = '{\n    "results": [[["", 2.5]], [["", 3.0]]\n    ]\n}'
    assert (answer.status, answer.body) == (200, expected)
    body = {"signature_name": "regress_x_to_y", "context": {"x": 4.0}, "examples": [{}, {}]}
    assert server.post(f"/v1/models/{model}:regress", body).json == {"results": [4.0, 4.0]}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"examples": [{"x": 1.0}]}', "No regression inputs found in SignatureDef: ..."),
        ('{"signature_name": "no", "examples": [{}]}', "No signature was found with the name: no"),
        ("{}", "JSON Value: {} When method is classify, key 'examples' is expected and was not found"),
        ('{"examples": 1}', "JSON Value: {\n    \"examples\": 1\n} Expecting 'examples' value to be an list/array"),
        ('{"examples": []}', "JSON Value: {\n    \"examples\": []\n} 'examples' value is an empty array"),
        ('{"examples": [1]}', "Example must be JSON object but got JSON Number"),
        ('{"examples": [{"x": null}]}', "Feature: x has element with unexpected JSON type: Null"),
        ('{"examples": [{"x": [[1.0]]}]}', "Feature: x has element with unexpected JSON type: Array"),
        ('{"examples": [{"x": [1.0, 2]}]}', "Unexpected element type in feature: x expecting type: float"),
        ('{"examples": [{"x": ["a", 1.0]}]}', "Unexpected element type in feature: x expecting type: bytes"),
        ('{"examples": [{"x": 18446744073709551615}]}', "Feature: x has uint64_t element. Only int64_t is supported."),
        ('{"examples": [{"x": {"b64": "%"}}]}', "Unable to base64 decode"),
        ('{"examples": [{"x": {"a": "b"}}]}', "Feature: x has element with unexpected JSON type: Object"),
        (
            '{"signature_name": "regress_x_to_y", "examples": [{"x": 1}]}',
            "...Data types don't match. Data type: int64 but expected type: float...",
        ),
    ],
)
def test_mistakes_in_examples(server: Any, body: str, text: str) -> None:
    answer = server.post("/v1/models/half_plus_two_v1:regress", body)
    assert answer.status == 400, answer.body
    if "..." in text:
        assert text.strip(".") in answer.json["error"]
    else:
        assert answer.body == error(text)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"x":'])
def test_deep_json_is_answered(server: Any, opening: str) -> None:
    deep = '{"instances": ' + opening * 100_000
    answer = server.post(f"{HALF}:predict", deep)
    fault = "Missing a name for object member." if opening.endswith("{") else "Invalid value."
    assert (answer.status, answer.body) == (400, error(f"JSON Parse error: {fault} at offset: {len(deep)}"))
    assert server.post(f"{HALF}:predict", '{"instances": [0]}').status == 200


@pytest.mark.parametrize("depth", [65, 1000, 20_000])
def test_closed_deep_json_is_answered(server: Any, depth: int) -> None:
    listed = '{"instances": ' + "[" * depth + "1" + "]" * depth + "}"
    answer = server.post(f"{HALF}:predict", listed)
    text = f"A tensor of {depth} dimensions has too many: 64 are possible"
    assert (answer.status, answer.body) == (400, error(text))
    named = server.post(f"{HALF}:predict", '{"instances": ' + '{"a":' * depth + "1" + "}" * depth + "}")
    assert named.status == 400
    assert named.json["error"].startswith("JSON ")


LARGE = 100_000_000


def test_json_of_100_mb_is_answered(server: Any) -> None:
    number = b"0.50000000000000000000, "
    count = LARGE // len(number)
    numbers = b'{"instances": [' + number * count + b"0.5]}"
    answer = server.post(f"{HALF}:predict", numbers)
    assert (answer.status, answer.body.count("2.25")) == (200, count + 1)
    text = b'{"signature_name": "echo_string", "instances": ["' + b"a" * LARGE + b'"]}'
    answer = server.post(f"{TYPES}:predict", text)
    assert (answer.status, answer.body) == (200, rows('"' + "a" * LARGE + '"'))
    answer = server.post(f"{HALF}:predict", numbers[:-2])
    fault = "Missing a comma or ']' after an array element."
    assert (answer.status, answer.body) == (400, error(f"JSON Parse error: {fault} at offset: {len(numbers) - 2}"))
    assert server.post(f"{HALF}:predict", '{"instances": [0]}').status == 200


LATENCY, COUNT = ":tensorflow:serving:request_latency_count", ":tensorflow:serving:request_count"


@pytest.mark.parametrize(
    ("method", "path", "body", "model", "status", "api"),
    [
        ("POST", ":predict", '{"instances": [1]}', "half_plus_three", "OK", "predict"),
        ("POST", ":predict", "{}", "half_plus_three", "INVALID_ARGUMENT", None),
        ("GET", "", "", "half_plus_three", "OK", ""),
        ("GET", "/metadata", "", "half_plus_three", "OK", ""),
        ("GET", "/versions/9", "", "half_plus_three", "NOT_FOUND", None),
        ("OPTIONS", "", "", "", "FAILED_PRECONDITION", None),
    ],
)
def test_requests_are_counted(
    server: Any, method: str, path: str, body: str, model: str, status: str, api: str | None
) -> None:
    def counts() -> list[float]:
        timed = f'{LATENCY}{{model_name="{model}",API="{"predict" if api is None else api}",entrypoint="REST"}}'
        return [server.metric(f'{COUNT}{{model_name="{model}",status="{status}"}}'), server.metric(timed)]

    before = counts()
    server.ask(method, f"/v1/models/half_plus_three{path}", body)
    assert [after - first for after, first in zip(counts(), before, strict=True)] == [1, api is not None]


def test_metrics_are_a_page_of_one_path(server: Any) -> None:
    page = server.get(METRICS)
    assert page.headers["content-type"] == "text/plain"
    assert "# TYPE :tensorflow:serving:request_latency histogram\n" in page.body
    assert "# HELP" not in page.body
    answer = server.get(f"{METRICS}?a=b")
    assert (answer.status, answer.headers["content-type"]) == (400, "text/plain")
    assert answer.body == f"Unexpected path: {METRICS}?a=b. Should be {METRICS}"
