"""The split that a row is given: by a column, or because it lies in the hold-out's files. Used by `labelled_row`."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.column import as_text
from noria_trainers.data.row_file import SourceRows
from noria_trainers.data.splits import HOLDOUT, TRAIN, UNDECIDED, VALIDATION
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import listed

SPLITS_BY_NAME = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "validate", "valid", "val", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing", "holdout", "hold-out", "hold_out"), HOLDOUT),
    **dict.fromkeys(("", "unassigned"), UNDECIDED),
}
"""What people call splits, in lower case."""


def given_splits(rows: SourceRows, column: str | None, findings: Findings) -> NDArray[np.int8] | None:
    """The split of each row [n], UNDECIDED where none is given; none where no row has one."""
    if column is not None:
        return _by_column(rows, column, findings)
    if not rows.held:
        return None
    count = len(rows.table)
    return np.where(np.arange(count) < count - rows.held, UNDECIDED, HOLDOUT).astype(np.int8)


def _by_column(rows: SourceRows, column: str, findings: Findings) -> NDArray[np.int8] | None:
    """Reads the column that says train, validation or test; none, and an error, where it says something else."""
    names = rows.table.column_names
    if column not in names:
        message = f"holdout.column is {column}, but the source has {listed(names, 20)}: correct it"
        findings.error("ColumnMissing", message, [column])
        return None
    values = [(value or "").strip() for value in as_text(rows.table[column]).to_pylist()]
    counts = Counter(values)
    others = [value for value in counts if value.lower() not in SPLITS_BY_NAME]
    found = listed((f"{value or 'nothing'}: {count}" for value, count in counts.most_common()), 10)
    if others:
        message = f"holdout.column {column} must say train, validation or test for each row, but holds {found}"
        findings.error("HoldoutColumn", f"{message}: correct its values, or name another column", others)
        return None
    given = np.asarray([SPLITS_BY_NAME[value.lower()] for value in values], np.int8)
    if HOLDOUT not in given:
        message = f"holdout.column {column} holds {found}, so no row is held out: say test for those that are"
        findings.error("HoldoutColumn", message, [column])
        return None
    return given
