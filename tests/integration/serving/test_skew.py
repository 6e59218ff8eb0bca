"""Rows of a file, sent to a server as they lie there, are answered like the stored examples."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

from integration.serving.conftest import Server, config_text
from served_table import Served, serve

SEEDS = (0, 1, 2, 3)
Given = dict[str, Served]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    folder = tmp_path_factory.mktemp("tables")
    with np.errstate(over="ignore"):
        return {f"table{seed}": serve(seed, folder / str(seed)) for seed in SEEDS}


@pytest.fixture(scope="module")
def asked(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with all models."""
    root = tmp_path_factory.mktemp("models")
    for name, served in given.items():
        shutil.copytree(served.model, root / name / "1")
    (root / "models.config").write_text(config_text({name: root / name for name in given}))
    server = Server(root / "log", (f"--model_config_file={root}/models.config",), {"NORIA_LINGER_SECONDS": "0"}).wait()
    yield server
    server.stop()


def columns(served: Served) -> dict[str, list[Any]]:
    """The request's columns as JSON has them."""
    lists = {name: values.numpy().tolist() for name, values in served.request.items()}
    return {name: [each.decode() if isinstance(each, bytes) else each for each in of] for name, of in lists.items()}


def by_row(server: Server, name: str, served: Served) -> Any:
    of = columns(served)
    rows = [dict(zip(of, row, strict=True)) for row in zip(*of.values(), strict=True)]
    answer = server.post(f"/v1/models/{name}:predict", json.dumps({"instances": rows})).json["predictions"]
    return [row[served.output] if isinstance(row, dict) else row for row in answer]


def by_column(server: Server, name: str, served: Served) -> Any:
    answer = server.post(f"/v1/models/{name}:predict", json.dumps({"inputs": columns(served)})).json["outputs"]
    return answer[served.output] if isinstance(answer, dict) else answer


def by_rpc(server: Server, name: str, served: Served) -> Any:
    request = PredictRequest(model_spec={"name": name})
    for each, values in served.request.items():
        request.inputs[each].CopyFrom(tf.make_tensor_proto(values))
    with server.channel() as channel:
        answer = PredictionServiceStub(channel).Predict(request, timeout=60)
    return tf.make_ndarray(answer.outputs[served.output])


@pytest.mark.parametrize("ask", [by_row, by_column, by_rpc])
def test_rows_as_they_lie_in_the_file(asked: Server, given: Given, ask: Callable[..., Any]) -> None:
    for name, served in given.items():
        np.testing.assert_allclose(ask(asked, name, served), served.expected, rtol=1e-5, atol=1e-5, err_msg=name)
