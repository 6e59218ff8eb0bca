"""Text of others for people: what would steer a terminal or hide in a line is made visible."""

import unicodedata
from typing import Any

_JOINERS = frozenset("\u200c\u200d")
"""Of Persian and Indic words, and of emoji."""


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with control characters, bidirectional overrides and the like as escapes: `\x1b`, `\u202e`.

    A tab or the end of a line is a space; with `lines`, lines stay.
    """
    if text.isprintable():
        return text
    if lines:
        return "\n".join(map(visible, text.split("\n")))
    return "".join(map(_visible, text))


def visible_in(value: Any) -> Any:
    """The value with all texts in its mappings, lists and tuples visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_in(item) for key, item in value.items()}
    return type(value)(map(visible_in, value)) if type(value) in (list, tuple) else value


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\r" or category in ("Zl", "Zp"):
        return " "
    is_hidden = category in ("Cc", "Cf", "Cs") and character not in _JOINERS
    return character.encode("unicode_escape").decode() if is_hidden else character
