"""The SavedModels that every server of the comparison serves, and what they answer.

Run as `python models.py FOLDER ROWS` by `bench_serving`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf


class Function(tf.Module):
    """A module with one signature."""

    def __init__(self, body: Any, spec: tf.TensorSpec, *tracked: Any) -> None:
        self.tracked = tracked
        self.serve = tf.function(body, input_signature=[spec])

    def save(self, path: Path) -> None:
        """Write the SavedModel with the function as default signature."""
        tf.saved_model.save(self, str(path), signatures={"serving_default": self.serve})


def keras_model(name: str, path: Path) -> None:
    """A small network: `cnn` on 28x28x1, `mlp` of 16-64-3, `large` with 13 million weights (50 MB)."""
    layers = keras.layers
    shape, hidden = {
        "cnn": ((28, 28, 1), [layers.Conv2D(8, 3, 2, "same"), layers.ReLU(), layers.Conv2D(16, 3, 2, "same")]),
        "mlp": ((16,), [layers.Dense(64, "relu")]),
        "large": ((16,), [layers.Dense(3600, "relu"), layers.Dense(3600, "relu")]),
    }[name]
    model = keras.Sequential([keras.Input(shape), *hidden, layers.Flatten(), layers.Dense(10 if name == "cnn" else 3)])
    spec = tf.TensorSpec([None, *shape], tf.float32, name="x")
    weights = [weight.value for weight in model.weights]  # of Keras' own variables copies would be saved and restored
    Function(lambda x: {"y": tf.nn.softmax(model(x))}, spec, *weights).save(path)


def half_plus_two(path: Path) -> None:
    """The model of TensorFlow Serving's own examples."""
    a, b = tf.Variable(0.5), tf.Variable(2.0)
    Function(lambda x: {"y": a * x + b}, tf.TensorSpec([None], tf.float32, name="x"), a, b).save(path)


def text(path: Path) -> None:
    """Hashed words into a linear classifier."""
    weights = tf.Variable(tf.random.stateless_normal([4096, 2], [1, 2]))

    def classify(x: Any) -> dict[str, Any]:
        words = tf.strings.split(tf.strings.lower(x))
        ids = tf.strings.to_hash_bucket_fast(words.flat_values, 4096)
        sums = tf.math.segment_sum(tf.gather(weights, ids), words.value_rowids())
        return {"y": tf.nn.softmax(sums)}

    Function(classify, tf.TensorSpec([None], tf.string, name="x"), weights).save(path)


def main(root: Path, rows: dict[str, Any]) -> None:
    """Every model as NAME/1 below `root`, and NAME/expected.json: the numbers that it makes of its rows."""
    half_plus_two(root / "half_plus_two/1")
    text(root / "text/1")
    for name in ("cnn", "mlp", "large"):
        keras_model(name, root / name / "1")
    for name, given in rows.items():
        serve = tf.saved_model.load(str(root / name / "1")).signatures["serving_default"]
        found = serve(x=tf.constant(given))["y"].numpy().ravel().tolist()
        (root / name / "expected.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
