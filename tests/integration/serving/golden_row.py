"""A model of rows, exported as trials export theirs, that answers with what it read. Used by `golden`."""

from pathlib import Path

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
