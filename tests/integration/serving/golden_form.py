"""Models whose signatures are odd on purpose: forms of classify and regress, failures, defaults. Used by `golden`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

ops = tf.raw_ops


def save(path: Path, signatures: dict[str, Any]) -> None:
    tf.saved_model.save(tf.Module(), str(path), signatures=signatures)


def function(body: Callable[..., Any], **inputs: Any) -> Any:
    """A signature of vectors of these types."""
    specs = [tf.TensorSpec([None], dtype, name=name) for name, dtype in inputs.items()]
    return tf.function(body, input_signature=specs).get_concrete_function()


def forms(path: Path) -> None:
    """What classify and regress take and what they refuse, a signature each."""

    def pair(inputs: Any, dtype: Any = tf.float32) -> Any:
        return tf.stack([tf.cast(tf.strings.length(inputs), dtype), tf.zeros_like(inputs, dtype)], 1)

    def labels(inputs: Any) -> Any:
        return tf.fill([tf.size(inputs), 2], "a") + tf.constant([["", "b"]])

    outputs: dict[str, Callable[[Any], dict[str, Any]]] = {
        "labelled": lambda inputs: {"classes": labels(inputs), "scores": pair(inputs)},
        "labels": lambda inputs: {"classes": labels(inputs)},
        "three": lambda inputs: {"classes": labels(inputs), "scores": pair(inputs), "more": inputs},
        "nameless": lambda inputs: {"y": pair(inputs)},
        "flat": lambda inputs: {"scores": pair(inputs)[:, 0]},
        "numbers": lambda inputs: {"classes": pair(inputs)},
        "doubles": lambda inputs: {"scores": pair(inputs, tf.float64)},
        "short": lambda inputs: {"scores": pair(inputs)[:1]},
        "uneven": lambda inputs: {"classes": labels(inputs), "scores": pair(inputs)[:, :1]},
        "column": lambda inputs: {"outputs": pair(inputs)[:, :1]},
        "wide": lambda inputs: {"outputs": pair(inputs)},
        "few": lambda inputs: {"outputs": pair(inputs)[:1, 0]},
        "fine": lambda inputs: {"outputs": pair(inputs, tf.float64)[:, 0]},
    }
    signatures = {name: function(body, inputs=tf.string) for name, body in outputs.items()}
    signatures["two"] = function(lambda inputs, x: {"scores": pair(inputs + x)}, inputs=tf.string, x=tf.string)
    signatures["other"] = function(lambda x: {"outputs": pair(x)[:, 0]}, x=tf.string)
    signatures["other_scores"] = function(lambda x: {"scores": pair(x)}, x=tf.string)
    save(path, signatures)


def failures(path: Path) -> None:
    """A signature per code that TensorFlow's ops fail with."""

    def closed_twice(x: Any) -> Any:
        queue = ops.FIFOQueueV2(component_types=[tf.float32])
        with (
            tf.control_dependencies([ops.QueueCloseV2(handle=queue)]),
            tf.control_dependencies([ops.QueueEnqueueV2(handle=queue, components=[x])]),
        ):
            return tf.identity(x)

    def past_the_end(x: Any) -> Any:
        return x + next(iter(tf.data.Dataset.from_tensors(1.0).skip(1)))

    def unset(x: Any) -> Any:
        handle = ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="nobody")
        return x + ops.ReadVariableOp(resource=handle, dtype=tf.float32)

    def huge(x: Any) -> Any:
        return x + tf.reduce_sum(tf.zeros(tf.cast(x[:1] * 0 + 2.0**45, tf.int64)))

    bodies: dict[str, Callable[[Any], Any]] = {
        "CANCELLED": closed_twice,
        "OUT_OF_RANGE": past_the_end,
        "NOT_FOUND": lambda x: (x, tf.io.read_file("/no/such/file"))[1],
        "PERMISSION_DENIED": lambda x: (x, tf.io.read_file("/proc/1/mem"))[1],
        "RESOURCE_EXHAUSTED": huge,
        "FAILED_PRECONDITION": unset,
        "UNIMPLEMENTED": lambda x: ops.Cast(x=x, DstT=tf.string),
        "DATA_LOSS": lambda x: (x, tf.io.decode_compressed(tf.constant("nonsense"), "ZLIB"))[1],
        "INVALID_ARGUMENT": lambda x: (x, tf.io.decode_raw(tf.constant("abc"), tf.float32))[1],
    }
    save(path, {name: function(lambda x, body=body: {"y": body(x)}, x=tf.float32) for name, body in bodies.items()})


def defaults(path: Path) -> None:
    """The sum of two inputs, of which one has a default."""
    save(path, {"serving_default": function(lambda x, add: {"y": x + add}, x=tf.float32, add=tf.float32)})
    file = path / "saved_model.pb"
    model = SavedModel.FromString(file.read_bytes())
    signature = model.meta_graphs[0].signature_def["serving_default"]
    signature.defaults["add"].CopyFrom(tf.make_tensor_proto([10.0], tf.float32))
    file.write_bytes(model.SerializeToString())
