"""Encodings from before Unicode, told by the words that bytes make in them. Used by `encoding` and `member_name`."""

import re
import unicodedata
from itertools import pairwise

_LEGACY = ("cp1252", "cp1250", "cp1251", "cp932", "euc_jp", "gb18030", "big5", "euc_kr")
"""What spreadsheets and databases write where they do not write UTF-8, in order of preference."""
_KOI8 = "koi8_r"
"""Whose small letters are Katakana of half width in cp932, and capitals in cp1251."""
_MARKS = "£€‘’“”–—…•"
"""What stands in words and beside numbers that is no letter."""
_POUND = re.compile(r"[ŁЈ]\d")
"""What £ is before a number in the encodings of the East."""


def encodings_of(words: list[bytes]) -> list[tuple[str, str]]:
    """Encodings other than UTF-8 in which the words look like words, and the first word in each."""
    readings = {text: name for name in reversed(_LEGACY) if (text := _reading(words, name)) is not None}
    likely = [(name, text.split("\n")[0]) for name in _LEGACY for text, other in readings.items() if other == name]
    if likely and likely[0][0] == "cp1252":  # of its neighbours' letters many are its own as well
        likely = [each for each in likely if each[0] != "cp1250"]
    if [name for name, _ in likely] == ["cp932"] and (text := _reading(words, _KOI8)) is not None:
        likely.append((_KOI8, text.split("\n")[0]))
    return likely


def looks_like_words(words: list[bytes], encoding: str) -> bool:
    """Whether the words look like words of one script each in that encoding."""
    return _reading(words, encoding) is not None


def _reading(words: list[bytes], encoding: str) -> str | None:
    """The words in that encoding, if they look like words of one script each."""
    try:
        texts = [word.decode(encoding) for word in words]
    except UnicodeDecodeError:
        return None
    looks = sum(_is_word(text) for text in texts)
    return "\n".join(texts) if looks >= 0.9 * len(texts) else None


def _is_word(text: str) -> bool:
    letters = [char for char in text if not char.isascii() and char not in _MARKS]
    if not letters:
        return True
    if _POUND.search(text):
        return False
    scripts = {_script(char) for char in text if char.isalpha()}
    capitals = len(text) > 1 and text.isupper() and not text[1:].isascii()
    rises = any(one.islower() and other.isupper() for one, other in pairwise(text))
    return all(char.isalpha() for char in letters) and len(scripts) == 1 and not capitals and not rises


def _script(char: str) -> str:
    name = unicodedata.name(char, "NONE").partition(" ")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else name
