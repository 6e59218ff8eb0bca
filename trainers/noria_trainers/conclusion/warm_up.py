"""Requests that a server replays before it becomes ready, so that no user waits for the first ones.

TensorFlow Serving and `noria-server` read them from `assets.extra/` of the version. Used by `steps.conclude`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import model_pb2, prediction_log_pb2

from noria.contract import Verb
from noria_trainers import export
from noria_trainers.conclusion.asking import Asking

FILE = Path("assets.extra", "tf_serving_warmup_requests")
BATCHES = (1, 2, 4, 8, 16, 32)
"""Examples of each request, since a server meets lone and batched ones."""
MOST_BYTES = 16 << 20
"""Requests after this much are left out: large images need no 63 copies beside the model."""


def write(folder: Path, asking: Asking) -> int:
    """Put requests of made-up examples, by all signatures, into a version's folder; how many there are."""
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    written, size = 0, 0
    with tf.io.TFRecordWriter(str(path)) as file:
        for count in BATCHES:
            for log in _logs(asking, count):
                if size > MOST_BYTES:
                    return written
                record = log.SerializeToString(deterministic=True)
                file.write(record)
                written, size = written + 1, size + len(record)
    return written


def _logs(asking: Asking, count: int) -> Iterator[prediction_log_pb2.PredictionLog]:
    """A request of `count` examples by each signature."""
    typed = prediction_log_pb2.PredictionLog()
    typed.predict_log.request.model_spec.CopyFrom(model_pb2.ModelSpec(signature_name=export.SIGNATURE))
    for name, values in asking.made_up.inputs.items():
        typed.predict_log.request.inputs[name].CopyFrom(tf.make_tensor_proto(np.resize(values, count)))
    yield typed
    if asking.made_up.row is None:
        return
    by_example = prediction_log_pb2.PredictionLog()
    log = by_example.regress_log if asking.verb is Verb.REGRESS else by_example.classify_log
    log.request.model_spec.signature_name = asking.verb
    example = _example(asking.made_up.row)
    log.request.input.example_list.examples.extend([example] * count)
    yield by_example


def _example(row: Mapping[str, str | float]) -> tf.train.Example:
    example = tf.train.Example()
    for name, value in row.items():
        feature = example.features.feature[name]
        if isinstance(value, str):
            feature.bytes_list.value.append(value.encode())
        else:
            feature.float_list.value.append(value)
    return example
