"""Rows of files: which are examples, and what tells them apart."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType, ProfileOrder
from noria_trainers.data.column import as_text
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.row_file import SourceRows, with_holdout
from noria_trainers.modality import garbled, row_source
from noria_trainers.modality.content import HELD, FoundSource
from noria_trainers.modality.given_split import given_splits
from noria_trainers.modality.moment import moments
from noria_trainers.profile import check
from noria_trainers.profile.finding import Findings
from noria_trainers.target.label import Labels
from noria_trainers.wording import counted, exact, listed, looks

_SEPARATOR, _MISSING = "\x1f", "\x00"


@dataclass(frozen=True)
class LabelledRows:
    """The n rows that are examples."""

    kept: NDArray[np.int64]
    """Their indices in the whole table [n]."""
    classes: tuple[str, ...]
    labels: NDArray[np.int64] | NDArray[np.float64]
    """[n]"""
    groups: NDArray[np.uint64] | None
    """[n]"""
    times: NDArray[np.float64] | None
    """[n]"""
    given: NDArray[np.int8] | None
    """The split that the source gives each row [n], if it gives any."""
    name: Callable[[int], str]

    def examples(self, digests: NDArray[np.uint64]) -> Examples:
        """The rows as examples; `digests` [n, 2] are of their features."""
        return Examples(
            name=self.name,
            classes=self.classes,
            labels=self.labels,
            digests=digests,
            groups=self.groups,
            times=self.times,
            given=self.given,
        )


def read(source: FoundSource, findings: Findings) -> SourceRows | None:
    """All rows of the source, then those of its hold-out; none, and an error, where there are none of either."""
    rows = row_source.read(source, findings)
    if rows is None:
        return None
    present = rows.table.column_names
    absent = [column.name for column in source.order.columns if column.name not in present]
    if absent:
        found = f"the source has {listed(map(exact, present), 20)}"
        message = f"declared in columns but not in the source: {listed(map(exact, absent))}; {found}"
        findings.error("ColumnMissing", message, absent)
    return rows if source.holdout is None else _with_holdout(rows, source.holdout, findings)


def _warn_of_names(names: Sequence[str], findings: Findings) -> None:
    """Columns whose names look the same."""
    seen = defaultdict[str, list[str]](list)
    for name in names:
        seen[looks(name)].append(name)
    groups = [" and ".join(map(exact, group)) for group in seen.values() if len(group) > 1]
    if groups:
        message = f"columns whose names look the same: {listed(groups)}"
        findings.warning("SimilarColumns", f"{message}; give them one name if they mean the same, else others", groups)


def _with_holdout(rows: SourceRows, source: FoundSource, findings: Findings) -> SourceRows | None:
    """The rows and those of the hold-out, in the columns of the first."""
    held = row_source.read(source, findings, "holdout.uri")
    if held is None:
        return None
    names, theirs = rows.table.column_names, held.table.column_names
    for verb, columns, what in (
        ("lacks", [name for name in names if name not in theirs], "they are empty there"),
        ("has other", [name for name in theirs if name not in names], "they are not used"),
    ):
        if columns:
            message = f"the hold-out {verb} columns: {listed(map(exact, columns))}; {what}"
            findings.warning("HoldoutColumns", f"{message}; correct {source.uri} if this is not intended", columns)
    target = source.order.target
    if not {name for name in names if name in theirs} - {target}:
        words = f"the hold-out has none of the features ({listed(map(exact, [n for n in names if n != target]))})"
        findings.error("HoldoutColumns", f"{words}: give its columns the names of the source's")
        return None
    shared = replace(held, table=held.table.select([name for name in theirs if name in names]))
    return with_holdout(rows, shared, HELD)


def choose(
    order: ProfileOrder,
    rows: SourceRows,
    labels: Labels,
    findings: Findings,
    *,
    empty: NDArray[np.int64] | None = None,
) -> LabelledRows:
    """Rows with a label, and with a group and time where such columns are declared; `empty` ones are left out too.

    `empty` [k] are indices.
    """
    group, time = (_declared(order, rows, kind, findings) for kind in (ColumnType.GROUP, ColumnType.TIME))
    left: dict[str, NDArray[np.int64]] = {"Empty": np.zeros(0, np.int64) if empty is None else empty}
    groups = times = None
    if group is not None:
        groups = digests_of([as_text(group)])[:, 0]
        left["GroupMissing"] = np.flatnonzero(group.is_null().to_numpy())
    if time is not None:
        times = moments(time)
        left["TimeMissing"] = np.flatnonzero(np.isnan(times))
    left["TargetNotNumeric"] = labels.not_numbers
    unfit = {"Unreadable": rows.unreadable}
    for reason, indices in left.items():
        unfit[reason] = {rows.name(int(index)): "" for index in indices}
    check.left_out(findings, order.checks, total=len(rows.table) + len(rows.unreadable), unit="row", unfit=unfit)
    _warn_of_names(rows.table.column_names, findings)
    garbled.warn(findings, rows.table)
    _warn_unlabelled(findings, [rows.name(int(index)) for index in labels.missing])
    out = np.concatenate([*left.values()]).astype(np.int64)
    stays = ~np.isin(labels.kept, out)
    kept = labels.kept[stays]
    given = given_splits(rows, order.holdout_column, findings)
    return LabelledRows(
        kept=kept,
        classes=labels.classes,
        labels=labels.values[stays],
        groups=None if groups is None else groups[kept],
        times=None if times is None else times[kept],
        given=None if given is None else given[kept],
        name=lambda index: rows.name(int(kept[index])),
    )


def digests_of(columns: list[pa.ChunkedArray]) -> NDArray[np.uint64]:
    """A digest of each row's values, [n, 2]; equal values are equal in any file format."""
    texts = [column.cast(pa.string()) for column in columns]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR, null_handling="replace", null_replacement=_MISSING)
    return digests([digest(text.encode()) for text in joined.to_pylist()])


def _declared(order: ProfileOrder, rows: SourceRows, kind: ColumnType, findings: Findings) -> pa.ChunkedArray | None:
    names = [column.name for column in order.columns if column.type is kind]
    if len(names) > 1:
        findings.error("TwoColumns", f"columns {listed(names)} are all declared {kind}: only one may be", names)
    return rows.table[names[0]] if names and names[0] in rows.table.column_names else None


def _warn_unlabelled(findings: Findings, names: list[str]) -> None:
    if names:
        message = f"{counted(len(names), 'row')} without a label, left out: {listed(names)}; label them"
        findings.warning("Unlabelled", message, names)
