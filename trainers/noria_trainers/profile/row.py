"""Which rows of a table or of texts in a file are examples, and what tells them apart. Called by their profiles."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType, ProfileOrder
from noria_trainers.data.examples import digest, digests
from noria_trainers.data.table import Rows
from noria_trainers.profile import check
from noria_trainers.profile.column import as_text
from noria_trainers.profile.finding import Findings, counted, listed
from noria_trainers.profile.moment import moments
from noria_trainers.profile.target import Labels

_SEPARATOR, _MISSING = "\x1f", "\x00"


@dataclass(frozen=True)
class Chosen:
    """The rows that are examples: `kept` counts them in the whole table, the rest is as long as `kept`."""

    kept: NDArray[np.int64]
    labels: NDArray[np.int64] | NDArray[np.float64]
    groups: NDArray[np.uint64] | None
    times: NDArray[np.float64] | None
    name: Callable[[int], str]


def choose(
    order: ProfileOrder, rows: Rows, labels: Labels, findings: Findings, empty: NDArray[np.int64] | None = None
) -> Chosen:
    """Rows with a label, and with a group and time where such columns are declared; `empty` ones are left out too."""
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
    found = {"Unreadable": dict.fromkeys(rows.unreadable, "")}
    for reason, indices in left.items():
        found[reason] = {rows.name(int(index)): "" for index in indices}
    check.left_out(findings, order.checks, total=len(rows.table) + len(rows.unreadable), unit="row", found=found)
    _warn_unlabelled(findings, [rows.name(int(index)) for index in labels.missing])
    out = np.concatenate([*left.values()]).astype(np.int64)
    stays = ~np.isin(labels.kept, out)
    kept = labels.kept[stays]
    return Chosen(
        kept=kept,
        labels=labels.values[stays],
        groups=None if groups is None else groups[kept],
        times=None if times is None else times[kept],
        name=lambda index: rows.name(int(kept[index])),
    )


def digests_of(columns: list[pa.ChunkedArray]) -> NDArray[np.uint64]:
    """A digest of each row's values, [n, 2]; equal values are equal in any file format."""
    texts = [column.cast(pa.string()) for column in columns]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR, null_handling="replace", null_replacement=_MISSING)
    return digests([digest(text.encode()) for text in joined.to_pylist()])


def _declared(order: ProfileOrder, rows: Rows, kind: ColumnType, findings: Findings) -> pa.ChunkedArray | None:
    names = [column.name for column in order.columns if column.type is kind]
    if len(names) > 1:
        findings.error("TwoColumns", f"columns {listed(names)} are both declared {kind}: only one can be", names)
    return rows.table[names[0]] if names and names[0] in rows.table.column_names else None


def _warn_unlabelled(findings: Findings, names: list[str]) -> None:
    if names:
        words = f"{counted(len(names), 'row')} without a label, left out: {listed(names)}; label them"
        findings.warning("Unlabelled", words, names)
