"""A split of a revision whose examples are rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria_trainers.data.label_column import labels_of
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.encoded import EncodedExamples, Held
from noria_trainers.modality.inputs import Inputs
from noria_trainers.modality.labelled_row import digests_of
from noria_trainers.modality.table.raw import Raw


@dataclass(frozen=True)
class TableSplit:
    """Rows, read once from Parquet files."""

    revision: Revision
    split: SplitName
    scratch: Path

    @cached_property
    def table(self) -> pa.Table:
        """Feature columns and `LABEL`."""
        return self.revision.table(self.split, self.scratch)

    @property
    def texts(self) -> None:
        """None: rows are not single strings."""
        return

    @property
    def labels(self) -> NDArray[np.generic]:
        """Class indices or values [n], or several for each row [n, k]."""
        return labels_of(self.table)

    def encoded(self, inputs: Inputs) -> EncodedExamples:
        """All rows encoded at once, in memory."""
        return Held.of(self._raw.batches(self.table), inputs, self.labels)

    def batches(self, size: int) -> Iterator[tuple[dict[str, NDArray[np.generic]], NDArray[np.generic]]]:
        """Columns [size] by input, and labels [size]."""
        for start in range(0, self.table.num_rows, size):
            rows = self.table.slice(start, size)
            yield self._raw.arrays(rows), labels_of(rows)

    def digests(self, names: Sequence[str] | None = None) -> NDArray[np.uint64]:
        """Digests of the rows [n, 2], of these columns or of all features."""
        chosen = [each.name for each in self.revision.manifest.columns] if names is None else names
        return digests_of([self.table[name] for name in chosen])

    @property
    def _raw(self) -> Raw:
        return Raw(self.revision.manifest.columns)
