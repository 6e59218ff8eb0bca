"""How a CSV file is written: its delimiter, what lies above its header, and its columns. Used by `csv_file`."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from noria_trainers.data import quote_mark
from noria_trainers.data.file_rows import Remark
from noria_trainers.data.spelling import NUMBER
from noria_trainers.wording import counted, listed

DELIMITERS = "\t,;|"
"""Of equally good ones the first is taken: there are commas in prose."""
RARE_DELIMITERS = "^~\x01\x1f\x1e¦§#*!&:"
"""Where a file has none of the usual ones, and one of these as often in nearly every line."""
FEWEST_SPACED = 8
"""Lines of a table whose columns are divided by spaces."""
MOST_ABOVE = 20
"""Lines above a header: a title, a date, comments."""
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?[\s,;]*$')
"""What spreadsheets write first to name the delimiter."""


@dataclass(frozen=True)
class Dialect:
    """How to read the rows of a file."""

    delimiter: str
    quote: str
    """What encloses values."""
    after_space: bool
    """Whether spaces may stand between a delimiter and a quote."""
    names: tuple[str, ...]
    """Of the columns; one for each field."""
    given: int
    """Fields of the header as it is written."""
    skipped: int
    """Physical lines up to the header, and with it."""
    has_header: bool
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class _Row:
    """A row of the sample that is not blank."""

    line: int
    """The last physical line of it."""
    fields: list[str]

    @property
    def filled(self) -> int:
        return sum(1 for each in self.fields if each.strip())


def dialect(sample: Sequence[str], file: str) -> Dialect:
    """The dialect of the first lines of a file; `file` is how to call it."""
    told = _SEPARATOR_LINE.match(sample[0]) if sample else None
    start = 1 if told else 0
    marks = [told[1]] if told else DELIMITERS
    quote = quote_mark.quote_mark(sample[start:], marks)
    after_space = any(f"{mark} {quote}" in line for line in sample[start:] for mark in DELIMITERS)
    found = {mark: _rows(sample[start:], mark, after_space, quote) for mark in marks}
    delimiter = max(found, key=lambda mark: _consistency(found[mark]))
    if not _consistency(found[delimiter])[0] and _is_table(spaced := _rows(sample[start:], " ", True)):
        delimiter, after_space, found = " ", True, {" ": spaced}
    elif not _consistency(found[delimiter])[0] and (rare := _rare(sample[start:])):
        delimiter, found = rare, {rare: _rows(sample[start:], rare, after_space)}
    rows = [_Row(row.line + start, row.fields) for row in found[delimiter]]
    if not rows:
        return Dialect(delimiter, quote, after_space, (), 0, len(sample), has_header=True, remarks=())
    above = _above_header(rows)
    header, rest = rows[above], rows[above + 1 :]
    remarks = [quote_mark.remark(quote, file)] if quote != quote_mark.USUAL else []
    remarks += [_title(rows[:above], file)] if above else []
    names, remark = _names(header.fields, rest, file)
    remarks += [remark] if remark else []
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        after_space=after_space,
        names=names,
        given=len(header.fields),
        skipped=header.line,
        has_header=not _looks_like_data(header.fields, rest),
        remarks=tuple(remarks),
    )


def _rare(lines: Sequence[str]) -> str | None:
    """The first of the rare delimiters that makes as many fields of the first line as of nearly all others."""
    for mark in RARE_DELIMITERS:
        rows = _rows(lines, mark, False) if any(mark in line for line in lines[:2]) else []
        width = len(rows[0].fields) if rows else 1
        if width > 1 and sum(len(row.fields) == width for row in rows) >= 0.95 * len(rows) > 1:
            return mark
    return None


def _is_table(rows: Sequence[_Row]) -> bool:
    """Whether words between spaces are columns: as many in all lines but a few, and many of them numbers."""
    width = _usual_width(rows)
    alike = [row.fields for row in rows if len(row.fields) == width]
    numeric = sum(_is_number(field) for fields in alike for field in fields)
    return width > 1 and len(alike) >= 0.95 * len(rows) >= FEWEST_SPACED and numeric >= width * len(alike) / 3


def _rows(lines: Sequence[str], delimiter: str, after_space: bool, quote: str = quote_mark.USUAL) -> list[_Row]:
    if delimiter == " ":
        lines = [line.rstrip() for line in lines]
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=after_space)
    rows = [_Row(reader.line_num, fields) for fields in reader if fields]
    return [row for row in rows if row.filled]


def _usual_width(rows: Sequence[_Row]) -> int:
    return Counter(len(row.fields) for row in rows).most_common(1)[0][0] if rows else 0


def _consistency(rows: Sequence[_Row]) -> tuple[bool, float, int]:
    """How well rows agree on a number of fields, at least two, and with the first of them."""
    width = _usual_width(rows)
    if width < 2:
        return False, 0.0, 0
    share = sum(len(row.fields) == width for row in rows) / len(rows)
    header = len(rows[0].fields)
    if header < 2 and share < 0.9:  # prose with a comma here and there
        return False, 0.0, 0
    return abs(header - width) <= 1, share, width


def _above_header(rows: Sequence[_Row]) -> int:
    """How many rows lie above the header: those with one cell, where a row of names follows."""
    width = _usual_width(rows)
    for index, row in enumerate(rows[:MOST_ABOVE]):
        if row.filled > 1 or width < 2:
            return index if index and _could_be_names(row.fields) else 0
    return 0


def _is_number(text: str) -> bool:
    return re.match(NUMBER, text.strip()) is not None


def _could_be_names(fields: Sequence[str]) -> bool:
    filled = [each for each in fields if each.strip()]
    return len(filled) > 1 and len(set(filled)) == len(filled) and not any(map(_is_number, filled))


def _title(rows: Sequence[_Row], file: str) -> Remark:
    texts = [next(each.strip() for each in row.fields if each.strip()) for row in rows]
    message = f"{counted(len(rows), 'line')} above the header of {file} left out: {listed(texts, 3)}"
    return Remark("TitleLines", message)


def _names(header: Sequence[str], rows: Sequence[_Row], file: str) -> tuple[tuple[str, ...], Remark | None]:
    """A name for each field, also where rows have one more than the header or it has empty ones at its end."""
    names = [name.strip().strip("\ufeff").strip() or f"Unnamed: {index}" for index, name in enumerate(header)]
    width = _usual_width(rows)
    while len(names) > max(width, 1) and not header[len(names) - 1].strip():
        names.pop()
    if width != len(names) + 1 or all(not row.fields[-1].strip() for row in rows if len(row.fields) == width):
        return tuple(names), None
    first = [row.fields[0] for row in rows if len(row.fields) == width]
    if len(first) < 2 or len(set(first)) < len(first):
        return tuple(names), None
    what = f"the rows of {file} have {width} fields and the header {len(names)}"
    remark = Remark("RowNames", f"{what}: the first field is read as the rows' names, column Unnamed: 0")
    return ("Unnamed: 0", *names), remark


def _looks_like_data(header: Sequence[str], rows: Sequence[_Row]) -> bool:
    """Whether the cells of the first line are values of their columns: numbers among numbers, or words that recur.

    Joined files have their header several times, which tells nothing.
    """
    others = [row for row in rows if row.fields != header]
    if len(others) < len(rows) / 2:
        return True
    for index, name in enumerate(header):
        values = [row.fields[index] for row in others if len(row.fields) == len(header)]
        if not name.strip() or len(values) < 2:
            continue
        numbers = sum(1 for value in values if _is_number(value))
        if values.count(name) > 1 or (_is_number(name) and numbers > len(values) / 2):
            return True
    return False
