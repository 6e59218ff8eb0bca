"""Texts whose letters were lost or garbled before they came here. Used by `labelled_row`."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed, shortened

_MOST_ROWS, _MOST_SHOWN = 1_000, 40
_NOT_ASCII = r"[^\x00-\x7F]"
_LOST = "\ufffd"
"""What programs write for bytes that they cannot read."""
_TWICE = re.compile("[ÂÃÐÑ][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
"""UTF-8 of Latin and Cyrillic letters, and of quotes, read as cp1252."""
_LEAST_SHARE = 0.9
"""Of the words that are not ASCII."""


def warn(findings: Findings, table: pa.Table) -> None:
    """Names the columns with such names or texts, with a word of each."""
    found = {name: word for name in table.column_names if (word := _garbled(name, table[name]))}
    if found:
        named = [f"{name} ({word})" for name, word in found.items()]
        message = f"{counted(len(found), 'column')} whose letters are lost or garbled: {listed(named)}"
        findings.warning("Garbled", f"{message}; export the file again, as UTF-8", list(found))


def _garbled(name: str, column: pa.ChunkedArray) -> str | None:
    """A word without its letters, or one and how it was meant."""
    first = column.slice(0, _MOST_ROWS)
    texts = (
        pc.unique(first.filter(pc.match_substring_regex(first, _NOT_ASCII))) if pa.types.is_string(first.type) else []
    )
    words = [word for text in (name, *map(str, texts)) for word in text.split() if not word.isascii()]
    lost = next((word for word in words if _LOST in word), None)
    if lost:
        return shortened(lost, _MOST_SHOWN)
    meant = {word: sound for word in words if _TWICE.search(word) and (sound := _once(word))}
    if not meant or len([word for word in words if word in meant]) < _LEAST_SHARE * len(words):
        return None
    word, sound = next(iter(meant.items()))
    return f"{shortened(word, _MOST_SHOWN)} for {shortened(sound, _MOST_SHOWN)}"


def _once(word: str) -> str | None:
    """The word as it was before it was written as UTF-8 twice, if it was."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return word.encode(encoding).decode()
        except UnicodeError:
            continue
    return None
