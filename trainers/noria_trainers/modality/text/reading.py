"""Gathers texts, from files of one each or from a column of rows. Used by `text.modality`."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import Column, ColumnType, ProfileOrder
from noria_trainers.data.column import as_text, numbers
from noria_trainers.data.examples import digest, digests
from noria_trainers.data.manifest import TableColumn
from noria_trainers.data.row_file import SourceRows
from noria_trainers.data.spool import Spool
from noria_trainers.modality import class_file, labelled_row
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.record import SPOOL, Records
from noria_trainers.modality.text.description import meta_features
from noria_trainers.modality.text.name import FEATURE
from noria_trainers.modality.text.text_file import TEXT_FILE, decoded
from noria_trainers.profile.finding import Findings
from noria_trainers.target.label import target_column
from noria_trainers.target.target import target_of
from noria_trainers.wording import listed

MOST_DISTINCT_WORDS = 0.2
"""Share of different values up to which single words are categories, not texts."""


@dataclass(frozen=True)
class TextContent:
    """Texts on disk, in UTF-8. `chosen` [k] are indices of examples."""

    records: Records

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """None."""
        return ()

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Lengths, vocabulary and alphabet of the chosen texts."""
        return meta_features(text.decode() for text in self.records.read(chosen))

    def image(self, chosen: NDArray[np.int64]) -> None:
        """None: texts are not images."""
        return

    def rows(self, chosen: NDArray[np.int64]) -> None:
        """None: texts are stored without the rows that they come from."""
        return

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """TFRecord files of the chosen texts."""
        return self.records.shards(name, chosen, folder)


def from_files(source: FoundSource, findings: Findings) -> Gathered | None:
    """All labelled files with text."""
    files = class_file.gather(source, TEXT_FILE, findings)
    if files is None:
        return None
    texts = decoded(files, source, findings)
    return Gathered(texts.examples, TextContent(texts.records))


def from_rows(source: FoundSource, findings: Findings) -> Gathered | None:
    """All labelled rows with text; none, and an error, where there are none."""
    rows = labelled_row.read(source, findings)
    if rows is None:
        return None
    order, names = source.order, rows.table.column_names
    label = target_column(findings, names, order.target, has_header=rows.has_header, unusable=rows.unusable)
    if label is None:
        return None
    used = {label, order.holdout_column}
    column = text_column(rows.table, used, order.columns)
    if column is None or column not in names:
        message = (
            f"no column of text among {listed(names)}: declare one in columns with type Text, or use a task for tables"
        )
        findings.error("NoText", message)
        return None
    labels = target_of(order.task).labels(findings, label, rows.table[label])
    if labels is None:
        return None
    texts = as_text(rows.table[column])
    labelled = labelled_row.choose(order, rows, labels, findings, empty=_blank(texts))
    if not len(labelled.kept):
        message = f"{source.uri} has no row with text in {column} and a label in {label}: add labelled rows"
        findings.error("NoExamples", message)
        return None
    _warn_of_unread(order, rows, used, column, findings)
    spool, hashed = _spooled(texts.take(pa.array(labelled.kept)), source.scratch / SPOOL)
    records = Records(spool, labelled.labels.astype(np.int64))
    return Gathered(labelled.examples(digests(hashed)), TextContent(records), label)


def text_column(table: pa.Table, used: Set[str | None], columns: tuple[Column, ...]) -> str | None:
    """The column that the owner calls Text, or named `text`, or with the longest texts; none where none has any."""
    declared = [column.name for column in columns if column.type is ColumnType.TEXT]
    if declared:
        return declared[0]
    ignored = {column.name for column in columns} | used
    strings = [each.name for each in table.schema if each.type == pa.string() and each.name not in ignored]
    if "text" in strings:
        return "text"
    longest = {name: length for name in strings if (length := _text_length(table[name]))}
    return max(longest, key=lambda name: longest[name], default=None)


def _text_length(column: pa.ChunkedArray) -> float:
    """Mean length of the values; 0 where they are numbers, or few words that recur."""
    present = pc.drop_null(column)
    if not len(present) or len(numbers(column)[1]) < 0.5 * len(present):
        return 0.0
    recurs = pc.count_distinct(present).as_py() <= MOST_DISTINCT_WORDS * len(present)
    words = pc.mean(pc.count_substring_regex(pc.utf8_trim_whitespace(present), r"\s+")).as_py()
    return 0.0 if recurs and words < 1 else float(pc.mean(pc.utf8_length(present)).as_py())


def _blank(texts: pa.ChunkedArray) -> NDArray[np.int64]:
    """Rows without text."""
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True)
    return np.flatnonzero(blank.to_numpy(zero_copy_only=False))


def _spooled(texts: pa.ChunkedArray, path: Path) -> tuple[Spool, list[bytes]]:
    """The texts on disk, and the digest of each."""
    hashed = []
    with Spool(path, FEATURE.stored) as spool:
        for text in texts.to_pylist():
            content = text.encode()
            spool.append(content)
            hashed.append(digest(content))
    return spool, hashed


def _warn_of_unread(
    order: ProfileOrder, rows: SourceRows, used: Set[str | None], text: str, findings: Findings
) -> None:
    declared = {column.name for column in order.columns if column.type is not ColumnType.TEXT}
    others = [name for name in rows.table.column_names if name not in used | declared | {text}]
    if others:
        message = f"texts are read from column {text}; others are not used: {listed(others)}"
        findings.warning("OtherColumns", f"{message}; declare them Ignore if intended", others)
