"""Words of texts, and vocabularies of strings."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

LONGEST_TEXT_BYTES = 20_000
"""What comes after is not read."""
MOST_DOCUMENTS = 20_000
"""Number of texts from which a vocabulary is counted."""
_HASHES = 2**62
_MIX = 6364136223846793005
"""Odd, so that multiplying by it loses nothing: Knuth's, for 64 bits."""
_BYTE_ORDER_MARK = r"^\x{feff}"
"""Before the text of some files, where readers drop it."""
_ALONE = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[^\pL\pN\s_])"
"""Characters that are words of their own: scripts without spaces, and punctuation."""


def tokens(texts: tf.Tensor, longest: int) -> tf.RaggedTensor:
    """The first `longest` lower-case words of each text [b]. Bytes that are not UTF-8 become question marks."""
    cut = tf.strings.substr(tf.strings.regex_replace(texts, _BYTE_ORDER_MARK, ""), 0, LONGEST_TEXT_BYTES)
    clean = tf.strings.unicode_transcode(cut, "UTF-8", "UTF-8", errors="replace", replacement_char=63)
    spaced = tf.strings.regex_replace(tf.strings.lower(clean, encoding="utf-8"), _ALONE, r" \1 ")
    return tf.strings.split(spaced)[:, :longest]


def hashes(strings: tf.Tensor) -> tf.Tensor:
    """A number for each string; two strings practically never share one.

    `strings` [n] or [n, k], the result alike.
    """
    return tf.strings.to_hash_bucket_fast(strings, _HASHES)


def ngrams(words: tf.RaggedTensor, longest: int) -> tf.RaggedTensor:
    """A number for each run of one to `longest` words, [b, runs] int64, made from the words' hashes."""
    hashed = run = words.with_values(hashes(words.values))
    runs = [hashed]
    for length in range(1, longest):
        shorter, last = run[:, :-1], hashed[:, length:]
        run = shorter.with_values(shorter.values * _MIX + last.values)
        runs.append(run)
    return tf.concat(runs, axis=1)


@dataclass(frozen=True)
class Vocabulary:
    """The strings with an id, known by their hashes."""

    hashes: NDArray[np.int64]
    """[strings], ascending; an id is a hash's place."""

    def __len__(self) -> int:
        return len(self.hashes)

    def count(self, hashed: NDArray[np.int64]) -> int:
        """How many of the hashes [n] are known."""
        if not len(self):
            return 0
        place = np.minimum(np.searchsorted(self.hashes, hashed), len(self) - 1)
        return int((self.hashes[place] == hashed).sum())

    def ids(self, hashed: tf.Tensor) -> tf.Tensor:
        """Ids [n] int32 of hashes [n]; -1 for a string without one."""
        if not len(self):
            return tf.fill(tf.shape(hashed), -1)
        place = tf.minimum(tf.searchsorted(self.hashes, hashed), len(self) - 1)
        return tf.where(tf.gather(tf.constant(self.hashes), place) == hashed, place, -1)


def vocabulary(
    documents: Iterable[NDArray[np.int64]], *, size: int, least: int = 2
) -> tuple[Vocabulary, NDArray[np.int64]]:
    """The `size` strings that the most documents have, at least `least` of them, and how many have each [size].

    A document is the hashes [d] of its different strings.
    """
    every = np.concatenate([*documents, np.empty(0, np.int64)])
    distinct, counts = np.unique(every, return_counts=True)
    best = np.argsort(-counts, kind="stable")[:size]
    kept = np.sort(best[counts[best] >= least])
    return Vocabulary(distinct[kept]), counts[kept]


def documents(hashed: tf.RaggedTensor) -> Iterator[NDArray[np.int64]]:
    """The different hashes [d] of each row of hashes [b, words]."""
    values, starts = hashed.values.numpy(), hashed.row_splits.numpy()
    return (np.unique(values[low:high]) for low, high in itertools.pairwise(starts))
