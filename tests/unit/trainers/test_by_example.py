"""A row under its own column names gets the answer of the typed columns, whatever it lacks or has besides."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from noria.contract import TASKS, ColumnType, Metric, Task
from noria_trainers import export
from noria_trainers.by_example import ByExample
from noria_trainers.data.column import as_text
from noria_trainers.data.manifest import Manifest, Split, TableColumn
from noria_trainers.data.spelling import Spelling, Style
from noria_trainers.families import table
from noria_trainers.modality.table.columns import Columns
from noria_trainers.modality.table.example import RowDecoder
from noria_trainers.modality.table.number_text import number_text
from noria_trainers.modality.table.raw import Raw
from noria_trainers.training.objective import Objective

Value = str | float | int | Sequence[str | float | int]
NUMERIC = ("price (€)", "価格", "a.b", "x")
CATEGORICAL = ("self", "class", "x ", "size/cm")
COLUMNS = (
    *(TableColumn(name=name, type=ColumnType.NUMERIC) for name in NUMERIC),
    *(TableColumn(name=name, type=ColumnType.CATEGORICAL) for name in CATEGORICAL),
)
CATEGORIES = ("red", "3", "2.5", "赤")
NUMBERS: dict[str, Value] = {"3": 3, "2.5": 2.5}
METHODS = {
    Task.TABULAR_CLASSIFICATION: ("classify", ("x", "y", "z")),
    Task.TABULAR_REGRESSION: ("regress", ()),
    Task.CLICK_THROUGH_RATE: ("classify", ("0", "1")),
}


def example(row: Mapping[str, Value]) -> bytes:
    """A row as a client sends it."""
    message = tf.train.Example()
    for name, value in row.items():
        feature = message.features.feature[name]
        for each in [value] if isinstance(value, str | float | int) else value:
            if isinstance(each, str):
                feature.bytes_list.value.append(each.encode())
            elif isinstance(each, int):
                feature.int64_list.value.append(each)
            else:
                feature.float_list.value.append(each)
    return bytes(message.SerializeToString())


def decoded(rows: Sequence[Mapping[str, Value]], columns: Sequence[TableColumn] = COLUMNS) -> dict[str, list[object]]:
    """The columns by their own names."""
    raw = Raw(tuple(columns))
    found = tf.function(RowDecoder.of(raw).decode)(tf.constant([example(row) for row in rows], tf.string))
    return {column: found[name].numpy().tolist() for column, name in raw.names.items()}


def test_a_number_is_itself_where_the_column_has_a_decimal_comma() -> None:
    column = TableColumn(name="x", type=ColumnType.NUMERIC, spelling=Spelling(style=Style.COMMA))
    found = decoded([{"x": 1.163}, {"x": "1.163"}, {"x": "1.163,5"}], [column])
    assert Raw((column,)).numbers({"x": tf.constant(found["x"])})[0].numpy().tolist() == pytest.approx(
        [1.163, 1163, 1163.5]
    )


def manifest(task: Task) -> Manifest:
    split = Split(examples=1, shards=("a",))
    splits = {"train": split, "validation": split, "holdout": split}
    return Manifest.model_validate(
        {"task": task, "revision": "4f", "classes": METHODS[task][1], "columns": COLUMNS, "splits": splits}
    )


@pytest.fixture(scope="module", params=METHODS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Task, Path]:
    """A model whose answer depends on every column."""
    task: Task = request.param
    draw, folder = Random(0), tmp_path_factory.mktemp("model")
    rows: dict[str, list[Any]] = {
        name: [draw.gauss(0, 1) if draw.random() > 0.2 else None for _ in range(200)] for name in NUMERIC
    }
    rows |= {name: [draw.choice([*CATEGORIES, None]) for _ in range(200)] for name in CATEGORICAL}
    inputs = Columns.of(COLUMNS, pa.table(rows), scaling="standard")
    given, outputs = table.placeholders(inputs), 3 if task is Task.TABULAR_CLASSIFICATION else 1
    network = keras.Model(given, table.linear(inputs, given, outputs))
    network.set_weights([np.random.default_rng(0).normal(size=each.shape) for each in network.get_weights()])
    metric: Metric = TASKS[task].metrics.default
    goal = Objective.of(task, metric, np.arange(9) % max(outputs, 2), outputs, 0.0)
    export.save(inputs, network, goal, METHODS[task][1], folder, ByExample.of(manifest(task)))
    return task, folder


def drawn(draw: Random) -> tuple[dict[str, Value], dict[str, object]]:
    """A row as somebody might send it, and what the typed columns are to hold."""
    row: dict[str, Value] = {}
    typed: dict[str, object] = {}
    for name in NUMERIC:
        number = np.float32(draw.choice([draw.gauss(0, 1), draw.gauss(0, 1e6), 3.0])).item()
        sent: list[Value] = [number, [number], repr(number), f" {number!r} ", int(number)]
        choice = draw.randrange(len(sent) + 2)
        if choice < len(sent):
            row[name] = sent[choice]
            typed[name] = float(int(number)) if choice == len(sent) - 1 else number
        else:
            typed[name] = np.nan
            row |= {name: []} if choice == len(sent) else {}
    for name in CATEGORICAL:
        value = draw.choice([*CATEGORIES, "unseen", None])
        typed[name] = value or ""
        if value is not None:
            row[name] = draw.choice([value, [value], NUMBERS.get(value, value)])
    extra: list[Value] = ["a", 1, [1.0, 2.0]]
    row |= {f"extra {number}": draw.choice(extra) for number in range(draw.randrange(3))}
    order = draw.sample(list(row), len(row))
    return {name: row[name] for name in order}, typed


def test_a_row_as_people_send_it_gets_the_answer_of_the_typed_columns(model: tuple[Task, Path]) -> None:
    task, folder = model
    draw = Random(1)
    rows, typed = zip(*(drawn(draw) for _ in range(300)), strict=True)
    loaded = tf.saved_model.load(str(folder))
    names = Raw(COLUMNS).names
    columns = {
        names[name]: tf.constant([each[name] for each in typed], tf.float32 if name in NUMERIC else tf.string)
        for name in names
    }
    expected = loaded.signatures["serving_default"](**columns)
    verb, classes = METHODS[task]
    answer = loaded.signatures[verb](inputs=tf.constant([example(row) for row in rows]))
    if verb == "regress":
        assert set(answer) == {"outputs"}
        assert answer["outputs"].numpy() == pytest.approx(expected["outputs"].numpy(), rel=1e-5)
        return
    scores = answer["scores"].numpy()
    assert answer["classes"].numpy().tolist() == [[name.encode() for name in classes]] * len(rows)
    assert scores.sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)
    assert scores[:, -expected["scores"].shape[1] :] == pytest.approx(expected["scores"].numpy(), abs=1e-6)


def test_the_signature_is_for_the_api_s_own_request(model: tuple[Task, Path]) -> None:
    task, folder = model
    (graph,) = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs
    verb, _ = METHODS[task]
    assert graph.signature_def[verb].method_name == f"tensorflow/serving/{verb}"
    assert list(graph.signature_def[verb].inputs) == ["inputs"]
    assert graph.signature_def["serving_default"].method_name == "tensorflow/serving/predict"


def test_an_empty_batch_is_answered(model: tuple[Task, Path]) -> None:
    task, folder = model
    loaded = tf.saved_model.load(str(folder))
    answer = loaded.signatures[METHODS[task][0]](inputs=tf.constant([], tf.string))
    assert {len(each) for each in answer.values()} == {0}


def test_many_columns_and_rows_of_different_ones() -> None:
    columns = [
        TableColumn(name=f"c {number}", type=ColumnType.CATEGORICAL if number % 2 else ColumnType.NUMERIC)
        for number in range(200)
    ]
    rows: list[dict[str, Value]] = [
        {each.name: number + row for number, each in enumerate(columns) if (number + row) % 3} for row in range(9)
    ]
    found = decoded(rows, columns)
    for number, each in enumerate(columns):
        values = [number + row if (number + row) % 3 else None for row in range(9)]
        if number % 2:
            assert found[each.name] == [b"" if value is None else str(value).encode() for value in values]
        else:
            assert found[each.name] == pytest.approx(
                [np.nan if value is None else value for value in values], nan_ok=True
            )


def test_the_row_s_own_value_counts_before_that_of_the_context() -> None:
    decoder = RowDecoder.of(Raw(COLUMNS))
    sent = example({"x": 1.0, "self": "red"}) + example({"x": 2.0, "a.b": 3})  # as servers join them
    found = {name: decoder.decode(tf.constant([sent]))[name].numpy().tolist() for name in ("x", "a_b", "column_self")}
    assert found == {"x": [2.0], "a_b": [3.0], "column_self": [b"red"]}


def test_several_values_in_a_column_are_refused_by_its_name_and_elsewhere_ignored() -> None:
    assert decoded([{"x": 1, "tags": ["a", "b"]}])["x"] == [1.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"several values in column\] \[self"):
        decoded([{"x": 1}, {"self": ["red", "red"]}])


def test_what_is_not_a_number_is_missing_in_a_column_of_numbers() -> None:
    found = decoded([{"x": each} for each in ("0.37", " 1e3 ", "+.5", "", "much", "1 2", "0x1", "٣")])["x"]
    assert found == pytest.approx([0.37, 1000, 0.5, *[np.nan] * 5], nan_ok=True)


def test_a_number_becomes_the_category_that_it_is_in_a_table() -> None:
    draw = Random(0)
    values = [
        float(f"{draw.choice([1, -1]) * draw.uniform(1, 10) * 10 ** draw.randrange(-4, 6):.6g}") for _ in range(500)
    ]
    for numbers in ([*values, 0.5], [float(each) for each in range(-300, 300)], [0.0, 1e6, -16_777_216.0]):
        expected = as_text(pa.chunked_array([numbers])).to_pylist()
        assert [each.decode() for each in number_text(tf.constant(numbers, tf.float32)).numpy()] == expected
    assert number_text(tf.constant([np.nan, 0.0])).numpy().tolist() == [b"", b"0"]


class Written(Raw):
    """Rows whose numbers are texts in the file, as `1.163,5`."""

    def signature(self) -> dict[str, tf.TensorSpec]:
        return {name: tf.TensorSpec([None], tf.string, name=name) for name in self.names.values()}


def test_a_number_is_not_mistaken_for_one_that_a_column_writes_its_own_way() -> None:
    decoder = RowDecoder.of(Written((TableColumn(name="x", type=ColumnType.NUMERIC),)))
    rows: list[dict[str, Value]] = [{"x": 1.163}, {"x": "1.163,5"}, {"x": 1163}, {}]
    found = decoder.decode(tf.constant([example(row) for row in rows]))["x"].numpy().tolist()
    assert float(found[0]) == pytest.approx(1.163)
    assert found[0].endswith(b"e+00"), "with a decimal comma, 1.163 would be 1163"
    assert found[1:] == [b"1.163,5", b"1163", b""]
