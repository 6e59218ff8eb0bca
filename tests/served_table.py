"""A generated table as a served model: what its stored examples are answered, and how its file's rows are sent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pyarrow as pa
import tensorflow as tf

import generated_table
from generated_table import MARK, Table
from noria.contract import Column, ColumnType, Metric, ProfileOrder, Source, Task
from noria_store.store import Store
from noria_trainers import export
from noria_trainers.data.revision import Revision
from noria_trainers.families import table as layers
from noria_trainers.families.tabular_sklearn.fit import fit
from noria_trainers.families.tabular_sklearn.graph import Graph
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR, FAMILY
from noria_trainers.modality.modality import split_of
from noria_trainers.modality.table.columns import Columns
from noria_trainers.modality.table.raw import Raw
from noria_trainers.modality.table.standard import FEATURES, Standard
from noria_trainers.modality.text.ngrams import IDS, WEIGHTS, NGrams
from noria_trainers.steps import profile
from noria_trainers.target.target import target_of
from noria_trainers.training.objective import Objective

HERE = Store.from_environment(environment={})


def profiled(table: Table, folder: Path) -> Revision:
    columns = (Column(name="text", type=ColumnType.TEXT),) if table.task is Task.TEXT_CLASSIFICATION else ()
    order = ProfileOrder(
        task=table.task,
        source=Source(uri=str(table.path)),
        target=table.target,
        columns=columns,
        destination=f"{folder}/out/",
        report=f"{folder}/report",
        landmark_seconds=0,
    )
    report = profile.run(order, HERE, folder / "scratch", source=HERE)
    assert report.revision, report.problems
    assert report.examples >= 0.95 * len(table.rows), report.problems
    return Revision.open(HERE, f"{folder}/out/{report.revision}/")


def exported(revision: Revision, folder: Path, seed: int = 0) -> Path:
    """A model with random weights, or one fitted to random labels: any other value of a feature is another answer."""
    manifest, train = revision.manifest, split_of(revision, "train", folder / "scratch")
    outputs = target_of(manifest.task).outputs(len(manifest.classes))
    inputs: Standard | Columns | NGrams
    network: keras.Model | Graph
    if train.table is not None and manifest.task is Task.TABULAR_CLASSIFICATION and seed % 2:
        inputs = Standard.of(manifest.columns, train.table)
        network = fitted(inputs, train.table, train.labels, outputs, seed)
    elif train.table is not None:
        inputs = Columns.of(manifest.columns, train.table, scaling="quantile" if seed % 3 else "standard")
        given = layers.placeholders(inputs)
        network = randomized(keras.Model(given, layers.linear(inputs, given, outputs)))
    else:
        assert train.texts is not None
        inputs = NGrams.of(train.texts(), longest=2, size=500)
        given = {
            name: keras.Input([None], dtype=kind, name=name) for name, kind in ((IDS, "int32"), (WEIGHTS, "float32"))
        }
        drawn = keras.layers.Embedding(inputs.size + 1, outputs)(given[IDS])
        network = randomized(keras.Model(given, keras.ops.sum(drawn * given[WEIGHTS][..., None], axis=1)))
    goal = Objective.of(manifest.task, Metric.LOG_LOSS, train.labels, len(manifest.classes), 0.0)
    export.save(inputs, network, goal, manifest.classes, folder / "model")
    return folder / "model"


def randomized(network: keras.Model) -> keras.Model:
    rng = np.random.default_rng(0)
    network.set_weights([rng.normal(size=each.shape) for each in network.get_weights()])
    return network


def fitted(inputs: Standard, table: pa.Table, labels: np.ndarray, outputs: int, seed: int) -> Graph:
    """An estimator of scikit-learn, another one for each seed."""
    estimators = tuple(FAMILY.variants)
    parameters = FAMILY.configuration({ESTIMATOR: estimators[seed // 2 % len(estimators)]}).parameters
    features = [inputs.encode(batch)[FEATURES].numpy() for batch in inputs.rows.batches(table)]
    return fit(parameters, {FEATURES: np.concatenate(features)}, labels, outputs, seed)


def as_sent(value: Any, kind: tf.DType) -> Any:
    """A cell of the file as a client sends it: a number where one is asked for, else as text."""
    if kind == tf.float32:
        try:
            return math.nan if value is None else np.float32(value)
        except ValueError:
            return math.nan
    return "" if value is None else str(value)


def places(table: Table, stored: Mapping[str, np.ndarray]) -> list[int]:
    """Where in the file the stored examples are."""
    if table.task is Task.TEXT_CLASSIFICATION:
        place = {row["text"]: index for index, row in enumerate(table.rows)}
        return [place[text.decode()] for text in stored["text"]]
    return [int(mark) for mark in stored[MARK]]


def asked(
    table: Table, rows: list[int], columns: Mapping[str, str], kinds: Mapping[str, tf.DType]
) -> dict[str, tf.Tensor]:
    """These rows of the file as a request to inputs of these kinds, each named by its column."""
    return {
        name: tf.constant([as_sent(table.rows[row][column], kinds[name]) for row in rows], kinds[name])
        for column, name in columns.items()
    }


@dataclass(frozen=True)
class Served:
    """A model, and the hold-out of its table."""

    model: Path
    output: str
    expected: np.ndarray
    """What the stored examples are answered [n] or [n, outputs]."""
    request: dict[str, tf.Tensor]
    """The same rows as they lie in the file. Each [n]."""


def serve(seed: int, folder: Path) -> Served:
    """The table of the seed, profiled, and a model of it in the folder."""
    folder.mkdir(exist_ok=True)
    table = generated_table.make(seed, folder)
    revision = profiled(table, folder)
    model = exported(revision, folder, seed)
    loaded = tf.saved_model.load(str(model))
    signature = loaded.signatures["serving_default"]
    kinds = {name: spec.dtype for name, spec in signature.structured_input_signature[1].items()}
    columns = Raw(revision.manifest.columns).names or {"text": "text"}
    output = target_of(table.task).score_output
    stored, _ = next(split_of(revision, "holdout", folder / "scratch").batches(generated_table.ROWS))
    answer = signature(**{name: tf.constant(values) for name, values in stored.items()})
    return Served(model, output, answer[output].numpy(), asked(table, places(table, stored), columns, kinds))
