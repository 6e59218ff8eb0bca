"""How a column writes its categories, found over all of its values. Called where features are read."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from noria_trainers.data.column import as_text, words
from noria_trainers.data.spelling import MISSING, NUMBER, Spelling, Style

_KINDRED = {"NA": r"[A-Z]{2,4}", "None": r"[A-Z][a-z]+([ -].*)?", "-": r"[^\w\s]+"}
"""Words that may be values, with what the other values look like where they are: codes of countries, capitalised
words, signs."""
_ALIKE = 0.8
"""Share of the other values that look so."""
_BOOLEANS = {"true", "false"}


def word_spelling(raw: pa.ChunkedArray) -> Spelling:
    """The style of the words, and which words stand for no value.

    `NA`, `None` and `-` are values where they look like the column's other values.
    """
    text = as_text(raw)
    distinct = pc.unique(words(text, Spelling(values=MISSING[1:]))).to_pylist()
    values = [word for word in distinct if word is not None and word not in MISSING]
    kept = (word for word in _KINDRED if word in distinct and looks_like(word, values))
    return Spelling(style=_style(values), values=tuple(kept))


def looks_like(word: str, values: Sequence[str]) -> bool:
    """Whether a word for gaps is a value like these."""
    if word not in _KINDRED:
        return False
    alike = sum(re.fullmatch(_KINDRED[word], value) is not None for value in values)
    return bool(values) and alike >= _ALIKE * len(values)


def _style(values: list[str]) -> Style:
    lower = {value.lower() for value in values}
    if lower & _BOOLEANS and lower <= _BOOLEANS | {"0", "1"}:
        return Style.BOOLEAN
    if values and all(re.match(NUMBER, value, re.ASCII) for value in values):
        return Style.CODE
    return Style.PLAIN
