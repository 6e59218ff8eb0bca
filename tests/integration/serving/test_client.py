"""noria_client asks noria-server: every kind of model, over REST and gRPC, waiting and not."""

import asyncio
import contextlib
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from integration.serving.test_row import ROWS, SCORES, VALUES
from noria_client import AsyncModel, ClientError, InputError, Model, NotFoundError, RefusedError
from noria_client.image import png

Ask = Callable[..., Any]
NAMES = ["euro", "yen", "length"]
RED, BLUE = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)
RED[..., 0], BLUE[..., 2] = 200, 100


class Waiting:
    """An AsyncModel with the methods of Model."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url, self._options = url, options

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*given: Any, **named: Any) -> Any:
            async with AsyncModel(self._url, **self._options) as model:
                asked = getattr(model, name)(*given, **named)
                return await asked if inspect.isawaitable(asked) else [each async for each in asked]

        return lambda *given, **named: asyncio.run(ask(*given, **named))


@pytest.fixture(scope="module", params=["http", "http async", "grpc", "grpc async"])
def model(server: Any, request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Makes a client of a golden model."""
    scheme, *waits = request.param.split()
    port = server.rest if scheme == "http" else server.rpc
    with contextlib.ExitStack() as opened:

        def make(name: str, at: str = "", **options: Any) -> Any:
            url = f"{scheme}://127.0.0.1:{port}/v1/models/{name}{at}"
            return Waiting(url, **options) if waits else opened.enter_context(Model(url, **options))

        yield make


@pytest.mark.parametrize("at", ["", "/versions/1", "/labels/stable"])
def test_rows_are_asked_under_their_own_names(model: Ask, at: str) -> None:
    rows = [{name: value for name, value in row.items() if name != "note"} for row in ROWS]
    asked = model("rows", at, batch_rows=2)
    assert asked.predict(rows).tolist() == ["euro", "length", "length"]
    assert asked.predict_proba(rows).tolist() == SCORES
    assert asked.predict(rows[0]) == "euro"
    assert asked.predict_proba(rows[0]) == dict(zip(NAMES, SCORES[0], strict=True))
    assert model("row_values", at).predict(rows).tolist() == VALUES


def test_a_frame_is_answered_by_pandas(model: Ask) -> None:
    frame = pd.DataFrame(
        {"price (€)": [3.5, None, 7.0], "価格": pd.array([2, None, 40000001], "Int64"), "self": ["abc", None, "x"]},
        index=["a", "b", "c"],
    )
    scores = model("rows").predict_proba(frame)
    expected = pd.DataFrame([[3.5, 2.0, 3.0], [-1.0, -1.0, 0.0], [7.0, 4e7, 1.0]], frame.index, NAMES)
    pd.testing.assert_frame_equal(scores, expected)
    classes = model("rows").predict(frame)
    pd.testing.assert_series_equal(classes, pd.Series(["euro", "length", "yen"], frame.index, object, "prediction"))
    values = model("row_values").predict(frame)
    assert (values.index.tolist(), values.tolist()[0]) == (["a", "b", "c"], 4.5)


def test_a_click_is_a_probability(model: Ask) -> None:
    rows = [{"price (€)": 0.25}, {"price (€)": 0.5}]
    assert model("clicks").predict(rows).tolist() == [0.25, 0.5]
    assert model("clicks").predict_proba(rows).tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert model("clicks", signature="serving_default").predict(
        {"price____": 0.25, "column_": None, "column_self": ""}
    ) == pytest.approx(0.25)


def test_texts_are_strings(model: Ask) -> None:
    texts = ["a", "words and words", "à la carte !", ""]
    assert model("texts", batch_rows=3).predict(texts).tolist() == ["short", "long", "long", "short"]
    assert model("texts").predict(pd.Series(texts[:2], index=[5, 6])).to_dict() == {5: "short", 6: "long"}
    assert model("texts").predict_proba("abc") == {"short": 10.0, "long": 3.0}
    assert model("texts").predict(np.array(texts[:2])).tolist() == ["short", "long"]


def test_images_are_paths_bytes_arrays_or_pillows(model: Ask, tmp_path: Path) -> None:
    path = tmp_path / "blue.png"
    Image.fromarray(BLUE).save(path)
    given = [path, str(path), path.read_bytes(), RED, Image.fromarray(RED), Image.fromarray(RED).convert("CMYK")]
    asked = model("pictures", batch_bytes=200)
    assert asked.predict(given).tolist() == ["blue", "blue", "blue", "red", "red", "red"]
    assert asked.predict(np.stack([RED, BLUE])).tolist() == ["red", "blue"]
    assert asked.predict_proba(BLUE) == {"red": 0.0, "green": 0.0, "blue": 100.0}
    assert asked.predict(png(RED[..., 0])) == "red"


def test_a_model_of_another_make_is_asked_by_its_inputs(model: Ask) -> None:
    assert model("half_plus_two").predict([1.0, 2.0, 5.0]).tolist() == [2.5, 3.0, 4.5]
    assert model("half_plus_two").predict(np.array([1, 2])).tolist() == [2.5, 3.0]
    assert model("half_plus_two").predict(1) == 2.5
    assert model("half_plus_two").predict({"x": [1, 2]}).tolist() == [2.5, 3.0]
    assert model("keras3").predict([[1, 2, 3], [4, 5, 6]]).tolist() == [[6.0], [15.0]]
    assert model("half_plus_two_v1", signature="regress_x_to_y").predict([{"x": 1.0}]).tolist() == [2.5]
    assert model("half_plus_two_v1", signature="classify_x_to_y").predict_proba({"x": 1.0}) == {"0": -1.5, "1": 2.5}


def test_run_asks_whole_inputs(model: Ask) -> None:
    found = model("types").run({"a": [1, 2], "b": [3, 4]}, signature="pair")
    assert {name: values.tolist() for name, values in found.items()} == {"sum": [4.0, 6.0], "difference": [-2.0, -2.0]}
    assert model("types").run({"x": 4}, signature="scalar")["y"].tolist() == 8.0
    found = model("types").run({"s": ["hi", b"\xff"]}, signature="strings")
    assert found["raw_bytes"].tolist() == [b"hi", b"\xff"]


@pytest.mark.parametrize("kind", ["float64", "int8", "int16", "int32", "int64", "uint8", "uint32", "uint64", "bool"])
def test_types_come_back_as_they_went(model: Ask, kind: str) -> None:
    values = np.array([0, 1, 1, 100]).astype(kind)
    for found in (
        model("types", signature=f"echo_{kind}").predict(values),
        model("types").run({"x": values}, signature=f"echo_{kind}")["y"],
    ):
        assert found.dtype == kind
        np.testing.assert_array_equal(found, values)


def test_a_stream_is_answered_while_it_is_read(model: Ask) -> None:
    seen: list[tuple[int, int | None]] = []
    asked = model("row_values", batch_rows=2, parallel=2)
    found = list(asked.stream(({"self": "x" * n} for n in range(5)), progress=lambda *args: seen.append(args)))
    assert [each.value for each in found] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert seen == [(2, None), (4, None), (5, None)]


def test_what_a_model_is_can_be_read(model: Ask) -> None:
    metadata = model("rows").metadata()
    assert (metadata.name, metadata.version) == ("rows", 1)
    assert [str(each) for each in metadata.signatures["serving_default"].inputs] == [
        "column_ (float [?])",
        "column_self (string [?])",
        "price____ (float [?])",
    ]
    assert "takes images: paths" in model("pictures").describe()
    assert "the probability of a click" in model("clicks").describe()
    assert [(each.version, each.state) for each in model("rows").versions()] == [(1, "AVAILABLE")]


def test_refusals_say_what_to_do(model: Ask) -> None:
    with pytest.raises(NotFoundError, match="check the model's name"):
        model("nope").predict(["a"])
    with pytest.raises(InputError, match=r"signature nope: give signature=..., one of classify, serving_default"):
        model("rows", signature="nope").predict([{}])
    with pytest.raises(InputError, match="takes rows: a dict by column"):
        model("rows").predict(["a"])
    with pytest.raises(RefusedError, match=r"(?s)only positive numbers.*\(among examples 2 to 3"):
        model("types", signature="picky", batch_rows=2).predict([1.0, 2.0, 3.0, -1.0, 5.0])
    with pytest.raises(InputError, match="run"):
        model("types", signature="pair").predict({"a": 1, "b": 2})
    with pytest.raises(InputError, match=r"lacks b and has c, which the model does not take; its inputs are a \(float"):
        model("types", signature="pair").predict({"a": 1, "c": 2})


def test_the_wrong_port_is_told(server: Any) -> None:
    for url, words in (
        (f"http://127.0.0.1:{server.rpc}/v1/models/rows", "REST port"),
        (f"grpc://127.0.0.1:{server.rest}/v1/models/rows", "gRPC port"),
    ):
        with Model(url, retries=0) as model, pytest.raises(ClientError, match=words):
            model.predict([{}])


WITHOUT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "tensorflow_serving", "keras", "pandas", "PIL"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocked())
import json
import numpy as np
from noria_client import Model

found = []
for url in sys.argv[1:]:
    rows = Model(f"{url}/v1/models/rows").predict_proba([{"price (€)": 3.5, "self": "abc"}]).tolist()
    picture = Model(f"{url}/v1/models/pictures").predict(np.full((2, 2, 3), [0, 9, 0], np.uint8))
    half = Model(f"{url}/v1/models/half_plus_two").predict([1.0, 2.0]).tolist()
    found.append([rows, picture, half])
print(json.dumps(found))
"""


def test_the_client_needs_no_tensorflow(server: Any) -> None:
    command = [sys.executable, "-c", WITHOUT, f"http://127.0.0.1:{server.rest}", f"grpc://127.0.0.1:{server.rpc}"]
    asked = subprocess.run(command, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    answer = [[[3.5, -1.0, 3.0]], "green", [2.5, 3.0]]
    assert json.loads(asked.stdout) == [answer, answer]
