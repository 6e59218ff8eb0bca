"""Numbers and names in sentences."""

from collections.abc import Iterable

LONGEST = 120
"""Characters of a name in a sentence."""


def counted(number: int, noun: str) -> str:
    """`1 file`, `3 files`, `2 classes`."""
    plural = noun + "es" if noun.endswith("s") else noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first names and how many more there are; long ones are cut in the middle."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(map(shortened, every[:most])) + more


def shortened(text: str, most: int = LONGEST) -> str:
    """Without its middle where the text has more characters than that."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]}…{text[-(most // 3) :]}"
