"""Dates as people write them, as canonical ones. Used by `spelling`."""

from collections.abc import Iterator

from noria_trainers.data.rewrite import DIGITS, Rewrite

_MONTHS = (
    r"jan(?:uary|uar|vier|v|eiro|uari)?|gen(?:naio)?|ene(?:ro)?|j[aä]n(?:ner)?",
    r"feb(?:ruary|ruar|rero|braio|ruari)?|f[eé]v(?:rier|r|ereiro)?",
    r"mar(?:ch|s|zo|ço|t)?|m[aä]r(?:z)?|mrz|maart|mrt",
    r"apr(?:il|ile)?|avr(?:il)?|abr(?:il)?",
    r"may|mai|mayo|mag(?:gio)?|maio|mei",
    r"june?|juni|juin|junio|giu(?:gno)?|junho",
    r"july?|juli|juil(?:let)?|julio|lug(?:lio)?|julho",
    r"aug(?:ust|ustus)?|ao[uû]t|ago(?:sto)?",
    r"sept?(?:ember|embre|iembre|tiembre)?|set(?:embre|tembre|embro|iembre)?",
    r"o[ckt]t(?:ober|obre|ubre)?|out(?:ubro)?",
    r"nov(?:ember|embre|iembre|embro)?",
    r"de[czs](?:ember|embre|embro)?|d[eé]c(?:embre)?|di[cz](?:iembre|embre)?",
)
"""In English, German, French, Spanish, Italian, Portuguese and Dutch, whole and short."""
_QUARTERS = ((1, "01"), (2, "04"), (3, "07"), (4, "10"))
TIME_DAY = "2000-01-01"
"""The day of a time of day."""
_MARK = r"(?:[-/.] ?| )"
"""What stands between the numbers of a day: `23. 10. 2024` has spaces too."""
_ZONE = r"(?:Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT)(?:\[[\w/+-]+\]|\s*\([^)]*\))?"
"""A time zone, with its name behind the distance: `+02:00`, `GMT+0200 (Central European Summer Time)`."""


def day(*patterns: Rewrite) -> tuple[Rewrite, ...]:
    """Dates as `2024-10-23T14:05:00`, whose day these patterns find; what a clock shows counts in any time zone."""
    hours = (Rewrite(rf"T0?{hour}:([\d:]+)P$", rf"T{hour + 12}:\1") for hour in range(1, 12))
    return (
        *DIGITS,
        *patterns,
        Rewrite(rf"^(\d{{4}}){_MARK}(\d{{1,2}}){_MARK}(\d{{1,2}})\.?(\D.*)?$", r"\1-\2-\3\4"),
        Rewrite(r"^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日일])?", r"\1-\2-\3"),
        Rewrite(r"^(\d{4})[-/.](\d{1,2})-?$", r"\1-\2-01"),
        Rewrite(r"^(\d{1,2})[-/.](\d{4})$", r"\2-\1-01"),
        *(Rewrite(rf"(?i:^(\d{{4}})[- /]?Q{number}$)", rf"\1-{month}-01") for number, month in _QUARTERS),
        *(Rewrite(rf"(?i:^Q{number}[- /]?(\d{{4}})$)", rf"\1-{month}-01") for number, month in _QUARTERS),
        Rewrite(r"^(\d{4})-(\d)-", r"\1-0\2-"),
        Rewrite(r"^(\d{4}-\d{2})-(\d)(\D.*)?$", r"\1-0\2\3"),
        Rewrite(r"^(.{10})$", r"\1T00:00"),
        *_clock(),
        Rewrite(r"^(.{10})(?:[T,]|\s)+(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?", r"\1T\2"),
        Rewrite(rf"\s*{_ZONE}$", ""),
        Rewrite(r"(:\d{2}(?:\s*(?i:[ap]\.?m\.?))?)\s+[A-Z]{3,5}$", r"\1"),
        Rewrite(r"^(.{10})T(\d{1,2}:\d{2})(\D*)$", r"\1T\2:00\3"),
        Rewrite(r"\s*(?i:a\.?m\.?)$", "A"),
        Rewrite(r"\s*(?i:p\.?m\.?)$", "P"),
        *hours,
        Rewrite(r"T12:([\d:]+)A$", r"T00:\1"),
        Rewrite(r"[AP]$", ""),
        Rewrite(r"T(\d):", r"T0\1:"),
    )


def _clock() -> tuple[Rewrite, ...]:
    """Hours and minutes behind a day, with a colon between them and a space before."""
    return (
        Rewrite(r"^(.{10}),?(?:\s+(?:[-–]|(?i:at|um|kl\.?|à|às|a las|alle))|:)\s*(\d)", r"\1 \2"),
        Rewrite(r"^(.{10}[T,\s]\s*\d{1,2})\s*[時时시]\s*(\d{1,2})\s*[分분]", r"\1:\2"),
        Rewrite(r"^(.{10}[T,\s]\s*\d{1,2}:)(\d)(\D|$)", r"\10\2\3"),
        Rewrite(r"^(.{10}[T,\s]\s*\d{1,2}:\d{2})\s*(\d{2})\s*[秒초]$", r"\1:\2"),
        Rewrite(r"^(.{10}[T,\s]\s*\d{1,2})\.(\d{2})\.(\d{2})", r"\1:\2:\3"),
        Rewrite(r"^(.{10}[T,\s]\s*\d{1,2})\.(\d{2})(\D|$)", r"\1:\2\3"),
        Rewrite(r"^(.{10}[T ]\d{2})$", r"\1:00"),
        Rewrite(r"(\d)\s*(?i:uhr|hrs|h)\.?$", r"\1"),
    )


def numbered(day: str) -> tuple[Rewrite, ...]:
    """The order of day, month and year in `day`; years of two digits are those from 1970 to 2069."""
    date = rf"^(\d{{1,2}}){_MARK}(\d{{1,2}}){_MARK}"
    return (
        Rewrite(rf"{date}(\d{{4}})\.?(\D.*)?$", rf"\3-{day}\4"),
        Rewrite(rf"{date}([0-6]\d)(\D.*)?$", rf"20\3-{day}\4"),
        Rewrite(rf"{date}([7-9]\d)(\D.*)?$", rf"19\3-{day}\4"),
    )


def named() -> tuple[Rewrite, ...]:
    """Months by name, as numbers: `23 Oct 2024` is `23/10/2024`, and so is `Oct 23, 2024`."""
    return (*_COMPOSED, *_WEEKDAYS, _CLOCK, *(each for number in range(12) for each in _month(number)))


def _month(index: int) -> Iterator[Rewrite]:
    name, number = rf"(?i:{_MONTHS[index]})\.?", f"{index + 1:02}"
    yield Rewrite(
        rf"^(\d{{1,2}})(?:st|nd|rd|th|er|[.º°])?[- ./]*(?:de |of |d')?{name}[- ,./]+(?:del? )?", rf"\1/{number}/"
    )
    yield Rewrite(rf"^{name}[- ]*(\d{{1,2}})(?:st|nd|rd|th)?[- ,]+(\d)", rf"\1/{number}/\2")
    yield Rewrite(rf"^(\d{{4}})[- ./]+{name}[- ./]+(\d)", rf"\1-{number}-\2")
    yield Rewrite(rf"^{name}[- ,/']+(?:de )?(\d{{4}})$", rf"\1-{number}-01")
    yield Rewrite(rf"^{name} ?[-'](\d{{2}})$", rf"1/{number}/\1")


_COMPOSED = (
    Rewrite("e\u0301", "é"),
    Rewrite("a\u0308", "ä"),
    Rewrite("u\u0302", "û"),
    Rewrite("c\u0327", "ç"),
)
_WEEKDAYS = (
    Rewrite(r"^\pL+[.,]*\s+(\d{1,2}(?:st|nd|rd|th|er|º)?[.]?[-\s]+\pL)", r"\1"),
    Rewrite(r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+", ""),
)
_CLOCK = Rewrite(r"^(\pL{3})\s+(\d{1,2}) (\d{2}:\d{2}:\d{2}) (?:(?:\pL{3,5}|[-+]\d{4}) )?(\d{4})$", r"\1 \2 \4 \3")
"""As `date` prints them: `Oct 23 14:05:30 CEST 2024`."""


def compact() -> tuple[Rewrite, ...]:
    """Dates without marks: `20241023`, `20241023T1405`, `20241023140530`."""
    return (
        Rewrite(r"^(\d{8})\.0*$", r"\1"),
        Rewrite(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
        Rewrite(r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})", r"\1-\2-\3 \4:\5:\6"),
        Rewrite(r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})", r"\1-\2-\3 \4:\5"),
    )


def time_of_day() -> tuple[Rewrite, ...]:
    """Times of day: `14:30`, `2:30:15 PM`, `2pm`, `14h30`, as those of one day."""
    return (
        Rewrite(r"\s*(?i:uhr|h|hrs)$", ""),
        Rewrite(r"^(\d{1,2})[hH](\d{2})$", r"\1:\2"),
        Rewrite(r"^(\d{1,2})\s*(?i:([ap])\.?m\.?)$", r"\1:00 \2m"),
        Rewrite(r"^(\d{1,2}:\d{2})", rf"{TIME_DAY} \1"),
    )


SECONDS = r"^\d{9,10}$"
"""A moment as seconds since 1970, from 1973 to 2286."""


def epoch() -> tuple[Rewrite, ...]:
    """Seconds since 1970 of these, or of thousandths, millionths or billionths; canonical dates stay."""
    return (
        *DIGITS,
        Rewrite(r"^(\d+)\.\d*$", r"\1"),
        Rewrite(r"^(\d{9,10})(?:\d{3}|\d{6}|\d{9})$", r"\1"),
    )
