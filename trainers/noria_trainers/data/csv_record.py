"""Records of a CSV file and the lines that they lie in, also where quotes are astray. Used by `csv_file`.

A quote that is never closed would swallow all rows up to the next quote, so a record of several lines is doubted.
Blocks without such records are read at once.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from noria_trainers.data.csv_dialect import Dialect
from noria_trainers.data.csv_line import Lines
from noria_trainers.data.csv_quote import loose_record
from noria_trainers.data.encoding import is_damaged
from noria_trainers.data.file_rows import LONGEST, Remark
from noria_trainers.wording import counted, listed

_RULE = re.compile(r"\s*(:?-{2,}:?|:-:?|-:)\s*")
"""A cell of the line below a header that is drawn."""
_INVISIBLE = "\ufeff\t "
"""Around a name in a header; the first is left where files with a byte order mark were joined."""
_MOST_BELOW = 50
"""Lines of a value that has quotes inside."""
csv.field_size_limit(LONGEST)  # the module's own limit, 128 KiB, is shorter than some texts


@dataclass
class Mended:
    """Lines whose quotes were read otherwise than by the rules of CSV, with the value or as much as is known of it."""

    stray: dict[int, str] = field(default_factory=dict)
    inner: dict[int, str] = field(default_factory=dict)
    escaped: dict[int, str] = field(default_factory=dict)

    def remarks(self, file: str) -> Iterator[Remark]:
        """What was done, with the lines."""
        for reason, lines, what in (
            ("StrayQuotes", self.stray, "with a quote that is never closed, read as part of the value"),
            ("StrayQuotes", self.inner, "with quotes inside a value in quotes, kept as they are"),
            ("EscapedQuotes", self.escaped, 'with quotes escaped by a backslash (\\"), read as quotes'),
        ):
            if lines:
                named = [f"line {line} ({value})" if value else f"line {line}" for line, value in lines.items()]
                yield Remark(reason, f"{counted(len(lines), 'row')} of {file} {what}: {listed(named)}")


@dataclass(frozen=True)
class Block:
    """Some rows of a file that follow each other, n of them; blank ones are left out."""

    lines: list[int] = field(default_factory=list)
    """The line that each row begins at [n]."""
    rows: list[list[str]] = field(default_factory=list)
    """The fields of each, as many as columns [n]."""
    unreadable: dict[int, str] = field(default_factory=dict)
    """The lines of other rows, with why."""


def blocks(lines: Lines, dialect: Dialect, mended: Mended) -> Iterator[Block]:
    """Every row of the file; what was done about quotes goes into `mended`."""
    while taken := lines.block():
        rows = _plain(taken, dialect)
        if rows is None:
            end = lines.number + len(taken)
            lines.give_back(0)
            yield _doubted(lines, dialect, mended, end)
            continue
        yield _sound(rows, lines.number, dialect)
        lines.settle()


def _sound(rows: list[list[str]], first: int, dialect: Dialect) -> Block:
    """The rows that are neither blank nor the header, the first of them at the line `first`."""
    numbers = range(first, first + len(rows))
    again = {number: why for number, row in zip(numbers, rows, strict=True) if (why := _repeated(row, dialect))}
    if not again and all(map(any, rows)):
        return Block(list(numbers), rows)
    kept = [(number, row) for number, row in zip(numbers, rows, strict=True) if any(row) and number not in again]
    return Block([number for number, _ in kept], [row for _, row in kept], again)


def _repeated(row: list[str], dialect: Dialect) -> str:
    """Why the row is a part of a header: files were joined, or a table drawn; nothing if it is an example."""
    if not dialect.has_header or len(row) < 2:
        return ""
    first = row[0] or row[1]
    if _RULE.fullmatch(first) and all(_RULE.fullmatch(cell) for cell in row if cell.strip()):
        return "a line of dashes"
    if first.strip(_INVISIBLE) not in dialect.names[:2]:
        return ""
    cells = [cell.strip(_INVISIBLE) for cell in row]
    names = ["" if name.startswith("Unnamed: ") else name for name in dialect.names]
    return "the header again" if cells == names[: len(cells)] else ""


def _plain(lines: list[str], dialect: Dialect) -> list[list[str]] | None:
    """The fields of each line, if each is a blank or sound row on its own."""
    text = "".join(lines)
    if f"\\{dialect.quote}" in text or is_damaged(text):
        return None
    try:
        rows = list(_reader(lines, dialect, strict=True))
    except csv.Error:
        return None
    sound = len(rows) == len(lines) and set(map(len, rows)) <= {0, len(dialect.names)}
    return rows if sound else None


def _doubted(lines: Lines, dialect: Dialect, mended: Mended, end: int) -> Block:
    """The rows that begin before the line `end`, read one by one."""
    block, reading = Block(), _Reading(lines, dialect, mended)
    reader = _reader(lines, dialect, strict=False)
    while lines.number < end and (row := next(reader, None)) is not None:
        fields, why = reading.checked(row)
        if fields is not None and any(map(is_damaged, lines.taken)):
            fields, why = None, "not UTF-8"
        if fields and (again := _repeated(fields, dialect)):
            fields, why = None, again
        if fields is None:
            block.unreadable[lines.number] = why
        elif fields:
            block.lines.append(lines.number)
            block.rows.append(fields)
        lines.settle()
    return block


def _reader(
    lines: Iterable[str], dialect: Dialect, *, strict: bool, escapechar: str | None = None
) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        skipinitialspace=dialect.after_space,
        strict=strict,
        escapechar=escapechar,
    )


@dataclass(frozen=True)
class _Reading:
    """Second thoughts about the lines of one record."""

    lines: Lines
    dialect: Dialect
    mended: Mended

    def checked(self, row: list[str]) -> tuple[list[str] | None, str]:
        """The fields of the record, none and why where it has none; lines that it does not need are given back."""
        taken = self.lines.taken
        if len(taken) == 1 and self.dialect.quote not in taken[0] and len(row) == len(self.dialect.names) and any(row):
            return row, ""
        fault = self._fault()
        if not fault and not self._has_swallowed(strict=True):
            return self._fitted(row)
        if any(f"\\{self.dialect.quote}" in line for line in taken) and (escaped := self._escaped()):
            return escaped, ""
        if fault != _OPEN and not self._has_swallowed(strict=False) and (loose := self._loose()):
            return loose, ""
        if len(self.lines.taken) > 1:
            self.lines.give_back(1)
        if unquoted := self._unquoted():
            return unquoted, ""
        if fault == _OPEN:
            return None, _OPEN
        return (loose, "") if (loose := self._loose_below()) else (None, self._fitted(row)[1] or _INNER)

    def _fault(self) -> str:
        """What is wrong with the quotes of the record; nothing if nothing is."""
        try:
            next(_reader(self.lines.taken, self.dialect, strict=True), None)
        except csv.Error as error:
            return _OPEN if "end of data" in str(error) else str(error)
        return ""

    def _fitted(self, row: list[str]) -> tuple[list[str] | None, str]:
        """The row without empty fields beyond the last column; none, and why, where their number does not fit."""
        width = len(self.dialect.names)
        if not any(each.strip() for each in row):
            return [], ""
        if len(row) >= width and not any(each.strip() for each in row[width:]):
            return row[:width], ""
        return None, f"{counted(len(row), 'field')}, the header {self.dialect.given}"

    def _has_swallowed(self, *, strict: bool) -> bool:
        """Whether lines of the record are rows of their own. Prose may have as many commas as a row now and then."""
        taken, width = self.lines.taken, len(self.dialect.names)
        if len(taken) == 1 or width == 1:
            return False
        alone = [len(self._split(line)) == width for line in taken]
        return all(alone) and len(taken) >= (5 if width == 2 else 3) if strict else all(alone[:2])

    def _escaped(self) -> list[str] | None:
        """The fields where a backslash escapes quotes, if there are as many as columns."""
        feed = iter(self.lines.taken)
        try:
            fields = next(_reader(feed, self.dialect, strict=True, escapechar="\\"), [])
        except csv.Error:
            return None
        if len(fields) != len(self.dialect.names):
            return None
        self.lines.give_back(len(self.lines.taken) - len(list(feed)))
        self.mended.escaped[self.lines.number] = ""
        return fields

    def _unquoted(self) -> list[str] | None:
        """The fields of the line where quotes are characters, if there are as many as columns."""
        fields, _ = self._fitted(self._split(self.lines.taken[0]))
        if not fields:
            return None
        quote = self.dialect.quote
        values = [each[1:-1] if len(each) > 1 and each[0] == each[-1] == quote else each for each in fields]
        self.mended.stray[self.lines.number] = next((each for each in values if quote in each), "")
        return values

    def _loose(self) -> list[str] | None:
        """The fields where quotes inside a value in quotes are characters, if there are as many as columns."""
        found = loose_record(
            "".join(self.lines.taken),
            delimiter=self.dialect.delimiter,
            quote=self.dialect.quote,
            after_space=self.dialect.after_space,
            width=len(self.dialect.names),
        )
        if found is not None and found.quoted:
            self.mended.inner[self.lines.number] = found.quoted[0]
        return found.fields if found else None

    def _loose_below(self) -> list[str] | None:
        """The same of a record that goes on below, up to a line that may be a row of its own."""
        width = len(self.dialect.names)
        for line in islice(self.lines, _MOST_BELOW if width > 1 else 0):
            if line.count(self.dialect.quote) % 2 == 0 and len(self._split(line)) == width:
                break
            if fields := self._loose():
                return fields
        self.lines.give_back(1)
        return None

    def _split(self, line: str) -> list[str]:
        dialect = self.dialect
        reader = csv.reader(
            [line], delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=dialect.after_space
        )
        return next(reader, [])


_OPEN = "a quote that is never closed"
_INNER = "quotes inside a value in quotes that are not doubled"
