"""Values made of numbers that are not one: `5'11"`, `<5`, `10-20`, `120/80`, `0x1f`. Used where columns are read."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from noria_trainers.data.unit import MOST_CHARACTERS, MOST_LOOKED_AT, OWN_UNIT, is_known_unit

_NUMBER = (
    r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[¼-¾⅐-⅞²³¹⁰-⁹]"
    r"|(?:(?<![\d.,])[.,])?\d+(?:[.,'’]\d{3})*(?:[.,]\d+)?(?:[eEdD][-+]?\d+)?"
)
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<word>[^\W\d_]+)|(?P<space>\s+)|(?P<mark>.)", re.DOTALL)
_PLAIN = re.compile(r"[-+]?(?:\d{1,3}(?:([.,\s'’])\d{3})(?:\1\d{3})*|\d*)(?:[.,]\d*)?")
_DURATION = re.compile(r"-?P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+(?:[.,]\d+)?[HMS])*)?")
"""As ISO 8601 writes them: `P1DT2H`."""
_BESIDE = re.compile(
    r"about|above|and|approx(imately)?|around|at|below|between|bis|by|ca|circa|est|from|k|least|less|max|min|minus|more|"
    r"most|of|or|out|over|plus|than|to|under|up|x"
)
"""Words beside numbers that make them no codes."""
_HYPHENS = ("-", "–", "—", "−")
_WIDEST = 10
"""How many times its lower end the upper end of a range is."""
_LEAST_WORD, _LEAST_DIFFERENT = 0.05, 20
"""Share of the values that have a word, and how many different ones there are, where it is a unit that is not known."""


@dataclass
class _Reading:
    """What a value is made of, token by token."""

    numbers: list[str] = field(default_factory=list)
    marks: str = ""
    """Since the last number."""
    is_apart: bool = False
    """Whether a space lies before the next token."""
    words: set[str] = field(default_factory=set)
    """Those that are no known units."""
    ranges: int = 0
    is_code: bool = False

    def add(self, token: re.Match[str], rest: str) -> None:
        """The next token; `rest` follows it."""
        text = token[0]
        if token["space"]:
            self.is_apart = True
            return
        if token["number"]:
            self._add_number(text, rest)
        elif token["word"]:
            self._add_word(text)
        else:
            self.marks += text
            self.is_code |= text in "_!&{}\\"
        self.is_apart = False

    def _add_number(self, text: str, rest: str) -> None:
        before = self.numbers[-1] if self.numbers else None
        if before is not None and self.marks in _HYPHENS:
            self.ranges += 1
            self.is_code |= self.ranges > 1 or not _may_be_range(before, text)
        elif before is not None and self.marks == ".":
            self.is_code = True
        elif before is not None and not self.marks and self.is_apart:
            self.is_code |= len(text) != 3 and text.isdecimal() and not rest.lstrip().startswith("/")
        self.numbers.append(text)
        self.marks = ""

    def _add_word(self, text: str) -> None:
        if _BESIDE.fullmatch(text.casefold()) or (is_known_unit(text) and (self.numbers or len(text) > 1)):
            self.marks += " "
        elif self.numbers and len(text) > 1 and (self.is_apart or text.islower()):
            self.words.add(text.casefold())
            self.marks += " "
        else:
            self.is_code = True


def quantity_among(values: Iterable[str], least: float) -> str | None:
    """A value made of numbers that is not one, where at least that share of the values are such or plain numbers."""
    looked_at = [value.strip() for value in islice(values, MOST_LOOKED_AT)]
    others = [value for value in looked_at if not _PLAIN.fullmatch(value)]
    found = [(value, words) for value in others if (words := _words(value)) is not None]
    tally = Counter(word for _, words in found for word in words)
    are_many = len(looked_at) >= _LEAST_DIFFERENT
    units = {word for word, count in tally.items() if are_many and count > _LEAST_WORD * len(looked_at)}
    quantities = [value for value, words in found if words <= units]
    plain = len(looked_at) - len(others)
    return quantities[0] if quantities and len(quantities) + plain >= least * len(looked_at) else None


def _words(value: str) -> set[str] | None:
    """The words beside the numbers that are no known units; none where the value is a code or has no number."""
    if len(value) > MOST_CHARACTERS:
        return None
    if _DURATION.fullmatch(value):
        return set()
    text, reading = OWN_UNIT.sub("¤", value), _Reading()
    for token in _TOKEN.finditer(text):
        reading.add(token, text[token.end() :])
        if reading.is_code:
            return None
    return reading.words if reading.numbers else None


def _may_be_range(low: str, high: str) -> bool:
    """Whether two numbers with a hyphen between are no code, such as that of a phone."""
    if len(low) <= 2 and len(high) <= 2:
        return True
    first, second = (float(each.replace(",", "")) if _is_float(each) else 0.0 for each in (low, high))
    return first < second <= max(100, _WIDEST * first)


def _is_float(text: str) -> bool:
    return re.fullmatch(r"[.,\d]+", text) is not None and text.count(".") < 2
