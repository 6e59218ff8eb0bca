"""Units behind numbers, and the one that rules a column. Used where columns are read."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from noria_trainers.data.number_rewrite import CASE_MATTERS, CURRENCIES

LEAST_SHARE = 0.5
"""Of the values with digits, that have the unit that rules a column."""
MOST_CHARACTERS = 40
"""Of a number with a unit."""
MOST_LOOKED_AT = 10_000
"""Different values by which a column's unit is known."""
_SINGLE = frozenset("gmlshdtwyxWVAJNCF°\"'″′")
_KNOWN = re.compile(
    r"kg|mg|µg|μg|lb|oz|pound|ounce|gram|ton|mm|cm|dm|km|nm|µm|μm|in|inch|ft|foot|feet|yd|yard|mi|mile|meter|metre|"
    r"[cdkm]?m[23²³]|ha|acre|sqm|qm|sq|sqft|ft[23²³]|[mcd]l|cc|lit(?:er|re)|gal|gallon|pt|qt|cup|"
    r"[nµμm]s|sec|second|min|minute|hr|hour|day|wk|week|mo|month|yr|year|[kmgt]i?b|byte|bit|"
    r"[km]?wh?|gw|[kmg]?hz|[km]v|mah?|k?j|k?cal|[khm]?pa|m?bar|psi|mmhg|hp|ps|°[cf]|km/h|kmh|kph|mph|m/s|mpg|rpm|bpm|db|ppm|"
    r"mg|mmol|mn|mio|mln|bn|million|billion|thousand|lakh|lac|cr|crore|pcs|piece|nm|kmpl|percent|pct|pp|bps|deg|degree|rs"
)
"""Those of several letters, in lower case and the singular."""
_SAME = {"USD": "$", "US$": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "RMB": "¥", "INR": "₹"}
OWN_UNIT = re.compile(rf"(?i:US|AU?|CA?|NZ|HK|S|R)?[$€£¥₹₩₽₺฿₫₪₴₦]|[%‰％]|(?i:(?<![a-z])(?:{CURRENCIES})(?![a-z]))")
"""Currencies and percent signs, which any column of numbers may have."""
_ORDINALS = frozenset(("st", "nd", "rd", "th", "am", "pm", "a.m", "p.m", "uhr"))
_NUMBER = r"\d(?:[\d.,\s]|['’](?=\d{3}))*"
_UNIT = r"(?:[^\W\d_]|[°\"'″′/])(?:[^\W\d_]|[°\"'″′/².³% ]){0,15}(?:[23](?!\w))?(?:/[\w ]{1,8})?"
_OF = r"/\s*\d{1,3}|(?i:(?:out\s+)?of)\s+\d{1,3}"
"""What the numbers are parts of: `7/10`, `3.5 out of 5`. A year is none."""
_QUANTITY = re.compile(rf"[-+−–(]*\s*[^\w\s.,<>~≈]{{0,3}}\s*{_NUMBER}(?P<unit>{_UNIT}|{_OF})\)?")
_PER = re.compile(r"^/\s+")
_MAGNITUDE = re.compile(r"\d\s*[kKMB]$")


def ruling_unit(values: Sequence[str], rows: Sequence[int]) -> str | None:
    """The unit that most of these rows have, if one has: each value [n] is that of so many `rows` [n]."""
    pairs = list(zip(values[:MOST_LOOKED_AT], rows[:MOST_LOOKED_AT], strict=True))
    tally = Counter[str]()
    for value, count in pairs:
        if len(value) <= MOST_CHARACTERS and (found := _QUANTITY.fullmatch(value)):
            tally[_stem(found["unit"])] += count
    ((unit, count),) = tally.most_common(1) or [("", 0)]
    is_unit = unit in _SINGLE if len(unit) == 1 else bool(unit) and unit not in _ORDINALS
    if not is_unit or count <= LEAST_SHARE * sum(count for _, count in pairs):
        return None
    is_million = unit in ("m", "b") and any(_MAGNITUDE.search(value[-MOST_CHARACTERS:]) for value, _ in pairs)
    return None if is_million else unit


def several_units(values: Iterable[str]) -> list[str]:
    """A value with each currency, and one with a percent sign, where the values have several of these."""
    found: dict[str, str] = {}
    for value in islice(values, MOST_LOOKED_AT):
        if unit := OWN_UNIT.search(value):
            word = unit[0].upper().replace("\uff05", "%")
            found.setdefault(_SAME.get(word, word), value)
    return list(found.values()) if len(found) > 1 else []


def is_known_unit(word: str) -> bool:
    """Whether the word stands for a unit, in any column."""
    unit = _stem(word)
    return unit in _SINGLE or _KNOWN.fullmatch(unit.casefold()) is not None


def _stem(unit: str) -> str:
    """The unit in the singular, without a point behind it, and in lower case unless that makes it another."""
    unit = _PER.sub("/", unit.strip().rstrip(".").rstrip())
    if len(unit) == 1 or unit.casefold() in CASE_MATTERS:
        return unit
    unit = unit.casefold()
    return unit[:-1] if len(unit) > 2 and unit.endswith("s") and unit not in ("pcs", "bps") else unit
