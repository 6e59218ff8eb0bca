"""How long configurations are expected to train on a dataset, by what they took on others. Pure.

A logarithm of seconds is taken as *dataset + configuration*; the new dataset's part is that of similar datasets.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from noria.contract import Configuration
from noria_trainers.choice.learned import similarity
from noria_trainers.experience.result import Result

Array = NDArray[np.float64]
ROUNDS = 10
PRIOR = 1.0
"""Results that a configuration's part is trusted like before it has any."""
TREES = 50


def expected_seconds(
    profile: Mapping[str, float], space: Sequence[Configuration], results: Iterable[Result], *, seed: int = 0
) -> dict[str, float]:
    """Seconds by the configuration's id; empty where nothing is known. One that nobody trained is taken for average."""
    column = {each.id: number for number, each in enumerate(space)}
    known: dict[str, tuple[Mapping[str, float], dict[int, float]]] = {}
    ids: dict[int, str] = {}
    held = list(results)  # an object's id is its own while it is held
    for each in held:
        number = column.get(ids.setdefault(id(each.configuration), each.configuration.id))
        if number is not None and each.cost and each.cost.seconds > 0:
            row = known.setdefault(each.revision, (each.meta_features, {}))[1]
            row[number] = math.log(each.cost.seconds)
    if not known:
        return {}
    table = np.full((len(known), len(space)), np.nan)
    for row_number, (_, row) in enumerate(known.values()):
        table[row_number, list(row)] = list(row.values())
    datasets, configurations = _additive(table)
    found = similarity.common_features(profile, [features for features, _ in known.values()], seed)
    weights = similarity.weigh(found, datasets[:, None], trees=TREES, seed=seed)
    seconds = np.exp(weights @ datasets + configurations)
    return {each.id: float(seconds[number]) for each, number in zip(space, column.values(), strict=True)}


def _additive(table: Array) -> tuple[Array, Array]:
    """Parts of rows and columns that add up to the known cells, by turns; a column's is drawn to 0, the average."""
    present = np.isfinite(table)
    filled = np.where(present, table, 0.0)
    rows, columns = np.zeros(len(table)), np.zeros(table.shape[1])
    for _ in range(ROUNDS):
        rows = (filled - present * columns).sum(axis=1) / present.sum(axis=1)
        columns = (filled - present * rows[:, None]).sum(axis=0) / (present.sum(axis=0) + PRIOR)
    return rows, columns
