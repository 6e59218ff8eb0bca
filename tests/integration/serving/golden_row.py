"""Models of each kind that trials export, which answer with what they read. Used by `golden`."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from noria.contract import ColumnType
from noria_trainers import export
from noria_trainers.by_example import ByExample
from noria_trainers.data.manifest import TableColumn
from noria_trainers.modality.table.example import RowDecoder
from noria_trainers.modality.table.raw import Raw

COLUMNS = (
    TableColumn(name="price (€)", type=ColumnType.NUMERIC),
    TableColumn(name="価格", type=ColumnType.NUMERIC),
    TableColumn(name="self", type=ColumnType.CATEGORICAL),
)


def rows(path: Path, output: str) -> None:
    """Scores are both numbers, classes `self`; the value is the difference of the numbers; -1 where one is missing."""
    raw, model = Raw(COLUMNS), tf.Module()

    def serve(**columns: tf.Tensor) -> dict[str, tf.Tensor]:
        euro, other = (tf.where(tf.math.is_nan(each), -1.0, each) for each in raw.numbers(columns))
        length = tf.cast(tf.strings.length(columns["column_self"]), tf.float32)
        return {output: euro - other + length if output == "outputs" else tf.stack([euro, other, length], 1)}

    model.serve = tf.function(serve, autograph=False)
    classes = () if output == "outputs" else ("euro", "yen", "length")
    export.write(model, raw.signature(), path, ByExample(RowDecoder.of(raw), output, classes))


def clicks(path: Path) -> None:
    """The probability of a click is the number in the first column."""
    raw, model = Raw(COLUMNS), tf.Module()
    model.serve = tf.function(lambda **columns: {"scores": raw.numbers(columns)[0][:, tf.newaxis]}, autograph=False)
    export.write(model, raw.signature(), path, ByExample(RowDecoder.of(raw), "scores", ("0", "1")))


def texts(path: Path) -> None:
    """Scores of `short` and `long` are 10 and the length in bytes."""
    _save(path, "text", ("short", "long"), lambda text: tf.stack([10.0, tf.cast(tf.strings.length(text), tf.float32)]))


def pictures(path: Path) -> None:
    """Scores of `red`, `green` and `blue` are the values of the first pixel."""

    def first(file: Any) -> Any:
        return tf.cast(tf.io.decode_image(file, channels=3, expand_animations=False)[0, 0], tf.float32)

    _save(path, "image_bytes", ("red", "green", "blue"), first)


def _save(path: Path, name: str, classes: tuple[str, ...], scores: Any) -> None:
    model = tf.Module()

    def serve(**inputs: Any) -> dict[str, Any]:
        found = tf.map_fn(scores, inputs[name], fn_output_signature=tf.TensorSpec([len(classes)], tf.float32))
        return {"scores": found, "classes": tf.tile([classes], [tf.shape(found)[0], 1])}

    model.serve = tf.function(serve, autograph=False)
    export.write(model, {name: tf.TensorSpec([None], tf.string, name=name)}, path)
