"""Gathers the rows of a table: features and labels, and what to split by. Used by `table.modality`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType, ProfileOrder
from noria_trainers.data import shards
from noria_trainers.data.label_column import with_labels
from noria_trainers.data.manifest import LABEL, TableColumn
from noria_trainers.data.number_style import doubt, number_styles
from noria_trainers.data.spelling import PLAIN, Style
from noria_trainers.modality import labelled_row
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.table import key, unread
from noria_trainers.modality.table.column_type import TypedColumn, understand
from noria_trainers.modality.table.description import meta_features
from noria_trainers.profile.finding import Findings
from noria_trainers.target.label import target_column
from noria_trainers.target.target import target_of
from noria_trainers.wording import counted, listed


@dataclass(frozen=True)
class TableContent:
    """Feature columns in memory. `chosen` [k] are indices of rows."""

    features: tuple[TypedColumn, ...]
    labels: NDArray[np.generic]
    """Class indices or values [n], or several for each row [n, k]."""

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Name and type of the features, and how they are written."""
        return tuple(_described(each) for each in self.features)

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Numbers that describe the chosen rows."""
        return meta_features(self.features, self.labels, chosen)

    def image(self, chosen: NDArray[np.int64]) -> None:
        """None: rows are not images."""
        return

    def rows(self, chosen: NDArray[np.int64]) -> pa.Table:
        """The chosen rows with their label, as in the shards."""
        return with_labels(self._table, self.labels).take(pa.array(chosen))

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """Parquet files of the chosen rows."""
        return shards.table_shards(self._table, self.labels, name, chosen, folder)

    @property
    def _table(self) -> pa.Table:
        return pa.table({each.name: each.values for each in self.features})


def gather(source: FoundSource, findings: Findings) -> Gathered | None:
    """All labelled rows; none, and an error, where there are none or nothing to learn from."""
    rows = labelled_row.read(source, findings)
    if rows is None:
        return None
    order, names = source.order, rows.table.column_names
    name = target_column(findings, names, order.target, has_header=rows.has_header, unusable=rows.unusable)
    if name is None:
        return None
    if LABEL in names:
        findings.error("ReservedColumn", f"the column name {LABEL} is reserved: rename the column", [LABEL])
        return None
    labels = target_of(order.task).labels(findings, name, rows.table[name])
    if labels is None:
        return None
    labelled = labelled_row.choose(order, rows, labels, findings)
    if not len(labelled.kept):
        findings.error("NoExamples", f"{source.uri} has no row with a label in column {name}: add labelled rows")
        return None
    raw = rows.table.take(pa.array(labelled.kept))
    features, hashed = _features(order, raw, name, rows.unusable, findings)
    if not features:
        findings.error(
            "NoFeatures", f"no column except {name} can be used as a feature: add columns, or declare their types"
        )
        return None
    examples = labelled.examples(labelled_row.digests_of([each.values for each in hashed]))
    gathered = Gathered(examples, TableContent(features, labelled.labels), name, tuple(map(_described, hashed)))
    return key.lasting(gathered, raw, source)


def _features(
    order: ProfileOrder, raw: pa.Table, target_name: str, unusable: Mapping[str, str], findings: Findings
) -> tuple[tuple[TypedColumn, ...], tuple[TypedColumn, ...]]:
    """The columns to learn from, and those that distinguish rows: also constant ones, which may come to vary."""
    declared = {column.name: column.type for column in order.columns}
    known_use = {target_name, order.holdout_column}
    others = [name for name in raw.column_names if name not in known_use and declared.get(name) not in key.NO_FEATURES]
    styles = number_styles({name: raw[name] for name in others})
    columns = [understand(name, raw[name], declared.get(name), styles[name]) for name in others]
    constant = [each.name for each in columns if each.is_constant]
    identifiers = [each.name for each in columns if each.name not in declared and each.is_identifier]
    _warn(findings, "ConstantColumns", constant, "with a single value", "left out of the features")
    cure = "left out of the features; declare a type in columns to keep it"
    _warn(findings, "IdentifierColumns", identifiers, "with a different value in nearly every row", cure)
    held = [f"{name} ({what})" for name, what in unusable.items()]
    _warn(findings, "UnusableColumns", held, "of neither numbers nor texts", "left out; flatten them to use them")
    for kind, reason, what in (
        (ColumnType.NUMERIC, "NotNumeric", "with numbers and other values"),
        (ColumnType.DATE, "NotDates", "with dates and other values"),
    ):
        mixed = [_unfit(each, raw[each.name]) for each in columns if each.type is kind and len(each.unfit)]
        _warn(findings, reason, mixed, what, "the others count as missing; correct them")
    _warn_of_doubt(findings, columns)
    unread.warn(findings, [(each, raw[each.name]) for each in columns if each.name not in declared])
    known = tuple(each for each in columns if each.name not in identifiers)
    return tuple(each for each in known if each.name not in constant), known


def _unfit(column: TypedColumn, raw: pa.ChunkedArray) -> str:
    """How many values a column loses, and some of them."""
    lost = pc.unique(raw.take(pa.array(column.unfit)).cast(pa.string()))
    return f"{column.name}: {len(column.unfit)} ({listed(lost.to_pylist(), 3)})"


def _warn(findings: Findings, reason: str, names: list[str], what: str, cure: str) -> None:
    if names:
        findings.warning(reason, f"{counted(len(names), 'column')} {what}: {listed(names)}; {cure}", names)


def _warn_of_doubt(findings: Findings, columns: list[TypedColumn]) -> None:
    """Numbers whose marks may separate thousands or decimals, and dates whose day may be the month."""
    for each in columns:
        if each.doubtful is None:
            continue
        if each.type is ColumnType.NUMERIC:
            findings.warning("AmbiguousNumbers", doubt(each.name, each.doubtful, each.spelling), [each.name])
        if each.type is ColumnType.DATE:
            order = "day/month" if each.spelling.style is Style.DAY_FIRST else "month/day"
            message = (
                f"column {each.name} holds {each.doubtful}, which was read as {order}/year; "
                "if it is meant otherwise, write dates as 2024-10-23"
            )
            findings.warning("AmbiguousDates", message, [each.name])


def _described(feature: TypedColumn) -> TableColumn:
    is_plain = feature.spelling == PLAIN
    return TableColumn(name=feature.name, type=feature.type, spelling=None if is_plain else feature.spelling)
