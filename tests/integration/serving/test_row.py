"""Rows of a user's own table, as they lie there, asked over REST and gRPC."""

import re
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub
from tensorflow_serving.apis.regression_pb2 import RegressionRequest

ROWS: list[dict[str, Any]] = [
    {"価格": 2, "price (€)": 3.5, "self": "abc"},
    {"price (€)": " 0.25 ", "self": 12.5, "note": ["is", "ignored"]},
    {},
]
SCORES = [[3.5, 2.0, 3.0], [0.25, -1.0, 4.0], [-1.0, -1.0, 0.0]]
VALUES = [4.5, 5.25, 0.0]


def example(row: dict[str, Any]) -> tf.train.Example:
    message = tf.train.Example()
    for name, value in row.items():
        feature = message.features.feature[name]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                feature.bytes_list.value.append(each.encode())
            elif isinstance(each, int):
                feature.int64_list.value.append(each)
            else:
                feature.float_list.value.append(each)
    return message


def test_rows_are_classified_and_regressed_over_rest(server: Any) -> None:
    answer = server.post("/v1/models/rows:classify", {"signature_name": "classify", "examples": ROWS})
    names = ("euro", "yen", "length")
    assert answer.json == {"results": [[list(pair) for pair in zip(names, row, strict=True)] for row in SCORES]}
    answer = server.post("/v1/models/row_values:regress", {"signature_name": "regress", "examples": ROWS})
    assert answer.json == {"results": VALUES}


def test_rows_are_classified_and_regressed_over_grpc(server: Any) -> None:
    given = {"example_list": {"examples": [example(row) for row in ROWS]}}
    with server.channel() as channel:
        stub = PredictionServiceStub(channel)
        spec = {"name": "rows", "signature_name": "classify"}
        classified = stub.Classify(ClassificationRequest(model_spec=spec, input=given), timeout=120)
        spec = {"name": "row_values", "signature_name": "regress"}
        regressed = stub.Regress(RegressionRequest(model_spec=spec, input=given), timeout=120)
    found = [[each.score for each in row.classes] for row in classified.result.classifications]
    assert found == SCORES
    assert [each.value for each in regressed.result.regressions] == VALUES


def test_the_typed_columns_answer_the_same(server: Any) -> None:
    row = {"price____": 3.5, "column_": 2, "column_self": "abc"}
    answer = server.post("/v1/models/rows:predict", {"instances": [row]})
    assert answer.json == {"predictions": [SCORES[0]]}


def test_the_requests_of_the_page_are_answered(server: Any) -> None:
    page = (Path(__file__).parents[3] / "docs/asking.md").read_text()
    requests = re.findall(r"printf %s '(\{.*?price.*?)' \|\n  curl http://\$HOST:8501/v1/models/\$MODEL(:\w+)", page)
    answers = [server.post(f"/v1/models/rows{verb}", body) for body, verb in requests]
    assert [(answer.status, len(answer.json)) for answer in answers] == [(200, 1), (200, 1)]
    names = ("euro", "yen", "length")
    results = [[list(pair) for pair in zip(names, row, strict=True)] for row in (SCORES[0], [-1.0, -1.0, 3.0])]
    assert [answer.json for answer in answers] == [{"results": results}, {"predictions": [SCORES[0]]}]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param({"self": None}, "Feature: self has element with unexpected JSON type: Null", id="null"),
        pytest.param({"self": ["a", "b"]}, "[a row has several values in column] [self]", id="several values"),
    ],
)
def test_a_row_that_is_refused_names_its_column(server: Any, row: dict[str, Any], words: str) -> None:
    answer = server.post("/v1/models/rows:classify", {"signature_name": "classify", "examples": [{}, row]})
    assert answer.status == 400
    assert words in answer.json["error"]
