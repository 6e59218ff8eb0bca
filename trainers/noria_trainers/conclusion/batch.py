"""A revision's examples as a served model takes them: arrays by input name. Used by `holdout` and `warm_up`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType, Task
from noria_trainers.data.manifest import LABEL, SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.inputs.raw import input_names

Inputs = dict[str, NDArray[np.generic]]
_INPUTS = {Task.IMAGE_CLASSIFICATION: ("image", "image_bytes"), Task.TEXT_CLASSIFICATION: ("text", "text")}


def batches(
    revision: Revision, split: SplitName, scratch: Path, size: int
) -> Iterator[tuple[Inputs, NDArray[np.generic]]]:
    """Inputs and labels of `size` examples at a time, the last batch with what is left."""
    if revision.manifest.task in _INPUTS:
        return _streamed(revision, split, scratch, size)
    return _rows(revision, split, scratch, size)


def _streamed(
    revision: Revision, split: SplitName, scratch: Path, size: int
) -> Iterator[tuple[Inputs, NDArray[np.generic]]]:
    feature, name = _INPUTS[revision.manifest.task]
    for features, labels in revision.examples(split, scratch).batch(size).as_numpy_iterator():
        yield {name: features[feature]}, labels


def _rows(
    revision: Revision, split: SplitName, scratch: Path, size: int
) -> Iterator[tuple[Inputs, NDArray[np.generic]]]:
    table, columns = revision.table(split, scratch), revision.manifest.columns
    names = input_names([column.name for column in columns])
    for start in range(0, table.num_rows, size):
        part = table.slice(start, size)
        inputs = {names[column.name]: _values(part[column.name], column.type) for column in columns}
        yield inputs, part[LABEL].to_numpy()


def _values(column: pa.ChunkedArray, kind: ColumnType) -> NDArray[np.generic]:
    """Numbers with NaN, or strings with nothing, where a value is missing."""
    if kind is ColumnType.NUMERIC:
        numbers: NDArray[np.generic] = pc.fill_null(column, float("nan")).to_numpy().astype(np.float32)
        return numbers
    return np.asarray(pc.fill_null(column, "").to_pylist(), dtype=object)
