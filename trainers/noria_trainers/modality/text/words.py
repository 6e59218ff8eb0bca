"""Texts to sequences of word ids."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria_trainers.modality.text.name import FEATURE
from noria_trainers.modality.tokens import MOST_DOCUMENTS, Vocabulary, documents, hashes, tokens, vocabulary

RAW, IDS = FEATURE.served, "ids"
PADDING, UNKNOWN, FIRST = 0, 1, 2
"""Id that fills up, id of words without one, id of the first known word."""


@dataclass(frozen=True)
class Words:
    """A text is the ids of its first `length` words."""

    known: Vocabulary
    length: int

    @classmethod
    def of(cls, texts: tf.data.Dataset, *, longest: int, size: int) -> "Words":
        """The most frequent `size` words, and a length that suffices for 95 % of the texts, at most `longest`."""
        seen: list[NDArray[np.int64]] = []
        lengths: list[int] = []
        for batch in texts.take(MOST_DOCUMENTS).batch(256):
            hashed = tf.ragged.map_flat_values(hashes, tokens(batch, longest))
            seen += documents(hashed)
            lengths += hashed.row_lengths().numpy().tolist()
        known, _ = vocabulary(seen, size=size)
        return cls(known, max(8, int(np.percentile(lengths or [8], 95))))

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.known) + FIRST

    def signature(self) -> dict[str, tf.TensorSpec]:
        """One string in UTF-8."""
        return {RAW: tf.TensorSpec([None], tf.string, name=RAW)}

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Ids [b, length] int32."""
        words = tokens(raw[RAW], self.length)
        ids = tf.maximum(self.known.ids(hashes(words.values)) + FIRST, UNKNOWN)
        return {IDS: words.with_values(ids).to_tensor(PADDING, shape=[None, self.length])}
