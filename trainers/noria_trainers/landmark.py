"""Quick scores of a few cheap configurations on the training split, as meta-features.

A process of its own scores them, for the kernel to stop it when its CPU time is spent; what has not finished by then is
left out.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import structlog
from pydantic import TypeAdapter

from noria.contract import Task
from noria_trainers.choice.learned.evidence import landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.manifest import TableColumn

MOST_ROWS = 10_000
"""As many as the largest dataset of the shipped experience has; rows come in random order."""
PATIENCE = 5
"""Times the CPU time that it may take by the clock, on a busy machine."""
_SCORING = "noria_trainers.quick_score"
"""Imports TensorFlow, which a profile does without."""
_COLUMNS: TypeAdapter[tuple[TableColumn, ...]] = TypeAdapter(tuple[TableColumn, ...])
log = structlog.stdlib.get_logger(__name__)


def landmarks(
    task: Task, columns: tuple[TableColumn, ...], rows: pa.Table, folder: Path, *, seconds: float
) -> dict[str, float]:
    """Scores of the task's landmarkers by their meta-features: those that finish within the CPU time.

    `rows` are those of the training split, with `LABEL`.
    """
    if not LANDMARKERS.get(task) or seconds <= 0:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    table, described = folder / "landmark.parquet", folder / "landmark.json"
    pq.write_table(rows.slice(0, MOST_ROWS), table)
    described.write_bytes(_COLUMNS.dump_json(columns))
    command = [sys.executable, "-m", _SCORING, task, str(table), str(described), str(seconds)]
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
