"""The format of a source, as declared or inferred from its files' names."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import PurePosixPath

from noria.contract import ExitCode, Format, Source, shown
from noria_store.error import StepError
from noria_trainers.data.source import ARCHIVES, File
from noria_trainers.wording import listed

_COMPRESSED = ("", ".gz", ".bz2", ".xz", ".zip")
ROW_FILES: dict[Format, tuple[str, ...]] = {
    Format.CSV: tuple(kind + packed for kind in (".csv", ".tsv", ".tab") for packed in _COMPRESSED),
    Format.PARQUET: (".parquet", ".pq"),
    Format.JSON_LINES: tuple(kind + packed for kind in (".jsonl", ".ndjson", ".json") for packed in _COMPRESSED),
}
"""Endings of files whose rows are examples."""
DATA_FILES = (*chain.from_iterable(ROW_FILES.values()), *ARCHIVES)
"""Endings of files that hold several examples."""
ROWS = tuple(ROW_FILES)
SPOKEN = {
    Format.IMAGE_FOLDER: "folders",
    Format.CSV: "CSV",
    Format.PARQUET: "Parquet",
    Format.JSON_LINES: "JSON lines",
}
"""What the formats are called."""


def infer_format(source: Source, formats: Sequence[Format], files: Sequence[File]) -> Format:
    """The format that the source names or most of its files have, of those that fit; else folders, if these do.

    A single file with any other name is taken for CSV, unless it is an archive or lies in a folder of its own.
    """
    if source.format is not None:
        if source.format not in formats:
            message = f"this task reads {_listed(formats)}, not {SPOKEN[source.format]}"
            raise StepError(ExitCode.BAD_ORDER, "BadFormat", f"{message}: correct task or source.format")
        return source.format
    found = [(file.name, kind) for file in files if (kind := _row_format(file.name)) and kind in formats]
    counts = Counter(kind for name, kind in found if not _may_be_settings(name))
    if counts:
        return counts.most_common(1)[0][0]
    if len(found) > len(files) / 2:
        return Format.JSON_LINES
    if Format.IMAGE_FOLDER in formats and not (Format.CSV in formats and _is_loose(files)):
        return Format.IMAGE_FOLDER
    if len(files) == 1:
        return Format.CSV
    known = ", ".join(suffix for suffixes in ROW_FILES.values() for suffix in suffixes if suffix.count(".") == 1)
    names = listed([file.name for file in files])
    message = f"cannot infer the format of {shown(source.uri)} from its files' names ({names})"
    message += f": set source.format, or use one of the endings {known}"
    raise StepError(ExitCode.BAD_ORDER, "UnknownFormat", message)


def divide(files: Sequence[File], format_: Format) -> tuple[list[File], list[File]]:
    """The files with rows whose name tells the format, and the others; a single file may have any name."""
    fitting = [file for file in files if file.name.lower().endswith(ROW_FILES[format_])]
    if len(files) == 1 or not fitting:
        return list(files), []
    return fitting, [file for file in files if file not in fitting]


def _is_loose(files: Sequence[File]) -> bool:
    """Whether there is a single file, no archive and in no folder of a class."""
    return len(files) == 1 and "/" not in files[0].name and not files[0].name.lower().endswith(ARCHIVES)


def _may_be_settings(name: str) -> bool:
    """Whether such files also lie beside examples to describe them."""
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix == ".json"


def _row_format(name: str) -> Format | None:
    return next((found for found, suffixes in ROW_FILES.items() if name.lower().endswith(suffixes)), None)


def _listed(formats: Sequence[Format]) -> str:
    *others, last = (SPOKEN[each] for each in formats)
    return f"{', '.join(others)} or {last}" if others else last
