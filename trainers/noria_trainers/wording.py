"""Numbers and names in sentences."""

import math
import unicodedata
from collections.abc import Iterable

from noria.contract import Metric

LONGEST = 120
"""Characters of a name in a sentence."""
DIGITS = 4
"""After the point of a share, and of an error in all."""


def counted(number: int, noun: str) -> str:
    """`1 file`, `3 files`, `2 classes`."""
    plural = noun + "es" if noun.endswith("s") else noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first names and how many more there are; long ones are cut in the middle."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(map(shortened, every[:most])) + more


def exact(name: str) -> str:
    """The name with escapes of what would not be seen in it: spaces at its ends and other than usual ones, marks that
    join the letter before them, characters without width.
    """
    composed = unicodedata.normalize("NFC", name) == name
    whole = "".join(
        each.encode("unicode_escape").decode() if _is_hidden(each, composed=composed) else each for each in name
    )
    return whole if whole == whole.strip(" ") else f"'{whole}'"


def has_no_width(character: str) -> bool:
    """Whether the character is not seen, or chooses between forms of the one before it."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def looks(name: str) -> str:
    """What is seen of a name: without characters that have no width, ways to encode accents, and kinds of spaces."""
    visible = "".join(each for each in name if not has_no_width(each))
    return " ".join(unicodedata.normalize("NFKC", visible).split())


def _is_hidden(character: str, *, composed: bool) -> bool:
    kind = unicodedata.category(character)
    return (
        has_no_width(character)
        or kind in ("Zl", "Zp")
        or (kind == "Zs" and character != " ")
        or (kind == "Mn" and not composed)
    )


def shortened(text: str, most: int = LONGEST) -> str:
    """Without its middle where the text has more characters than that."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]}…{text[-(most // 3) :]}"


def rounded(metric: Metric, value: float) -> str:
    """`0.9312`, and `12,346` or `0.01235` for an error in the target's unit."""
    if not metric.is_in_unit_of_target or not math.isfinite(value) or value == 0:
        return f"{value:.{DIGITS}f}"
    return f"{value:,.{max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))}f}"
