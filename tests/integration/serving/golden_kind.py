"""Models as other tools write them: Keras 2 and 3, TF Text, ragged examples, sequences, TFLite. Used by `golden`."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_text
import tf_keras


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


def lite(path: Path, base: float, has_signature: bool) -> None:
    """y = x / 2 + base as TFLite, with or without the names of a signature."""
    path.mkdir(parents=True)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [1], "x")
        y = tf.add(x * 0.5, base, "y")
        converter = tf.compat.v1.lite.TFLiteConverter.from_session(session, [x], [y])
        plain = converter.convert()
    module = tf.Module()
    module.serve = tf.function(lambda x: {"y": x * 0.5 + base}, input_signature=[tf.TensorSpec([None], name="x")])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.serve.get_concrete_function()], module)
    (path / "model.tflite").write_bytes(converter.convert() if has_signature else plain)


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
