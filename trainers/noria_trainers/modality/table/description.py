"""What a table's training rows are like, for the choice of configurations. Called where tables are read."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.modality.table.column_type import TypedColumn
from noria_trainers.profile.statistic import kurtosis, skewness, spread

MOST_ROWS, MOST_COLUMNS = 20_000, 100
"""Enough to describe any number of them; rows come in random order."""


def meta_features(
    features: Sequence[TypedColumn], labels: NDArray[np.generic], chosen: NDArray[np.int64]
) -> dict[str, float]:
    """Kinds of columns, missing values, cardinalities, shapes of distributions, correlations; labels are [n]."""
    chosen = chosen[:MOST_ROWS]
    rows = pa.array(chosen)
    columns = [(each.type, each.values.take(rows)) for each in features]
    missing = np.asarray([values.null_count / max(1, len(values)) for _, values in columns])
    kinds = [kind for kind, _ in columns]
    return {
        "columns": float(len(columns)),
        "columnsPerExample": len(columns) / max(1, len(chosen)),
        "numericShare": kinds.count(ColumnType.NUMERIC) / len(kinds),
        "categoricalShare": kinds.count(ColumnType.CATEGORICAL) / len(kinds),
        "textShare": kinds.count(ColumnType.TEXT) / len(kinds),
        "missingShare": float(missing.mean()),
        "missingColumnsShare": float((missing > 0).mean()),
        **_encoded(columns),
        **_categories([values for kind, values in columns if kind is ColumnType.CATEGORICAL]),
        **_numbers([values for kind, values in columns if kind is ColumnType.NUMERIC], labels[chosen]),
    }


def _encoded(columns: list[tuple[ColumnType, pa.ChunkedArray]]) -> dict[str, float]:
    """Columns when each category has its own, as public tables of results count them."""
    sizes = (
        pc.count_distinct(values, mode="only_valid").as_py() if kind is ColumnType.CATEGORICAL else 1
        for kind, values in columns
        if kind is not ColumnType.TEXT
    )
    width = float(sum(sizes))
    return {"encodedColumns": width, "encodedColumnsPerExample": width / max(1, len(columns[0][1]))}


def _categories(columns: list[pa.ChunkedArray]) -> dict[str, float]:
    sizes = [pc.count_distinct(values, mode="only_valid").as_py() for values in columns]
    return spread("logCategories", np.log10(np.maximum(1, np.asarray(sizes, np.float64))))


def _numbers(columns: list[pa.ChunkedArray], labels: NDArray[np.generic]) -> dict[str, float]:
    arrays = [values.to_numpy(zero_copy_only=False).astype(np.float64) for values in columns[:MOST_COLUMNS]]
    present = [values[~np.isnan(values)] for values in arrays]
    if not arrays:
        return {}
    means = np.asarray([values.mean() if len(values) else 0.0 for values in present])
    filled = np.stack([np.where(np.isnan(values), mean, values) for values, mean in zip(arrays, means, strict=True)])
    between = np.abs(_correlation(filled, filled))[~np.eye(len(filled), dtype=bool)]
    with_label = np.abs(_correlation(filled, np.atleast_2d(labels.T).astype(np.float64)))
    return {
        **spread("skewness", np.asarray([skewness(values) for values in present])),
        **spread("kurtosis", np.asarray([kurtosis(values) for values in present])),
        "zeroShare": float(np.mean([np.mean(values == 0) if len(values) else 0.0 for values in present])),
        "wholeShare": float(np.mean([bool((np.floor(values) == values).all()) for values in present])),
        **spread("correlation", between),
        **spread("labelCorrelation", with_label.ravel()),
    }


def _correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's r [l, r] of each row of `left` [l, n] with each of `right` [r, n], 0 where one is constant."""
    left, right = _standard(left), _standard(right)
    correlation: NDArray[np.float64] = left @ right.T / left.shape[1]
    return correlation


def _standard(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    scaled: NDArray[np.float64] = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)
    return scaled
