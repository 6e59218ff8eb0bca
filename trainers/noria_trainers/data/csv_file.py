"""Rows of a CSV file, as text, unchanged. Used by `row_file`."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data import fast_text
from noria_trainers.data.csv_dialect import Dialect, dialect
from noria_trainers.data.csv_line import Lines
from noria_trainers.data.csv_record import Mended, blocks
from noria_trainers.data.encoding import open_text
from noria_trainers.data.file_rows import FileRows, check_names
from noria_trainers.data.quote_mark import quoted_line
from noria_trainers.wording import listed

_JSON = re.compile(r'\{\s*("[^"]*"\s*:|$)|\[\s*([\[{]|$)')
"""How a JSON object or array begins, in one line."""


def read(path: Path, file: str) -> FileRows:
    """All rows; `file` is how to call it. Raises StepError where it holds no table."""
    text, remarks = open_text(path, file)
    with text:
        lines = Lines(text, file)
        sample = lines.sample()
        _refuse_json(sample, file)
        if fast_text.is_fast_text(sample):
            return fast_text.read(lines, remarks)
        found = dialect(sample, file)
        if not found.names:
            return FileRows(pa.table({}), np.zeros(0, np.int64), "line")
        _check_header(found, sample, file)
        lines.skip(found.skipped)
        mended, unreadable, numbers = Mended(), dict[int, str](), list[int]()
        schema = pa.schema([(name, pa.string()) for name in found.names])
        tables = [schema.empty_table()]
        for block in blocks(lines, found, mended):
            tables.append(_table(block.rows, schema))
            numbers += block.lines
            unreadable |= block.unreadable
    return FileRows(
        table=_without_nameless(pa.concat_tables(tables)),
        numbers=np.asarray(numbers, np.int64),
        unit="line",
        unreadable=unreadable,
        remarks=(*remarks, *found.remarks, *mended.remarks(file)),
        has_header=found.has_header,
    )


def _refuse_json(sample: Sequence[str], file: str) -> None:
    """Says what a file is whose name or format says CSV; nothing of it is quoted, as it may come from a web server."""
    first = [line.strip() for line in sample if line.strip()][:2]
    if not first or not _JSON.match("".join(first)):
        return
    what, cure = "a JSON object", "if it holds examples, name it .json; else it may be a server's error: look into it"
    if first[0].startswith("["):
        what, cure = "a JSON array", "name it .json, or set source.format to JSONLines"
    elif len(first) > 1 and all(line.endswith("}") and line.startswith("{") for line in first):
        what, cure = "JSON lines", "name it .jsonl, or set source.format to JSONLines"
    raise StepError(ExitCode.BAD_DATA, "OtherKind", f"{file} is {what}, not CSV: {cure}")


def _check_header(found: Dialect, sample: Sequence[str], file: str) -> None:
    if "\0" in found.names[0]:
        raise StepError(ExitCode.BAD_DATA, "OtherKind", f"{file} is no text: save the table as CSV")
    if len(found.names) == 1 and (whole := quoted_line(sample)):
        what = f"{file} has quotes around whole lines, as {whole}, so that each is one value"
        raise StepError(ExitCode.BAD_DATA, "QuotedLines", f"{what}: save it without these quotes")
    if not found.has_header and len(set(found.names)) < len(found.names):
        what = f"the first line of {file} ({listed(found.names)}) looks like an example, not like names of columns"
        raise StepError(ExitCode.BAD_DATA, "NoHeader", f"{what}: add a line with their names")
    check_names(found.names, file)


def _table(rows: list[list[str]], schema: pa.Schema) -> pa.Table:
    """Columns of strings, empty cells being nulls."""
    if not rows:
        return schema.empty_table()
    columns = (pa.array(values, pa.string()) for values in zip(*rows, strict=True))
    return pa.Table.from_arrays([pc.if_else(pc.equal(each, ""), None, each) for each in columns], schema=schema)


def _without_nameless(table: pa.Table) -> pa.Table:
    """The table without columns that have neither a name nor a value: what delimiters at the lines' ends leave."""
    unnamed = [name for name in table.column_names if name.startswith("Unnamed: ")]
    return table.drop_columns([name for name in unnamed if len(table) and table[name].null_count == len(table)])
