"""Labels as a column of a table's shards, and back: a number for each row, or a list of as many numbers for all."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria_trainers.data.manifest import LABEL


def with_labels(table: pa.Table, labels: NDArray[np.generic]) -> pa.Table:
    """The table of n rows with labels [n] or [n, k] in the column LABEL."""
    flat = pa.array(labels.ravel())
    column = flat if labels.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, labels.shape[1])
    return table.append_column(LABEL, column)


def labels_of(table: pa.Table) -> NDArray[np.generic]:
    """What `with_labels` put there, [n] or [n, k]."""
    column = table[LABEL]
    if not pa.types.is_fixed_size_list(column.type):
        return np.asarray(column.to_numpy())
    flat = pa.concat_arrays([chunk.flatten() for chunk in column.chunks]) if column.num_chunks else pa.array([])
    return np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(-1, column.type.list_size)
