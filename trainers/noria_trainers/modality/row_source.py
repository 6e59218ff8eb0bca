"""Which files of a source hold its rows, and what its owner should know of them. Called by `labelled_row`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from noria_trainers.data import format, row_file
from noria_trainers.data.file_rows import FileRows
from noria_trainers.data.format import SPOKEN
from noria_trainers.data.row_file import SourceRows
from noria_trainers.data.source import File
from noria_trainers.modality.content import FoundSource
from noria_trainers.profile.finding import Findings
from noria_trainers.target.label import USUAL_NAMES
from noria_trainers.wording import counted, exact, listed, looks

LEAST_SHARED = 0.5
"""Of the columns of the source's main file, what another file must have to be a part of the same table."""
FEWEST_ROWS = 10
"""Of a table on the web."""


@dataclass(frozen=True)
class _Part:
    """A file and its rows."""

    file: File
    rows: FileRows

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.rows.table.column_names)


def read(source: FoundSource, findings: Findings, field: str = "source.uri") -> SourceRows | None:
    """The rows of all files that make one table; none, and an error, where there are none. `field` names them."""
    files, others = format.divide(source.files, source.format)
    if others:
        names = [file.name for file in others]
        message = f"{counted(len(names), 'file')} left out, not {SPOKEN[source.format]}: {listed(names)}"
        findings.warning("OtherFiles", message, names)
    parts = [_Part(file, row_file.read_one(file, source.format, source.store, source.scratch)) for file in files]
    parts = _of_one_table(parts, source.order.target, findings)
    rows = row_file.joined([part.file for part in parts], [part.rows for part in parts])
    if source.is_web and not _is_table(rows):
        message = f"{source.uri} is answered with something that is no table of examples: check the URL in a browser"
        findings.error("NoExamples", message)
        return None
    for remark in rows.remarks:
        findings.warning(remark.reason, remark.message)
    if not len(rows.table):
        findings.error("NoExamples", _why_empty(source.uri, rows, field))
        return None
    return rows


def _is_table(rows: SourceRows) -> bool:
    """Whether the rows may be quoted: an answer of a few lines, or without columns, may be anybody's credentials."""
    return len(rows.table) >= FEWEST_ROWS and len(rows.table.column_names) + len(rows.unusable) > 1


def _of_one_table(parts: Sequence[_Part], target: str | None, findings: Findings) -> list[_Part]:
    """The files that have the target, if any has, and most columns of the main one: the widest of these.

    Others are tables of their own, such as rows to predict or a form to hand predictions in.
    """
    if len(parts) == 1:
        return list(parts)
    name = target or next((name for name in USUAL_NAMES if any(name in part.columns for part in parts)), None)
    with_target = [part for part in parts if name in part.columns] or list(parts)
    main = max(with_target, key=lambda part: (len(part.columns), len(part.rows.table)))
    features = main.columns - {name}
    kept = [part for part in with_target if len(part.columns & features) >= LEAST_SHARED * len(features)]
    left = [part.file.name for part in parts if part not in kept]
    if left:
        without = [part.file.name for part in parts if part not in with_target]
        message = f"{counted(len(left), 'file')} left out, not of the same table as {main.file.name}: {listed(left)}"
        if unlike := _written_otherwise([part for part in parts if part not in kept], main):
            message += f"; columns are written otherwise there: {listed(unlike)}; give them one name"
        elif without:
            message += f"; no column {name} in {listed(without)}"
        findings.warning("OtherTables", message, left)
    return kept


def _written_otherwise(parts: Sequence[_Part], main: _Part) -> list[str]:
    """Names of these tables that differ from the main one's in case, spaces or accents' encoding alone."""
    known = {looks(name).casefold(): name for name in sorted(main.columns)}
    others = sorted({name for part in parts for name in part.columns - main.columns})
    pairs = [(known.get(looks(name).casefold()), name) for name in others]
    return [f"{exact(name)} for {exact(own)}" for own, name in pairs if own is not None]


def _why_empty(uri: str, rows: SourceRows, field: str) -> str:
    """Why there are no rows, by what is wrong with those that cannot be read."""
    if rows.unreadable:
        total = len(rows.unreadable)
        (why, count), *_ = Counter(rows.unreadable.values()).most_common(1)
        first = next(name for name, each in rows.unreadable.items() if each == why)
        what = (
            f"{count:,} of {total:,} rows{_verb(why)} {why} ({first})" if total > 1 else f"its only row, {first}: {why}"
        )
        return f"{uri} has no row that can be read: {what}; {_cure(why)}"
    if rows.unusable:
        held = [f"{name} ({what})" for name, what in rows.unusable.items()]
        return f"{uri} has no column of numbers or texts, only {listed(held)}: flatten them"
    if rows.table.column_names:
        return f"{uri} has a header ({listed(rows.table.column_names)}) and no rows: add rows"
    return f"{uri} is empty: upload rows, or correct {field}"


def _verb(why: str) -> str:
    return " have" if "the header" in why or "a quote" in why else ":"


def _cure(why: str) -> str:
    if "the header" in why:
        return (
            "name every column in the header, end no line with a delimiter, put values that contain it between "
            'double quotes (")'
        )
    if why.startswith("a list"):
        return (
            'begin with a list of the columns\' names, as ["size", "colour", "label"], or write each row as an object'
        )
    if why.startswith("not JSON: Expecting property name enclosed in double quotes, line 1 column 2"):
        return "write names and texts between double quotes, as JSON libraries do"
    if why.startswith(("not JSON: Expecting value, line 1 column 1", "not JSON: Extra data, line 1")):
        return "write it with a JSON library; if it is no JSON, give it the ending of its format, as .csv"
    return "correct the file, or export it again"
