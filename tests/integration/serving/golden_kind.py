"""Models as other tools write them: Keras 2 and 3, TF Text, ragged examples, sequences, TFLite. Used by `golden`."""

from pathlib import Path
from typing import Any

import flatbuffers
import keras
import tensorflow as tf
import tensorflow_text
import tf_keras
from flatbuffers import flexbuffers
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.lite.python import schema_py_generated as schema


def save(path: Path, body: Any, *specs: tf.TensorSpec) -> None:
    """A SavedModel of one function."""
    module = tf.Module()
    module.serve = tf.function(body, input_signature=specs)
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.serve})


def ragged(path: Path) -> None:
    """The sum of as many numbers as each example has, and the numbers themselves with their row splits."""

    def serve(examples: Any) -> dict[str, Any]:
        feature = tf.io.RaggedFeature(tf.float32, row_splits_dtype=tf.int64)
        numbers = tf.io.parse_example(examples, {"x": feature})["x"]
        return {"outputs": tf.reduce_sum(numbers, axis=1)}

    save(path, serve, tf.TensorSpec([None], tf.string, name="inputs"))


def words(path: Path) -> None:
    """Case-folded words of each text, with ops of TF Text."""

    def serve(texts: Any) -> dict[str, Any]:
        found = tensorflow_text.WhitespaceTokenizer().tokenize(tensorflow_text.case_fold_utf8(texts))
        return {"words": found.to_tensor(""), "count": found.row_lengths()}

    save(path, serve, tf.TensorSpec([None], tf.string, name="texts"))


def dense(kind: Any) -> Any:
    """A network that adds three numbers."""
    return kind.Sequential([kind.Input((3,), name="x"), kind.layers.Dense(1, kernel_initializer="ones", name="sum")])


def counting(path: Path) -> None:
    """A recurrent network over sequences of any length that adds up what comes."""
    layer = keras.layers.SimpleRNN(
        1, activation="linear", kernel_initializer="ones", recurrent_initializer="ones", name="total"
    )
    keras.Sequential([keras.Input((None, 1), name="x"), layer]).export(str(path), verbose=False)


def lite(root: Path) -> None:
    """y = x / 2 + 3 as TFLite: `plain`, and `signed` with signatures in its metadata; `converted` adds 2 and is as
    TensorFlow 2's converter writes models.
    """
    for name, content in (("plain", plain()), ("signed", signed(plain())), ("converted", converted())):
        (root / name / "1").mkdir(parents=True)
        (root / name / "1" / "model.tflite").write_bytes(content)


def plain() -> bytes:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [1], "x")
        y = tf.add(x * 0.5, 3.0, "y")
        return bytes(tf.compat.v1.lite.TFLiteConverter.from_session(session, [x], [y]).convert())


def converted() -> bytes:
    module = tf.Module()
    module.serve = tf.function(lambda x: {"y": x * 0.5 + 2.0}, input_signature=[tf.TensorSpec([None], name="x")])
    return bytes(
        tf.lite.TFLiteConverter.from_concrete_functions([module.serve.get_concrete_function()], module).convert()
    )


def signed(content: bytes) -> bytes:
    """The model with two signatures as TensorFlow Lite's SetSignatureDefMap writes them."""
    info = {"dtype": tf.float32.as_datatype_enum}
    halved = SignatureDef(inputs={"given": {"name": "x:0", **info}}, outputs={"found": {"name": "y:0", **info}})
    regress = SignatureDef(inputs={"inputs": {"name": "x", **info}}, outputs={"outputs": {"name": "y", **info}})
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, proto in (("halved", halved), ("regress", regress)):
            builder.Key(key)
            builder._WriteBlob(proto.SerializeToString(), append_zero=True, type_=flexbuffers.Type.STRING)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data, entry.name, entry.buffer = list(builder.Finish()), "signature_defs_metadata", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    whole = flatbuffers.Builder(0)
    whole.Finish(model.Pack(whole), b"TFL3")
    return bytes(whole.Output())


def crashing(path: Path) -> None:
    """Gives its input back, and ends the process where a number is negative."""

    def serve(x: Any) -> dict[str, Any]:
        def end() -> Any:
            with tf.control_dependencies([tf.raw_ops.Abort(error_msg="this model crashes")]):
                return tf.identity(x)

        return {"y": tf.cond(tf.reduce_any(x < 0), end, lambda: x)}

    save(path, serve, tf.TensorSpec([None], tf.float32, name="x"))


def every_kind(root: Path) -> None:
    """Each as NAME/1 below `root`."""
    ragged(root / "ragged/1")
    words(root / "words/1")
    dense(keras).export(str(root / "keras3/1"), verbose=False)
    dense(tf_keras).save(str(root / "keras2/1"))
    counting(root / "sequence/1")
    crashing(root / "crashing/1")
