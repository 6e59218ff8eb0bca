"""Texts to weighted n-grams of words (TF-IDF). Used by `text_linear.design`."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria_trainers.modality.text.name import FEATURE
from noria_trainers.modality.tokens import MOST_DOCUMENTS, Vocabulary, documents, ngrams, tokens, vocabulary

RAW, IDS, WEIGHTS = FEATURE.served, "ids", "weights"
MOST_WORDS = 2000
MOST_GRAMS = 1024
"""Different n-grams of one text that count."""


@dataclass(frozen=True)
class NGrams:
    """A text is the ids and weights of its known n-grams, filled up to `most` + 1 with weights of zero.

    The first id is `size` with weight 1: the constant feature. Weights are (1 + log count) x inverse document
    frequency, scaled to length 1 (Manning et al., Introduction to Information Retrieval, 6.4).
    """

    known: Vocabulary
    rarity: NDArray[np.float32]
    """Inverse document frequency [size]."""
    longest: int
    most: int

    @classmethod
    def of(cls, texts: tf.data.Dataset, *, longest: int, size: int) -> "NGrams":
        """The most frequent `size` n-grams, each in at least two texts."""
        seen = [
            hashed
            for batch in texts.take(MOST_DOCUMENTS).batch(256)
            for hashed in documents(ngrams(tokens(batch, MOST_WORDS), longest))
        ]
        known, counts = vocabulary(seen, size=size)
        rarity = np.log((1 + len(seen)) / (1 + counts)) + 1
        lengths = [known.count(hashed) for hashed in seen[:2000]]
        most = int(np.clip(np.percentile(lengths or [1], 99), 1, MOST_GRAMS))
        return cls(known, rarity.astype(np.float32), longest, most)

    @property
    def size(self) -> int:
        """Number of known n-grams."""
        return len(self.known)

    def signature(self) -> dict[str, tf.TensorSpec]:
        """One string in UTF-8."""
        return {RAW: tf.TensorSpec([None], tf.string, name=RAW)}

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Ids int32 and weights float32, [b, most + 1] both."""
        rows = tf.shape(raw[RAW], out_type=tf.int64)[0]
        grams = ngrams(tokens(raw[RAW], MOST_WORDS), self.longest)
        ids = tf.cast(self.known.ids(grams.values), tf.int64)
        hit = ids >= 0
        pairs = tf.boolean_mask(grams.value_rowids(), hit) * (self.size + 1) + tf.boolean_mask(ids, hit)
        pairs, _, counts = tf.unique_with_counts(pairs)
        row, gram = pairs // (self.size + 1), pairs % (self.size + 1)
        weights = (1 + tf.math.log(tf.cast(counts, tf.float32))) * tf.gather(
            np.append(self.rarity, np.float32(0)), gram
        )
        length = tf.sqrt(tf.math.unsorted_segment_sum(tf.square(weights), row, rows))
        weights /= tf.gather(length, row)
        return {
            IDS: self._rows(tf.cast(gram, tf.int32), row, rows, self.size, self.size),
            WEIGHTS: self._rows(weights, row, rows, 0.0, 1.0),
        }

    def _rows(self, values: tf.Tensor, row: tf.Tensor, rows: tf.Tensor, filler: float, first: float) -> tf.Tensor:
        ragged = tf.RaggedTensor.from_value_rowids(values, row, nrows=rows, validate=False)
        filled = ragged.to_tensor(default_value=tf.constant(filler, values.dtype), shape=[None, self.most])
        return tf.concat([tf.fill([rows, 1], tf.constant(first, values.dtype)), filled], axis=1)
