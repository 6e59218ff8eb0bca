"""Raw columns to standardised numbers, as the public table of results had them.

A missing number becomes the column's mean and a missing category its most frequent one; a category becomes a number for
each that training saw; then every number is brought to mean 0 and deviation 1. scikit-learn finds all that in the
training rows; the graph repeats its arithmetic in 64 bits, operation by operation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from noria.contract import ColumnType
from noria_trainers.data.manifest import TableColumn
from noria_trainers.modality.table.columns import bag
from noria_trainers.modality.table.raw import JOINT, Raw, keys, strings
from noria_trainers.modality.tokens import Vocabulary, hashes

FEATURES = "features"
MOST_CATEGORIES = 100
"""Of a column with more, the rarest share one number, and so do those that training did not see."""
_UNKNOWN = -1


@dataclass(frozen=True)
class Standard:
    """Standardised numbers, ones of the categories, and bags of words of text columns, in this order."""

    rows: Raw
    means: NDArray[np.float64]
    """For missing numbers [numeric columns]."""
    categorical: tuple[str, ...]
    """Columns of categories with any in training."""
    known: Vocabulary
    place: NDArray[np.int32]
    """Which of the ones a known category, or a missing one, sets: [known]."""
    unseen: NDArray[np.int32]
    """Which one an unseen category sets, by column [categorical]; -1: none."""
    ones: int
    centre: NDArray[np.float64]
    """Mean [width]."""
    scale: NDArray[np.float64]
    """Deviation [width]."""

    @classmethod
    def of(cls, columns: Sequence[TableColumn], table: pa.Table) -> "Standard":
        """Statistics of the training rows."""
        rows = Raw(tuple(columns))
        numbers = rows.measured(table).astype(np.float64)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        imputer = SimpleImputer(strategy="mean", keep_empty_features=True)
        means = imputer.fit(numbers).statistics_ if numbers.shape[1] else np.empty(0)
        values_of = {name: strings(table, name) for name in rows.named(ColumnType.CATEGORICAL)}
        categorical = {name: values for name, values in values_of.items() if (values != "").any()}
        place, unseen, ones = _ones(categorical)
        hashed = hashes(tf.constant(list(place), tf.string)).numpy() if place else np.empty(0, np.int64)
        order = np.argsort(hashed)
        plain = cls(
            rows=rows,
            means=means,
            categorical=tuple(categorical),
            known=Vocabulary(hashed[order]),
            place=np.asarray(list(place.values()), np.int32)[order],
            unseen=np.asarray(unseen, np.int32),
            ones=ones,
            centre=np.zeros(()),
            scale=np.ones(()),
        )
        encoded = np.concatenate([plain.encode(batch)[FEATURES].numpy() for batch in rows.batches(table)])
        scaler = StandardScaler(copy=False).fit(encoded)
        return replace(plain, centre=scaler.mean_, scale=scaler.scale_)

    def signature(self) -> dict[str, tf.TensorSpec]:
        """An input for each column, as the source has it."""
        return self.rows.signature()

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Numbers [b, width] float64."""
        numeric, texts = self.rows.numbers(raw), self.rows.texts(raw)
        parts = [self._filled(tf.stack(numeric, axis=1))] if numeric else []
        parts += [self._ones(self.rows.categories(raw, self.categorical))] if self.categorical else []
        parts += [tf.cast(bag(text), tf.float64) for text in texts]
        centred = tf.concat(parts, axis=1) - self.centre
        # a plain division by constants is made a product in saved graphs, and what is at a tree's threshold then falls
        return {FEATURES: tf.math.divide_no_nan(centred, tf.constant(self.scale, tf.float64))}

    def _filled(self, numbers: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.math.is_finite(numbers), tf.cast(numbers, tf.float64), self.means)

    def _ones(self, values: tf.Tensor) -> tf.Tensor:
        """[b, ones]: 1 where the row has the category; `values` are strings [b, categorical]."""
        ids = self.known.ids(tf.reshape(hashes(keys(self.categorical, values)), [-1]))
        ids = tf.reshape(ids, tf.shape(values))
        at = tf.where(ids >= 0, tf.gather(self.place, tf.maximum(ids, 0)), self.unseen)
        at = tf.where(at >= 0, at, self.ones)
        count = tf.shape(values)[0]
        row = tf.broadcast_to(tf.range(count)[:, tf.newaxis], tf.shape(at))
        places = tf.reshape(tf.stack([row, at], axis=-1), [-1, 2])
        set_ = tf.ones(tf.shape(places)[:1], tf.float64)
        return tf.scatter_nd(places, set_, tf.stack([count, self.ones + 1]))[:, : self.ones]


def _ones(columns: Mapping[str, NDArray[np.generic]]) -> tuple[dict[str, int], list[int], int]:
    """Place of each known category and of the missing one, by key; place of the unseen, by column; how many ones."""
    place: dict[str, int] = {}
    unseen, start = [], 0
    for name, values in columns.items():
        imputer = SimpleImputer(missing_values="", strategy="most_frequent")
        filled = imputer.fit_transform(values[:, np.newaxis])
        encoder = OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
        ).fit(filled)
        (categories,) = encoder.categories_
        at = start + encoder.transform(categories[:, np.newaxis]).argmax(axis=1)
        place |= {name + JOINT + category: int(each) for category, each in zip(categories, at, strict=True)}
        place[name + JOINT] = place[name + JOINT + imputer.statistics_[0]]
        start += len(encoder.get_feature_names_out())
        unseen.append(start - 1 if encoder.infrequent_categories_[0] is not None else _UNKNOWN)
    return place, unseen, start
