"""Models that answer as a function says, exported and packed as trials' models are, for proofs."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from noria.contract import TASKS, Artifact, Modality, Policy, ProvenVersion, ProveOrder, Task
from noria_store.store import Store
from noria_trainers import export
from noria_trainers.data.revision import Revision
from noria_trainers.modality.table.raw import Raw

Answer = Callable[[dict[str, tf.Tensor]], tf.Tensor]
"""Scores [b, k] from what the serving signature takes."""


def packed(revision: str, folder: Path, answer: Answer) -> Artifact:
    """A model of this revision that answers so."""
    manifest = Revision.open(Store.from_environment(environment={}), revision).manifest
    output = "outputs" if manifest.task is Task.TABULAR_REGRESSION else "scores"
    model = tf.Module()
    model.unused = tf.Variable(tf.zeros([3]))

    def serve(**raw: tf.Tensor) -> dict[str, tf.Tensor]:
        scores = answer(raw) + 0 * model.unused[0]
        return {output: scores[:, 0] if output == "outputs" else scores}

    model.serve = tf.function(serve, jit_compile=False, autograph=False)
    export.write(model, _inputs(manifest.task, Raw(manifest.columns)), folder / "model")
    return Artifact(uri=str(folder / "model.tar"), digest=export.pack(folder / "model", folder / "model.tar"))


def _inputs(task: Task, raw: Raw) -> dict[str, tf.TensorSpec]:
    if TASKS[task].modality is Modality.TABLE:
        return raw.signature()
    name = "text" if TASKS[task].modality is Modality.TEXT else "image_bytes"
    return {name: tf.TensorSpec([None], tf.string, name=name)}


def hashed(salt: str, outputs: int) -> Answer:
    """Made-up shares that depend on the whole input."""

    def answer(raw: dict[str, tf.Tensor]) -> tf.Tensor:
        texts = [value if value.dtype == tf.string else tf.strings.as_string(value) for value in raw.values()]
        joined = tf.strings.join([salt, *texts])
        drawn = [tf.strings.to_hash_bucket_fast(joined + str(k), 1000) for k in range(outputs)]
        return tf.cast(tf.stack(drawn, axis=1), tf.float32) / 1000 / outputs

    return answer


def above(bound: float, wrong: float = 0.0) -> Answer:
    """The class `high` where x is above a bound; of classes high and low, and wrong for a share of all rows."""

    def answer(raw: dict[str, tf.Tensor]) -> tf.Tensor:
        noise = tf.strings.to_hash_bucket_fast(tf.strings.as_string(raw["x"]), 1000) < int(1000 * wrong)
        high = tf.cast(tf.not_equal(raw["x"] > bound, noise), tf.float32)
        return tf.stack([0.1 + 0.8 * high, 0.9 - 0.8 * high], axis=1)

    return answer


def rows(path: Path, numbers: np.ndarray, **columns: list[str]) -> Path:
    """A table with x, other columns, and the label that x has."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", *columns, "label"])
        others = list(zip(*columns.values(), strict=True)) or [()] * len(numbers)
        writer.writerows([x, *other, "high" if x > 0 else "low"] for x, other in zip(numbers, others, strict=True))
    return path


def order(
    folder: Path,
    *versions: tuple[str, Artifact],
    **changes: object,
) -> ProveOrder:
    """A proof of version 7 beside version 6, and perhaps version 2; each is its revision and its artifact."""

    def version(number: int, given: tuple[str, Artifact]) -> ProvenVersion:
        manifest = Revision.open(Store.from_environment(environment={}), given[0]).manifest
        metric = TASKS[manifest.task].metrics.default
        return ProvenVersion(version=number, task=manifest.task, metric=metric, artifact=given[1], revision=given[0])

    names = ("candidate", "served", "anchor")
    whole = {
        "policy": Policy.NOT_WORSE,
        **{name: version(*given) for name, given in zip(names, zip((7, 6, 2), versions, strict=False), strict=False)},
        "destination": f"{folder}/proof/",
        "report": f"{folder}/proof/report.json",
    }
    return ProveOrder.model_validate(whole | changes)
