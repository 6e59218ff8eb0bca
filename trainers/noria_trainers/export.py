"""A trained network as a SavedModel, and that as one file with a digest. Called by `steps.train` and `steps.conclude`.

The signature `serving_default` takes what users have; the first dimension is the batch:

| task           | inputs                                                                            |
|----------------|-----------------------------------------------------------------------------------|
| images         | `image_bytes` string [b]: a JPEG, PNG, GIF or plain BMP file                      |
| text           | `text` string [b] in UTF-8                                                        |
| tables, clicks | one for each column, named by `modality.table.raw.input_names`: float32 [b], NaN  |
|                | where missing, or string [b], empty where missing                                 |

Its outputs are what the task's target answers: `scores` with `classes`, or `outputs`. Models of tables and clicks have
one more signature, that of `by_example`.

A request with an image that cannot be decoded fails with InvalidArgument, which names the row: an answer to a picture
that was not seen would be a silent fault. Where a server batches requests of several clients, all of that batch fail.
Everything but fitted estimators is float32. Nothing is compiled: strings and decoding run where XLA does not, and so
does every server.
"""

import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from noria.contract import Artifact
from noria_store import verified
from noria_store.store import Store
from noria_trainers.by_example import ByExample
from noria_trainers.modality.inputs import VALID, Inputs
from noria_trainers.modality.modality import modality_of
from noria_trainers.target.target import target_of
from noria_trainers.training.design import Network
from noria_trainers.training.objective import Objective

SIGNATURE = "serving_default"
_MOST_ROWS = 5
"""That a refusal names."""
MEMBERS = ("saved_model.pb", "variables", "assets", "assets.extra")
"""What a packed model has of the SavedModel's folder."""


def save(
    inputs: Inputs,
    network: Network,
    objective: Objective,
    classes: Sequence[str],
    folder: Path,
    by_example: ByExample | None = None,
) -> None:
    """Write the SavedModel of a float32 network to `folder`."""
    names = tf.constant(list(classes), tf.string)
    padded = modality_of(objective.task).pads_empty_batches

    def serve(**raw: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = tf.shape(next(iter(raw.values())))[0]
        features = inputs.encode(_not_empty(raw, rows) if padded else raw)
        valid = features.pop(VALID, None)
        refused = [] if valid is None else [_refused(valid[:rows], modality_of(objective.task).refusal)]
        with tf.control_dependencies(refused):
            predictions = objective.predictions(network(features, training=False), valid)[:rows]
        return target_of(objective.task).answer(predictions, names)

    model = tf.Module()
    model.weights = [variable.value for variable in network.variables]
    model.serve = tf.function(serve, jit_compile=False, autograph=False)
    write(model, inputs.signature(), folder, by_example)


def write(model: tf.Module, inputs: Mapping[str, Any], folder: Path, by_example: ByExample | None = None) -> None:
    """Write the SavedModel of a module whose function `serve` answers to inputs like these.

    Functions are put in order, so that another process that makes the same model writes the same bytes.
    """
    signatures = {SIGNATURE: model.serve.get_concrete_function(**inputs)}
    if by_example:
        signatures[str(by_example.verb)] = by_example.function(model.serve)
    tf.saved_model.save(model, str(folder), signatures=signatures)
    file = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for graph in saved.meta_graphs:
        graph.graph_def.library.function.sort(key=lambda function: function.signature.name)
        if by_example:
            graph.signature_def[by_example.verb].method_name = by_example.method
    file.write_bytes(saved.SerializeToString(deterministic=True))


def _refused(valid: tf.Tensor, words: str) -> tf.Operation:
    """Fails with `row 3, 5` and the words where not all rows are `valid`, bool [b]."""
    rows = tf.strings.as_string(tf.where(tf.logical_not(valid))[:_MOST_ROWS, 0])
    message = tf.strings.join(["row ", tf.strings.reduce_join(rows, separator=", "), " ", words])
    return tf.debugging.Assert(tf.reduce_all(valid), [message])


def _not_empty(raw: dict[str, tf.Tensor], rows: tf.Tensor) -> dict[str, tf.Tensor]:
    """The inputs, or one empty row where there is none: on some processors TensorFlow's convolutions (oneDNN's) give an
    empty batch a wrong shape."""
    missing = tf.cast(rows == 0, tf.int32)
    return {name: tf.concat([values, tf.zeros([missing], values.dtype)], 0) for name, values in raw.items()}


def unpack(artifact: Artifact, folder: Path, store: Store) -> Path:
    """Make `folder` the model that a trial packed; the folder. Raises StepError if it was changed after training."""
    cure = "it was changed after training: start a new run of the TrainingJob"
    return verified.unpacked(artifact, folder, store, cure=cure)


def pack(folder: Path, file: Path) -> str:
    """Write the model's folder as a tar that depends on the members' content alone; its digest, `sha256:...`."""
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in MEMBERS:
            for path in sorted([folder / name, *(folder / name).rglob("*")]):
                if path.is_file():
                    _add(archive, path, path.relative_to(folder).as_posix())
    return verified.digest(file)


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = path.stat().st_size, 0o644
    with path.open("rb") as content:
        archive.addfile(member, content)
