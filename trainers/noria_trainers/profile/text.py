"""What texts are like, and which column of a file holds them. Called by the profile of texts."""

from collections.abc import Iterable
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from noria.contract import Column, ColumnType
from noria_trainers.profile.statistic import spread

MOST_TEXTS = 20_000
"""Enough to describe any number of them."""


def text_column(table: pa.Table, target: str, columns: tuple[Column, ...]) -> str | None:
    """The column that the owner calls Text, or named `text`, or with the longest strings; none where none has any."""
    declared = [column.name for column in columns if column.type is ColumnType.TEXT]
    if declared:
        return declared[0]
    ignored = {column.name for column in columns} | {target}
    strings = [each.name for each in table.schema if each.type == pa.string() and each.name not in ignored]
    if "text" in strings:
        return "text"
    return max(strings, key=lambda name: pc.mean(pc.utf8_length(table[name])).as_py() or 0.0, default=None)


def meta_features(texts: Iterable[str]) -> dict[str, float]:
    """Lengths, vocabulary and alphabet of the training texts, or of some thousands of them."""
    characters: list[int] = []
    words: list[int] = []
    vocabulary: set[str] = set()
    alphabet = np.zeros(256, np.int64)
    for text in islice(texts, MOST_TEXTS):
        found = text.lower().split()
        characters.append(len(text))
        words.append(len(found))
        vocabulary.update(found)
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
