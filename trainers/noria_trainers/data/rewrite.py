"""Rewrites of values by regular expressions. Used by `spelling` and the modules that it is made of."""

from typing import NamedTuple


class Rewrite(NamedTuple):
    """What a pattern matches becomes this."""

    pattern: str
    to: str


SPACE = r"[\s\x0b\x{1c}-\x{1f}\x{85}\x{feff}\pZ]"
_ZEROS = "\uff10\u0660\u06f0\u0966"
"""Of full width, Arabic, Persian and Devanagari."""
DIGITS = tuple(Rewrite(f"[{''.join(chr(ord(zero) + digit) for zero in _ZEROS)}]", str(digit)) for digit in range(10))
"""Digits of other scripts as those of ASCII."""
