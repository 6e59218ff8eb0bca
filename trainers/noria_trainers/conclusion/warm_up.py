"""Requests that a server replays before it becomes ready, so that no user waits for the first ones.

TensorFlow Serving and `noria-server` read them from `assets.extra/` of the version. Used by `steps.conclude`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

FILE = Path("assets.extra", "tf_serving_warmup_requests")
BATCHES = (1, 2, 4, 8, 16, 32)
"""Examples of each request, since a server meets lone and batched ones."""
MOST_BYTES = 16 << 20
"""Requests after this much are left out: large images need no 63 copies beside the model."""


def write(folder: Path, inputs: Mapping[str, NDArray[np.generic]]) -> int:
    """Put requests made of these examples ([n] for each input) into a version's folder; how many there are."""
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    written, size, start = 0, 0, 0
    available = min(len(values) for values in inputs.values())
    with tf.io.TFRecordWriter(str(path)) as file:
        for count in BATCHES:
            if start + count > available or size > MOST_BYTES:
                break
            record = _log({name: values[start : start + count] for name, values in inputs.items()})
            file.write(record)
            written, size, start = written + 1, size + len(record), start + count
    return written


def _log(inputs: Mapping[str, NDArray[np.generic]]) -> bytes:
    request = predict_pb2.PredictRequest(model_spec=model_pb2.ModelSpec(signature_name="serving_default"))
    for name, values in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
    return bytes(log.SerializeToString(deterministic=True))
