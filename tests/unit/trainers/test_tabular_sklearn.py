"""What a graph answers is what scikit-learn answers: its own preprocessing and estimator on the same rows.

`make test-export` compares all configurations of the family; otherwise a few of each estimator.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tensorflow.core.protobuf import saved_model_pb2

from noria.contract import ColumnType, Configuration, Metric, Task
from noria_store.error import StepError
from noria_trainers import export
from noria_trainers.data.manifest import TableColumn
from noria_trainers.families.tabular_sklearn.fit import trained
from noria_trainers.families.tabular_sklearn.form import Form
from noria_trainers.families.tabular_sklearn.graph import Graph, form_of
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR, FAMILY
from noria_trainers.modality.table.columns import TEXT_BUCKETS
from noria_trainers.modality.table.raw import Raw
from noria_trainers.modality.table.standard import FEATURES, MOST_CATEGORIES, Standard
from noria_trainers.training.objective import Objective

TRAIN, TEST, CLOSE = 400, 1000, 1e-5
ESTIMATORS = tuple(FAMILY.variants)
NUMERIC, CATEGORICAL = ("size", "weight", "age", "grade"), ("colour", "shape")
COLUMNS = tuple(
    TableColumn(name=name, type=kind)
    for names, kind in ((NUMERIC, ColumnType.NUMERIC), (CATEGORICAL, ColumnType.CATEGORICAL))
    for name in names
)


def rows(count: int, seed: int, colours: str) -> tuple[pa.Table, NDArray[np.float64]]:
    """Rows with holes, and a number that grows with them, by noise and by all columns together."""
    rng = np.random.default_rng(seed)
    size, weight, age, grade = rng.normal(size=(4, count))
    colour, shape = rng.choice(list(colours), count), rng.choice(list("uvwxyz"), count)
    target = size + weight**2 + (colour == "r") - (shape == "u") * age + 0.3 * rng.normal(size=count)
    columns = {"size": size, "weight": 1000 * weight, "age": age, "grade": grade.round(1)}
    whole = {name: each.tolist() for name, each in (columns | {"colour": colour, "shape": shape}).items()}
    holes = {name: [None if rng.random() < 0.06 else value for value in each] for name, each in whole.items()}
    return pa.table(holes), target


def matrix(table: pa.Table) -> NDArray[Any]:
    """The rows as scikit-learn takes them; numbers are what 32 bits hold, as in a request."""
    numbers = [np.asarray(table[name].to_numpy(), np.float32).astype(np.float64) for name in NUMERIC]
    texts = [np.asarray([value or "" for value in table[name].to_pylist()], object) for name in CATEGORICAL]
    return np.column_stack([*(each.astype(object) for each in numbers), *texts])


@dataclass(frozen=True)
class Case:
    """A table of two or three classes, encoded by scikit-learn and by us."""

    inputs: Standard
    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    unknown: NDArray[np.float64]
    encoded: NDArray[np.float64]
    classes: int


@cache
def case(classes: int) -> Case:
    train, target = rows(TRAIN, 0, "rgb")
    test, _ = rows(TEST, 1, "rgbxyz")
    numbers = SimpleImputer(strategy="mean")
    categories = make_pipeline(
        SimpleImputer(missing_values="", strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    width = len(NUMERIC)
    parts = [("numbers", numbers, slice(0, width)), ("categories", categories, slice(width, None))]
    reference = make_pipeline(ColumnTransformer(parts), StandardScaler())
    inputs = Standard.of(COLUMNS, train)
    return Case(
        inputs=inputs,
        features=reference.fit_transform(matrix(train)).astype(np.float64),
        labels=np.digitize(target, [0.9] if classes == 2 else [0.4, 1.5]),
        unknown=reference.transform(matrix(test)).astype(np.float64),
        encoded=encoded(inputs, test),
        classes=classes,
    )


def encoded(inputs: Standard, table: pa.Table) -> NDArray[np.float64]:
    return np.concatenate([inputs.encode(batch)[FEATURES].numpy() for batch in inputs.rows.batches(table)])


def chosen() -> list[Configuration]:
    """Some four or five configurations of each estimator, by odd steps so that pairs of values mix; or all."""
    space = FAMILY.space()
    if os.environ.get("NORIA_ALL_CONFIGURATIONS"):
        return list(space)
    of_each = ([each for each in space if each.parameters[ESTIMATOR] == name] for name in ESTIMATORS)
    return list({each.id: each for own in of_each for each in (*own[:: len(own) // 4 | 1], own[-1])}.values())


def named(configuration: Configuration) -> str:
    return "-".join(str(value) for value in configuration.parameters.values())


def ties(fitted: Any, unknown: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows whose last neighbour is as near as the next one, which stays out."""
    if not isinstance(fitted, KNeighborsClassifier):
        return np.zeros(len(unknown), bool)
    far = fitted.kneighbors(unknown, fitted.n_neighbors + 1)[0]
    return np.isclose(far[:, -1], far[:, -2], rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def compared(figures: list[str]) -> Iterator[list[tuple[float, int]]]:
    """Largest difference and ties of each comparison."""
    found: list[tuple[float, int]] = []
    yield found
    differences, aside = [each for each, _ in found], [tied for _, tied in found]
    figures.append(
        f"export: {len(found)} comparisons of {TEST} rows with scikit-learn, differences of at most "
        f"{max(differences):.1e}; {sum(aside)} rows set aside as ties, at most {max(aside)} of a comparison"
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("configuration", chosen(), ids=named)
def test_the_graph_answers_what_scikit_learn_answers(
    configuration: Configuration, classes: int, compared: list[tuple[float, int]]
) -> None:
    given = case(classes)
    fitted = trained(configuration.parameters, given.features, given.labels, seed=0)
    graph = Graph(form_of(fitted, given.features, given.labels), fitted.classes_, classes)
    answer = tf.function(lambda features: tf.nn.softmax(graph({FEATURES: features})))
    found = answer(tf.constant(given.encoded)).numpy()
    expected = fitted.predict_proba(given.unknown)
    tied = ties(fitted, given.unknown)
    difference = float(np.abs(found - expected)[~tied].max())
    compared.append((difference, int(tied.sum())))
    assert tied.mean() < 0.01
    assert difference <= CLOSE
    ordered = np.sort(expected, axis=1)
    sure = ~tied & (ordered[:, -1] - ordered[:, -2] > 1e-6)
    assert sure.mean() > 0.5
    assert np.array_equal(found.argmax(axis=1)[sure], fitted.predict(given.unknown)[sure])


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("estimator", ["linear-svm", "kernel-svm", "perceptron"])
def test_calibration_changes_no_prediction(estimator: str, classes: int) -> None:
    given = case(classes)
    parameters = FAMILY.configuration({ESTIMATOR: estimator}).parameters
    whole, bare = (
        trained(parameters, given.features, given.labels, seed=0, calibrated=calibrated) for calibrated in (True, False)
    )
    assert hasattr(whole, "predict_proba")
    assert not hasattr(bare, "predict_proba")
    assert np.array_equal(whole.predict(given.unknown), bare.predict(given.unknown))


def test_preprocessing_is_scikit_learn_s() -> None:
    given = case(2)
    assert np.allclose(given.encoded, given.unknown, rtol=1e-12, atol=1e-12)
    assert given.encoded.dtype == np.float64


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_saved_model_takes_raw_columns(estimator: str, tmp_path: Path) -> None:
    given = case(3)
    parameters = FAMILY.configuration({ESTIMATOR: estimator}).parameters
    fitted = trained(parameters, given.features, given.labels, seed=0)
    graph = Graph(form_of(fitted, given.features, given.labels), fitted.classes_, 3)
    objective = Objective.of(Task.TABULAR_CLASSIFICATION, Metric.ACCURACY, given.labels, 3, 0.0)
    export.save(given.inputs, graph, objective, ("low", "middle", "high"), tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    signature = loaded.signatures[export.SIGNATURE]
    batch = next(Raw(COLUMNS).batches(rows(TEST, 1, "rgbxyz")[0]))
    answer = signature(**batch)
    tied = ties(fitted, given.unknown)
    assert np.abs(answer["scores"].numpy() - fitted.predict_proba(given.unknown))[~tied].max() <= CLOSE
    assert answer["classes"].numpy()[0].tolist() == [b"low", b"middle", b"high"]
    assert signature(**{name: values[:0] for name, values in batch.items()})["scores"].shape == (0, 3)
    assert not {each for each in operations(tmp_path) if each.startswith(("Py", "EagerPy"))}


def operations(folder: Path) -> set[str]:
    """Of the graph and its functions."""
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    return {node.op for nodes in (graph.node, *(each.node_def for each in graph.library.function)) for node in nodes}


def test_classes_that_training_lacks_have_no_probability() -> None:
    given = case(3)
    labels = np.asarray([0, 2, 3])[given.labels]
    for estimator in ("random-forest", "kernel-svm", "nearest-neighbors"):
        parameters = FAMILY.configuration({ESTIMATOR: estimator}).parameters
        fitted = trained(parameters, given.features, labels, seed=0)
        graph = Graph(form_of(fitted, given.features, labels), fitted.classes_, 5)
        found = tf.nn.softmax(graph({FEATURES: tf.constant(given.encoded)})).numpy()
        tied = ties(fitted, given.unknown)
        assert np.abs(found[:, [0, 2, 3]] - fitted.predict_proba(given.unknown))[~tied].max() <= CLOSE
        assert found[:, [1, 4]].max() <= CLOSE


def test_what_is_too_large_to_be_served_is_refused_with_its_size() -> None:
    huge = Form({"features": np.broadcast_to(0.0, (30_000_000,))}, lambda numbers, features: features)
    with pytest.raises(StepError, match="would take 240 MB, but at most 200 MB can be served") as refused:
        Graph(huge, np.arange(2), 2)
    assert (refused.value.exit_code, refused.value.reason) == (65, "ModelTooLarge")


def test_columns_that_no_statistic_is_ready_for() -> None:
    columns = (
        TableColumn(name="none", type=ColumnType.NUMERIC),
        TableColumn(name="same", type=ColumnType.NUMERIC),
        TableColumn(name="empty", type=ColumnType.CATEGORICAL),
        TableColumn(name="many", type=ColumnType.CATEGORICAL),
        TableColumn(name="notes", type=ColumnType.TEXT),
    )
    count = 400
    table = pa.table(
        {
            "none": pa.array([None] * count, pa.float64()),
            "same": [5.0] * (count - 1) + [float("inf")],
            "empty": pa.array([None] * count, pa.string()),
            "many": [f"{max(0, number - 200)}" for number in range(count)],
            "notes": ["good work", None] * (count // 2),
        }
    )
    inputs = Standard.of(columns, table)
    found = encoded(inputs, table)
    assert np.isfinite(found).all()
    assert found.shape == (count, 2 + MOST_CATEGORIES + TEXT_BUCKETS)
    ones = found[:, 2 : 2 + MOST_CATEGORIES] > 0.05
    assert (ones.sum(axis=1) == 1).all()
    unseen = encoded(
        inputs, pa.table({**dict(zip(table.column_names, table.slice(0, 1).columns, strict=True)), "many": ["x"]})
    )
    assert (unseen[0, 2 : 2 + MOST_CATEGORIES] > 0.05).argmax() == MOST_CATEGORIES - 1
