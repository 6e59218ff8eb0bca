"""What `predict` reads: rows of files one after the other, or files as examples. Used by `predict`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from noria.contract import ExitCode, Format, Source
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import is_s3
from noria_trainers.data import source
from noria_trainers.data.format import ROW_FILES
from noria_trainers.data.source import File
from noria_trainers.wording import listed

FILE_COLUMN = "file"
"""Column of the name, where files are the examples."""
PARQUET_ROWS = 4096
"""Read at a time."""


@dataclass(frozen=True)
class Example:
    """What is asked about, and what is kept of it beside the answer."""

    place: str
    """How a person finds it: a file's name, with the row's number."""
    columns: Mapping[str, Any]
    """The original columns, as they are."""
    path: Path | None = None
    """The file, where files are the examples."""


@dataclass(frozen=True)
class Asked:
    """All examples of a source, in order."""

    files: Sequence[File]
    store: Store
    scratch: Path

    @classmethod
    def find(cls, uri: str, store: Store, scratch: Path) -> "Asked":
        """The files at a path or URI. Raises StepError where there are none."""
        files = source.find(Source(uri=uri), store, scratch)
        if not files:
            raise StepError(ExitCode.BAD_DATA, "NotFound", f"{uri} does not exist or is empty: check --in")
        return cls(files, store, scratch)

    @property
    def format(self) -> Format | None:
        """The format of files of rows; none where each file is an example."""
        found = {_format(file.name) for file in self.files}
        if None not in found and len(found) > 1:
            names = listed([file.name for file in self.files])
            message = f"{names} have different formats: ask about those of one format at a time"
            raise StepError(ExitCode.BAD_DATA, "MixedFormats", message)
        return next(iter(found)) if len(found) == 1 else None

    @property
    def mark(self) -> list[list[Any]]:
        """What tells these files from what they may become."""
        return [[file.name, file.size, file.mark] for file in self.files]

    def examples(self, *, skip: int) -> Iterator[Example]:
        """Every example after the first ones. Raises StepError where a row cannot be read."""
        read = _READERS.get(self.format) if self.format else None
        return self._whole_files(skip) if read is None else islice(self._rows(read), skip, None)

    def _whole_files(self, skip: int) -> Iterator[Example]:
        for file in self.files[skip:]:
            path = source.local(file, self.store, self.scratch)
            yield Example(file.name, {FILE_COLUMN: file.name}, path)
            if is_s3(file.uri):
                path.unlink()  # whoever asks for the next one has read it

    def _rows(self, read: "Reader") -> Iterator[Example]:
        for file in self.files:
            for number, row in read(source.local(file, self.store, self.scratch), file.name):
                yield Example(f"{file.name} {number}", row)


def _format(name: str) -> Format | None:
    return next((found for found, endings in ROW_FILES.items() if name.lower().endswith(endings)), None)


Rows = Iterator[tuple[str, Mapping[str, Any]]]
"""How a person finds each row, and its values; a missing one is None."""
Reader = Callable[[Path, str], Rows]


def _csv(path: Path, file: str) -> Rows:
    """Texts as the file has them, read as a profile run reads them."""
    from noria_trainers.data.csv_dialect import dialect
    from noria_trainers.data.csv_line import Lines
    from noria_trainers.data.csv_record import Mended, blocks
    from noria_trainers.data.encoding import open_text

    text, _ = open_text(path, file)
    with text:
        lines = Lines(text, file)
        found = dialect(lines.sample(), file)
        lines.skip(found.skipped)
        for block in blocks(lines, found, Mended()):
            for line, why in block.unreadable.items():
                raise StepError(ExitCode.BAD_DATA, "BadRow", f"{file} line {line} cannot be read: {why}")
            for line, row in zip(block.lines, block.rows, strict=True):
                values = zip(found.names, row, strict=True)
                yield f"line {line}", {name: value or None for name, value in values}


def _parquet(path: Path, file: str) -> Rows:
    """Values as the file has them."""
    import pyarrow.parquet as pq

    number = 0
    with pq.ParquetFile(path) as found:
        for batch in found.iter_batches(PARQUET_ROWS, use_threads=False):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row


def _json_lines(path: Path, file: str) -> Rows:
    """Values as the file has them: an object in each line, or one array of objects."""
    from noria_trainers.data.encoding import open_text

    text, _ = open_text(path, file)
    with text:
        first = text.read(1)
        values: Iterable[tuple[int, Any]]
        if first == "[":
            values = enumerate(_parsed(first + text.read(), file), 1)
        else:
            lines = _joined(first, text)
            values = ((number, _parsed(line, f"{file} line {number}")) for number, line in lines if line.strip())
        for number, value in values:
            if not isinstance(value, dict):
                message = f"{file} line {number} is no object with names and values: correct it"
                raise StepError(ExitCode.BAD_DATA, "BadRow", message)
            yield f"line {number}", value


def _joined(first: str, rest: Iterator[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(rest, 1):
        yield number, first + line if number == 1 else line


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StepError(ExitCode.BAD_DATA, "BadRow", f"{where} is no JSON: {error}") from error


_READERS: Mapping[Format, Reader] = {Format.CSV: _csv, Format.PARQUET: _parquet, Format.JSON_LINES: _json_lines}
