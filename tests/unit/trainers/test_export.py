"""Exported models answer what users send, in a v1 session and from several threads, as servers run them."""

import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from PIL import Image

from noria.contract import ColumnType, Metric, Task
from noria_trainers import export
from noria_trainers.data.manifest import TableColumn
from noria_trainers.families import FAMILIES, table
from noria_trainers.families.image_cnn.design import network
from noria_trainers.families.text_cnn import design as text_cnn
from noria_trainers.families.text_linear import design as text_linear
from noria_trainers.modality.image.inputs import Images
from noria_trainers.modality.table.columns import Columns
from noria_trainers.modality.table.raw import input_names
from noria_trainers.modality.text.ngrams import NGrams
from noria_trainers.modality.text.words import Words
from noria_trainers.training.objective import Objective

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
CLASSES = ("cat", "dog", "owl")
THREADS = 4


def objective(task: Task, metric: Metric, outputs: int) -> Objective:
    return Objective.of(task, metric, np.arange(9) % max(outputs, 2), outputs, 0.0)


def served(folder: Path) -> Answer:
    """The signature in a session of TensorFlow 1, called as a fast server does: in the caller's own thread."""
    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph)
    with graph.as_default():
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
    signature = loaded.signature_def[export.SIGNATURE]
    names = list(signature.inputs)
    outputs = list(signature.outputs)
    options = tf.compat.v1.RunOptions(inter_op_thread_pool=-1)

    def answer(inputs: Mapping[str, Any]) -> dict[str, Any]:
        assert sorted(inputs) == sorted(names)
        feed = {signature.inputs[name].name: np.asarray(inputs[name]) for name in names}
        fetched = session.run([signature.outputs[name].name for name in outputs], feed, options)
        return dict(zip(outputs, fetched, strict=True))

    return answer


def encoded(mode: str, size: tuple[int, int], format: str) -> bytes:
    bands = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], bands), np.uint8)
    file = io.BytesIO()
    Image.frombytes(mode, size, pixels.tobytes()).save(file, format)
    return file.getvalue()


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def image_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    inputs = Images(28, 28, request.param)
    keras.utils.set_random_seed(1)
    whole = network({**FAMILIES["image-cnn"].defaults, "width": 8}, inputs.shape, 3)
    export.save(inputs, whole, objective(Task.IMAGE_CLASSIFICATION, Metric.ACCURACY, 3), CLASSES, folder)
    return folder


def test_one_batch_of_every_kind_of_image(image_model: Path) -> None:
    good = [
        encoded("L", (28, 28), "PNG"), encoded("RGB", (640, 48), "JPEG"), encoded("CMYK", (50, 70), "JPEG"),
        encoded("L", (9, 200), "JPEG"), encoded("RGBA", (31, 31), "PNG"), encoded("L", (40, 40), "GIF"),
        encoded("RGB", (20, 30), "BMP"), encoded("LA", (28, 28), "PNG"), encoded("1", (28, 28), "PNG"),
    ]  # fmt: skip
    answer = served(image_model)
    together = answer({"image_bytes": good})
    scores = together["scores"]
    assert scores.shape == (9, 3)
    assert scores.sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)
    assert (np.abs(scores - 1 / 3).max(axis=1) > 1e-4).all()
    assert together["classes"].tolist() == [[name.encode() for name in CLASSES]] * 9
    alone = np.concatenate([answer({"image_bytes": [data]})["scores"] for data in good])
    assert scores == pytest.approx(alone, abs=1e-5)


def test_an_image_that_cannot_be_decoded_is_named_by_its_row(image_model: Path) -> None:
    answer, good = served(image_model), encoded("L", (28, 28), "PNG")
    for bad in (b"", b"no image", good[:60], b"\xff\xd8\xff" + bytes(100), encoded("RGB", (9, 9), "WEBP")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"row 1, 3 cannot be decoded: send JPEG, PNG"):
            answer({"image_bytes": [good, bad, good, bad]})


def test_an_empty_batch_of_images_is_answered(image_model: Path) -> None:
    assert served(image_model)({"image_bytes": np.empty(0, object)})["scores"].shape == (0, 3)


def test_threads_get_their_own_answers(image_model: Path) -> None:
    answer = served(image_model)
    images = [encoded("RGB", (20 + side, 30), "PNG") for side in range(12)]
    alone = [answer({"image_bytes": [image]})["scores"] for image in images]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda image: answer({"image_bytes": [image]})["scores"], images * 4))
    for found, expected in zip(together, alone * 4, strict=True):
        assert found == pytest.approx(expected, abs=1e-5)


def test_any_bytes_are_a_text(tmp_path: Path) -> None:
    texts = tf.data.Dataset.from_tensor_slices(["good work, well done", "bad work", "good day", "well, well, bad"] * 3)
    inputs = NGrams.of(texts, longest=2, size=100)
    whole = text_linear.network(inputs.size, 2, 0.0)
    whole.set_weights([np.random.default_rng(0).normal(size=weight.shape) for weight in whole.get_weights()])
    export.save(inputs, whole, objective(Task.TEXT_CLASSIFICATION, Metric.ACCURACY, 2), ("no", "yes"), tmp_path)
    hostile = ["", " ", b"\xff\xfe\x00good", "好的工作", "good " * 50_000, "\x00", "GOOD work", "good work"]
    scores = served(tmp_path)({"text": np.array(hostile, object)})["scores"]
    assert np.isfinite(scores).all()
    assert scores[0] == pytest.approx(scores[1])
    assert scores[6] == pytest.approx(scores[7])
    assert scores[7] != pytest.approx(scores[0])


def test_a_byte_order_mark_before_a_text_is_not_read() -> None:
    texts = tf.data.Dataset.from_tensor_slices(["good work", "bad work"] * 3)
    inputs = Words.of(texts, longest=4, size=10)
    marked, plain = (inputs.encode({"text": tf.constant([text])}) for text in ("\ufeffgood day", "good day"))
    for name, values in plain.items():
        np.testing.assert_array_equal(marked[name], values)


def test_an_empty_batch_of_texts_is_answered(tmp_path: Path) -> None:
    inputs = Words.of(tf.data.Dataset.from_tensor_slices(["good work", "bad work"] * 3), longest=8, size=100)
    whole = text_cnn.network({**FAMILIES["text-cnn"].defaults, "embedding": 8}, inputs.length, inputs.size, 2)
    export.save(inputs, whole, objective(Task.TEXT_CLASSIFICATION, Metric.ACCURACY, 2), ("no", "yes"), tmp_path)
    answer = served(tmp_path)
    assert answer({"text": np.empty(0, object)})["scores"].shape == (0, 2)
    assert answer({"text": np.array(["good"], object)})["scores"].shape == (1, 2)


def test_rows_with_holes_unseen_categories_and_absurd_numbers(tmp_path: Path) -> None:
    columns = (
        TableColumn(name="size (cm)", type=ColumnType.NUMERIC),
        TableColumn(name="size_(cm)", type=ColumnType.NUMERIC),
        TableColumn(name="1. Farbe", type=ColumnType.CATEGORICAL),
        TableColumn(name="notes", type=ColumnType.TEXT),
    )
    rows = pa.table(
        {
            "size (cm)": [1.0, 2.0, None, 4.0],
            "size_(cm)": [5.0, 5.0, 5.0, 5.0],
            "1. Farbe": ["rot", "rot", None, "blau"],
            "notes": ["a b", None, "c", "a"],
        }
    )
    inputs = Columns.of(columns, rows, scaling="quantile")
    given = table.placeholders(inputs)
    whole = keras.Model(given, table.linear(inputs, given, 1))
    whole.set_weights([np.random.default_rng(0).normal(size=weight.shape) for weight in whole.get_weights()])
    goal = Objective.of(Task.TABULAR_REGRESSION, Metric.R2, np.array([1.0, 3.0]), 1, 0.0)
    export.save(inputs, whole, goal, (), tmp_path)
    hostile = {
        "size__cm_": np.array([1, np.nan, np.inf, 1e38, 1], np.float32),
        "size__cm__2": np.array([5, 5, -1e38, np.nan, 5], np.float32),
        "column_1__Farbe": np.array(["rot", "", "grün", "\x1f", "lila"], object),
        "notes": np.array(["a", "", "b" * 9999, "\xff", "a"], object),
    }
    values = served(tmp_path)(hostile)["outputs"]
    assert values.shape == (5,)
    assert np.isfinite(values).all()
    assert values[0] != pytest.approx(values[4])


def test_names_of_inputs_are_identifiers_and_differ() -> None:
    names = ["petal length (cm)", "petal_length__cm_", "1", "größe", "_x", "", "a", "a_2", "A-", "A_"]
    found = input_names(names)
    assert list(found) == names
    assert all(name.isascii() and name.isidentifier() and not name.startswith("_") for name in found.values())
    assert len(set(found.values())) == len(names)
    assert found["a"] == "a"


def test_columns_may_be_called_like_words_of_python_and_differ_in_case_alone(tmp_path: Path) -> None:
    names = ["class", "self", "None", "lambda", "A", "a", "name", "print", "inputs"]
    columns = tuple(TableColumn(name=name, type=ColumnType.NUMERIC) for name in names)
    rows = pa.table({name: [float(number), 1.0] for number, name in enumerate(names)})
    inputs = Columns.of(columns, rows, scaling="standard")
    given = table.placeholders(inputs)
    goal = Objective.of(Task.TABULAR_REGRESSION, Metric.R2, np.array([1.0, 3.0]), 1, 0.0)
    export.save(inputs, keras.Model(given, table.linear(inputs, given, 1)), goal, (), tmp_path)
    asked = {input_names(names)[name]: np.array([1.0], np.float32) for name in names}
    assert {"column_class", "column_self", "A", "a_2", "name"} <= asked.keys()
    assert served(tmp_path)(asked)["outputs"].shape == (1,)


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "variables").mkdir(parents=True)
        (folder / "fingerprint.pb").write_bytes(name.encode())
        (folder / "saved_model.pb").write_bytes(b"graph")
        (folder / "variables" / "variables.index").write_bytes(b"index")
        digests.append(export.pack(folder, tmp_path / f"{name}.tar"))
    assert digests[0] == digests[1]
