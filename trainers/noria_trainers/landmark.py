"""Quick scores of a few cheap configurations on the training split, as meta-features. Called by the profile step.

They are scored as the shipped experience was: ten stratified folds, balanced classes, each against the rest. A process
of its own does it, for the kernel to stop it when its CPU time is spent; what has not finished by then is left out.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import structlog
from numpy.typing import NDArray
from pydantic import TypeAdapter

from noria.contract import Column, Configuration, Task
from noria_trainers.data.manifest import LABEL
from noria_trainers.experience.landmarkers import LANDMARKERS
from noria_trainers.experience.meta import landmarker

MOST_ROWS = 10_000
"""As many as the largest dataset of the shipped experience has; rows come in random order."""
MOST_CELLS = 20_000_000
"""Of encoded rows: wider tables get no landmarkers."""
FOLDS = 10
PATIENCE = 5
"""Times the CPU time that it may take by the clock, on a busy machine."""
_COLUMNS: TypeAdapter[tuple[Column, ...]] = TypeAdapter(tuple[Column, ...])
log = structlog.stdlib.get_logger(__name__)


def landmarks(
    task: Task, columns: tuple[Column, ...], rows: pa.Table, folder: Path, *, seconds: float
) -> dict[str, float]:
    """Scores of the task's landmarkers by their meta-features: those that finish in so many seconds of CPU time.

    `rows` are those of the training split, with `LABEL`.
    """
    if not LANDMARKERS.get(task) or seconds <= 0:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    table, described = folder / "landmark.parquet", folder / "landmark.json"
    pq.write_table(rows.slice(0, MOST_ROWS), table)
    described.write_bytes(_COLUMNS.dump_json(columns))
    command = [sys.executable, "-m", __name__, task, str(table), str(described), str(seconds)]
    began, patience = time.monotonic(), PATIENCE * max(seconds, 60)
    try:
        output = subprocess.run(command, stdout=subprocess.PIPE, timeout=patience, check=False).stdout
    except subprocess.TimeoutExpired as stopped:
        output = stopped.stdout or b""
    scores_by_id = dict(pair for line in output.splitlines(keepends=True) if (pair := _finished(line)))
    known = {landmarker(each): scores_by_id[each.id] for each in LANDMARKERS[task] if each.id in scores_by_id}
    log.info("landmarkers", finished=len(known), of=len(LANDMARKERS[task]), seconds=round(time.monotonic() - began, 1))
    return known


def _finished(line: bytes) -> tuple[str, float] | None:
    """A configuration's id and score; none of a line that was cut."""
    if not line.endswith(b"\n"):
        return None
    identity, score = json.loads(line)
    return str(identity), float(score)


def balanced(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> float:
    """The mean over classes of how often it is told, and how often it is told from the rest; class indices [n] both."""
    classes = np.unique(truth)
    hits = [(np.mean(guess[truth == each] == each) + np.mean(guess[truth != each] != each)) / 2 for each in classes]
    return float(np.mean(hits))


def scores(
    configurations: Iterable[Configuration], columns: tuple[Column, ...], rows: pa.Table
) -> Iterator[tuple[Configuration, float]]:
    """Each configuration with its score, as soon as it is known; none where the table is not fit for folds."""
    from sklearn.model_selection import StratifiedKFold

    from noria_trainers.fitted import trained
    from noria_trainers.modality.table.standard import FEATURES, Standard

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
    import noria_trainers.fitted  # noqa: F401  # TensorFlow, before the time counts

    spent = int(time.process_time() + float(seconds)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))
    rows, described = pq.read_table(table), _COLUMNS.validate_json(Path(columns).read_bytes())
    for configuration, score in scores(LANDMARKERS[Task(task)], described, rows):
        print(json.dumps([configuration.id, score]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
