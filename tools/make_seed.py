#!/usr/bin/env python3
"""Makes the experience that is shipped out of the public table: `make seed TABLE=folder`.

The folder holds error_matrix.csv, runtime_matrix.csv and dataset_sizes.csv of Oboe. The error is one of balanced
classes, each against the rest: of two classes it is 1 less the balanced accuracy, of more one like it. Its score 1 less
the error is kept as BalancedAccuracy. The sizes count the target and a column for each category.
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import pyarrow.csv as csv

from noria.contract import Configuration, Metric, Task
from noria_trainers.choice.learned.evidence import landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.experience import shipped
from noria_trainers.experience.oboe import configuration
from noria_trainers.experience.pack import to_parquet
from noria_trainers.experience.result import Cost, Protocol, Result, Score

TASK, METRIC = Task.TABULAR_CLASSIFICATION, Metric.BALANCED_ACCURACY
PROTOCOL = Protocol(trainer="oboe", split="stratified-10", budget="cpu", seed=0, objective=METRIC)
TRAINED_ON = 0.9
"""Of a dataset's examples, with ten folds."""


def table(path: Path) -> tuple[list[str], dict[str, list[float]]]:
    """Column names, and values by dataset."""
    read = csv.read_csv(path)
    ids, *columns = (column.to_pylist() for column in read.columns)
    return read.column_names[1:], {str(each): list(row) for each, *row in zip(ids, *columns, strict=True)}


def results(folder: Path) -> Iterator[Result]:
    """A result for each dataset and configuration; of columns that tell of the same one, the first."""
    names, errors = table(folder / "error_matrix.csv")
    again, seconds = table(folder / "runtime_matrix.csv")
    _, sizes = table(folder / "dataset_sizes.csv")
    if names != again:
        raise SystemExit("error_matrix.csv and runtime_matrix.csv differ in their columns")
    columns: dict[str, tuple[int, Configuration]] = {}
    for number, name in enumerate(names):
        if found := configuration(name):
            columns.setdefault(found.id, (number, found))
    for dataset, row in errors.items():
        scores = {each.id: round(1 - row[number], 5) for number, each in columns.values()}
        features = meta_features(sizes[dataset], scores)
        for number, each in columns.values():
            score, took = scores[each.id], seconds[dataset][number]
            if math.isfinite(score) and math.isfinite(took):
                yield Result(
                    task=TASK,
                    revision=f"oboe-{dataset}",
                    meta_features=features,
                    configuration=each,
                    protocol=PROTOCOL,
                    scores=(Score(metric=METRIC, value=score, higher_is_better=True),),
                    cost=Cost(seconds=float(f"{took:.3g}"), epochs=1, parameters=0),
                )


def meta_features(size: Sequence[float], scores: dict[str, float]) -> dict[str, float]:
    """What the profile would say of the dataset, as far as the table tells."""
    examples, columns = size[0] * TRAINED_ON, size[1] - 1
    quick = {landmarker(each): scores[each.id] for each in LANDMARKERS[TASK]}
    return {
        "logExamples": round(math.log10(examples), 4),
        "encodedColumns": columns,
        "encodedColumnsPerExample": round(columns / examples, 6),
        **quick,
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="folder of Oboe's CSV files")
    place = Path(str(files(shipped))) / f"{TASK}.parquet"
    found = list(results(parser.parse_args().table))
    place.write_bytes(to_parquet(found))
    datasets = len({each.revision for each in found})
    print(f"{place.name}: {len(found)} results on {datasets} datasets, {place.stat().st_size} bytes")


if __name__ == "__main__":
    main()
