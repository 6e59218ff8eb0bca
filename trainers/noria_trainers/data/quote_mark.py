"""The character that encloses values in a CSV file. Used by `csv_dialect`."""

import re
from collections import Counter
from collections.abc import Sequence

from noria_trainers.data.file_rows import Remark
from noria_trainers.wording import shortened

USUAL = '"'
_OTHERS = "'`"
_DELIMITERS, _MOST_SHOWN = "\t,;|", 40
_LEAST_ALIKE = 0.95
"""Share of lines with the same number of fields where another one encloses values."""


def quote_mark(lines: Sequence[str], delimiters: Sequence[str]) -> str:
    """The usual one, unless another encloses all names of the header, or values that hold a delimiter."""
    for delimiter in delimiters:
        if any(_begins(USUAL, line, delimiter) for line in lines):
            continue
        for mark in _OTHERS:
            if any(_begins(mark, line, delimiter) for line in lines) and _encloses(mark, lines, delimiter):
                return mark
    return USUAL


def _begins(mark: str, line: str, delimiter: str) -> bool:
    return line.startswith(mark) or f"{delimiter}{mark}" in line or f"{delimiter} {mark}" in line


def quoted_line(lines: Sequence[str]) -> str | None:
    """A line that is a row of several values in a pair of quotes, where nearly all lines but the first are."""
    rows = [line.strip() for line in lines if line.strip()][1:]
    quoted = [row[1:-1] for row in rows if len(row) > 1 and row[0] == row[-1] == USUAL]
    for delimiter in _DELIMITERS:
        counts = Counter(row.count(delimiter) for row in quoted)
        most, often = max(counts.items(), key=lambda each: each[1], default=(0, 0))
        if most and len(rows) > 1 and often >= _LEAST_ALIKE * len(rows) and delimiter in lines[0]:
            return shortened(f"{USUAL}{quoted[0]}{USUAL}", _MOST_SHOWN)
    return None


def remark(mark: str, file: str) -> Remark:
    """What the owner of a file with another mark should know."""
    return Remark("QuoteMarks", f"{file} has values between {mark} and {mark}: they are read without these marks")


def _encloses(mark: str, lines: Sequence[str], delimiter: str) -> bool:
    end = re.escape(delimiter)
    enclosed = rf" *{mark}(?:[^{mark}\\]|{mark}{mark}|\\.)*{mark} *"
    each = re.compile(rf"({enclosed}|(?! *{mark})[^{end}]*){end}")
    rows = [_fields(line.rstrip("\r\n") + delimiter, each) for line in lines if line.strip()]
    if rows and len(rows[0]) > 1 and all(value.lstrip().startswith(mark) for value in rows[0]):
        return True
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    alike = sum(len(row) == width for row in rows)
    is_needed = any(delimiter in value for row in rows for value in row)
    return width > 1 and alike >= _LEAST_ALIKE * len(rows) and is_needed and all(rows)


def _fields(line: str, each: re.Pattern[str]) -> list[str]:
    """The fields of a line that ends with a delimiter; none where a mark encloses something else."""
    found, at = list[str](), 0
    while at < len(line):
        match = each.match(line, at)
        if match is None:
            return []
        found.append(match[1])
        at = match.end()
    return found
