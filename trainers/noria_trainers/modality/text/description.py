"""What texts are like, for the choice of configurations."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from noria_trainers.profile.statistic import spread

MOST_TEXTS = 20_000
"""Enough to describe any number of them."""


def meta_features(texts: Iterable[str]) -> dict[str, float]:
    """Lengths, vocabulary and alphabet of the training texts, or of some thousands of them."""
    characters: list[int] = []
    words: list[int] = []
    vocabulary: set[str] = set()
    alphabet = np.zeros(256, np.int64)
    for text in islice(texts, MOST_TEXTS):
        split = text.lower().split()
        characters.append(len(text))
        words.append(len(split))
        vocabulary.update(split)
        alphabet += np.bincount(np.frombuffer(text.lower().encode(), np.uint8), minlength=256)
    count = max(1, int(alphabet.sum()))
    return {
        **spread("textCharacters", np.asarray(characters, np.float64)),
        **spread("textWords", np.asarray(words, np.float64)),
        "textVocabulary": float(len(vocabulary)),
        "textWordsPerVocabulary": sum(words) / max(1, len(vocabulary)),
        "textAsciiShare": float(alphabet[:128].sum() / count),
        "textLetterShare": float(alphabet[ord("a") : ord("z") + 1].sum() / count),
        "textDigitShare": float(alphabet[ord("0") : ord("9") + 1].sum() / count),
    }
