"""Scores of configurations as the shipped experience has them: ten stratified folds, balanced classes, each against the
rest. Used by `make_experience`.
"""

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sklearn.model_selection import StratifiedKFold

from noria.contract import Configuration, Task
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.manifest import LABEL, TableColumn
from noria_trainers.families.tabular_sklearn.fit import trained
from noria_trainers.modality.table.standard import FEATURES, Standard

MOST_CELLS = 20_000_000
"""Of encoded rows: wider tables get no landmarkers."""
FOLDS = 10
_COLUMNS: TypeAdapter[tuple[TableColumn, ...]] = TypeAdapter(tuple[TableColumn, ...])


def balanced(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> float:
    """The mean over classes of balanced accuracy, each class against the rest; class indices [n] both."""
    classes = np.unique(truth)
    hits = [(np.mean(guess[truth == each] == each) + np.mean(guess[truth != each] != each)) / 2 for each in classes]
    return float(np.mean(hits))


def scores(
    configurations: Iterable[Configuration], columns: tuple[TableColumn, ...], rows: pa.Table
) -> Iterator[tuple[Configuration, float]]:
    """Each configuration with its score, as soon as it is known; none where the table is not fit for folds."""
    inputs = Standard.of(columns, rows)
    encoded = (inputs.encode(batch)[FEATURES].numpy() for batch in inputs.rows.batches(rows))
    features, labels = np.concatenate(list(encoded)), np.asarray(rows[LABEL].to_numpy(), np.int64)
    folds = min(FOLDS, int(np.unique(labels, return_counts=True)[1].min()))
    if folds < 2 or features.size > MOST_CELLS:
        return
    parts = list(StratifiedKFold(folds, shuffle=True, random_state=0).split(features, labels))
    for each in configurations:
        fold_scores = []
        for train, test in parts:
            model = trained(each.parameters, features[train], labels[train], 0, calibrated=False)
            fold_scores.append(balanced(labels[test], model.predict(features[test])))
        yield each, float(np.mean(fold_scores))


def main(task: str, table: str, columns: str, seconds: str) -> None:
    """Print each score on a line of its own; SIGXCPU ends this when the time is spent, imports not counted."""
    spent = int(time.process_time() + float(seconds)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))
    rows, described = pq.read_table(table), _COLUMNS.validate_json(Path(columns).read_bytes())
    for configuration, score in scores(LANDMARKERS[Task(task)], described, rows):
        print(json.dumps([configuration.id, score]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
