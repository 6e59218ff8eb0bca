"""The public table: 418 datasets and 200 configurations, read from a folder that holds it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from noria.contract import Task
from noria_trainers import families
from noria_trainers.choice.learned.kinship import kinship
from noria_trainers.experience.oboe import counterpart

Array = NDArray[np.float64]
Columns = NDArray[np.int64]
"""Configurations chosen [datasets, k], by their columns of the table, the first chosen first."""


@dataclass(frozen=True)
class Public:
    """The table: errors, seconds and sizes of datasets; duplicated columns are there once."""

    ids: list[str]
    names: list[str]
    families: list[str]
    error: Array
    seconds: Array
    sizes: Array
    group: NDArray[np.int64]
    """Datasets of one size are one group."""

    @cached_property
    def kinship(self) -> Array:
        """How near the configurations are [configurations, configurations], as the product's chooser sees them.

        Kinship depends on the whole space: a number counts by its rank among all values that the family has.
        """
        space = families.space(Task.TABULAR_CLASSIFICATION)
        place = {configuration.id: number for number, configuration in enumerate(space)}
        columns = [place[counterpart(name).id] for name in self.names]
        return kinship(space)[np.ix_(columns, columns)]

    @property
    def regret(self) -> Array:
        """Per dataset, 0 for its best configuration and 1 for its worst; for the report only."""
        best, worst = self.error.min(axis=1, keepdims=True), self.error.max(axis=1, keepdims=True)
        return np.asarray((self.error - best) / (worst - best))


def read(folder: Path) -> Public:
    errors, seconds, sizes = (
        pd.read_csv(folder / f"{name}.csv", index_col=0) for name in ("error_matrix", "runtime_matrix", "dataset_sizes")
    )
    _, first = np.unique(errors.to_numpy(), axis=1, return_index=True)
    first = np.sort(first)
    raw = sizes.loc[errors.index].to_numpy(float)
    names = [str(errors.columns[column]) for column in first]
    return Public(
        ids=[str(each) for each in errors.index],
        names=names,
        families=[name.split("'")[3] for name in names],
        error=errors.to_numpy()[:, first],
        seconds=seconds.to_numpy()[:, first],
        sizes=np.column_stack([np.log10(raw), np.log10(raw[:, :1] / raw[:, 1:])]),
        group=np.unique(raw, axis=0, return_inverse=True)[1].ravel(),
    )
