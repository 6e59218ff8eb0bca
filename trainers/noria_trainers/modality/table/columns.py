"""Raw columns of a table to numbers and category ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.manifest import TableColumn
from noria_trainers.modality.table.numbers import Numbers
from noria_trainers.modality.table.raw import JOINT, Raw, keys, strings
from noria_trainers.modality.tokens import Vocabulary, hashes, tokens, vocabulary

NUMBERS, CATEGORIES = "numbers", "categories"
TEXT_BUCKETS, TEXT_WORDS = 128, 200
"""Numbers that a text column becomes, and words of it that are read."""
MOST_CATEGORIES = 50_000


@dataclass(frozen=True)
class Columns:
    """Numbers (scaled, missing ones marked), bags of words of text columns, and an id for each category.

    Ids of all columns lie in one range, so that one table of embeddings serves all. A category that training did not
    see, or only once, has its column's own id for the unseen; a missing one is a category like others.
    """

    columns: tuple[TableColumn, ...]
    numeric: Numbers
    known: Vocabulary
    buckets: int
    """Ids that categories are hashed into; 0: each known category has its own."""

    @classmethod
    def of(cls, columns: Sequence[TableColumn], table: pa.Table, *, scaling: str, buckets: int = 0) -> "Columns":
        """Scaling and categories of the training rows."""
        names = [each.name for each in columns if each.type is ColumnType.CATEGORICAL]
        known = Vocabulary(np.empty(0, np.int64)) if buckets else _categories(names, table)
        return cls(tuple(columns), Numbers.of(Raw(tuple(columns)).measured(table), scaling), known, buckets)

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return self.numeric.width + TEXT_BUCKETS * len(self._named(ColumnType.TEXT))

    @property
    def fields(self) -> int:
        """Categories of a row."""
        return len(self._named(ColumnType.CATEGORICAL))

    @property
    def size(self) -> int:
        """Number of ids."""
        return self.buckets or len(self.known) + self.fields

    @cached_property
    def _rows(self) -> Raw:
        return Raw(self.columns)

    def signature(self) -> dict[str, tf.TensorSpec]:
        """An input for each column, as the source has it."""
        return self._rows.signature()

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Numbers [b, width] float32 and category ids [b, fields] int32; a part without columns is left out."""
        numeric, texts = self._rows.numbers(raw), self._rows.texts(raw)
        parts = [self.numeric.encode(tf.stack(numeric, axis=1))] if numeric else []
        parts += [bag(text) for text in texts]
        features = {NUMBERS: tf.concat(parts, axis=1)} if parts else {}
        return features | ({CATEGORIES: self._ids(raw)} if self.fields else {})

    def _ids(self, raw: dict[str, tf.Tensor]) -> tf.Tensor:
        categorical = self._named(ColumnType.CATEGORICAL)
        named = keys(categorical, self._rows.categories(raw, categorical))
        if self.buckets:
            return tf.cast(tf.strings.to_hash_bucket_fast(named, self.buckets), tf.int32)
        ids = tf.reshape(self.known.ids(tf.reshape(hashes(named), [-1])), tf.shape(named))
        return tf.where(ids >= 0, ids, len(self.known) + tf.range(self.fields))

    def _named(self, kind: ColumnType) -> list[str]:
        return self._rows.named(kind)


def bag(texts: tf.Tensor) -> tf.Tensor:
    """Hashed counts of words, [b, TEXT_BUCKETS], as logarithms, scaled to length 1."""
    words = tokens(texts, TEXT_WORDS)
    buckets = words.with_values(tf.cast(hashes(words.values) % TEXT_BUCKETS, tf.int32))
    counts = tf.math.log1p(tf.reduce_sum(tf.one_hot(buckets.to_tensor(-1), TEXT_BUCKETS), axis=1))
    return tf.math.l2_normalize(counts, axis=1)


def _categories(names: Sequence[str], table: pa.Table) -> Vocabulary:
    """Each category that at least two rows have."""
    documents: list[NDArray[np.int64]] = []
    for name in names:
        counts = pc.value_counts(pa.array(strings(table, name), pa.string()))
        values, often = counts.field("values").to_pylist(), counts.field("counts").to_numpy()
        best = [values[i] for i in np.argsort(-often, kind="stable")[:MOST_CATEGORIES] if often[i] > 1]
        if best:
            documents.append(hashes(tf.constant([name + JOINT + value for value in best])).numpy())
    return vocabulary(documents, size=len(names) * MOST_CATEGORIES, least=1)[0]
