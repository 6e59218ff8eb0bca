"""Does our own code find what the public table says? `make bench-table` measures rows of it again, by its protocol.

Of datasets that packages ship every configuration of the table is fitted on ten stratified folds, scored by balanced
errors, each class against the rest, by the code that scores landmarkers. Beside the table's row: the difference of
errors, the rank correlation, and the regret of what is chosen when the landmarkers are ours. Each score is kept in
build/table, so that a run that was cut short goes on. The figures go to benchmarks/results/table.json.
"""

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from noria.contract import Configuration
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.manifest import TableColumn
from noria_trainers.experience import shipped
from noria_trainers.quick_score import scores
from table.compare import Compared, report
from table.known import Known
from table.subjects import SUBJECTS, TASK, Subject

RESULTS = Path("benchmarks/results/table.json")


class Measured:
    """Scores of one dataset by the configuration's id, kept in a file of JSON lines."""

    def __init__(self, subject: Subject, folder: Path) -> None:
        self._subject, self._folder = subject, folder / str(subject.openml)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = self._folder / "scores.jsonl"
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self.scores: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        for line in lines:
            self._take(*json.loads(line))

    def measure(self, configurations: list[Configuration], until: float) -> None:
        """What is not known yet, as long as there is time."""
        left = [each for each in configurations if each.id not in self.scores]
        if not left or time.monotonic() > until:
            return
        columns, rows = self._subject.rows(self._folder)
        found, began = scores(left, columns, rows), time.monotonic()
        with self._file.open("a") as file:
            for each, score in found:
                line = (each.id, score, round(time.monotonic() - began, 3))
                file.write(json.dumps(line) + "\n")
                file.flush()
                self._take(*line)
                if (began := time.monotonic()) > until:
                    return

    def _take(self, configuration: str, score: float, seconds: float) -> None:
        self.scores[configuration], self.seconds[configuration] = score, seconds


def on_training_split(subject: Subject, folder: Path) -> dict[str, float]:
    """The landmarkers' scores as a profile has them: on a part of the rows only."""
    kept = folder / str(subject.openml) / "training.json"
    found: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
    if not {each.id for each in LANDMARKERS[TASK]} <= found.keys():  # never asked, or of other landmarkers
        columns, rows = subject.rows(kept.parent, training=True)
        found = _landmarkers(columns, rows)
        kept.write_text(json.dumps(found))
    return found


def _landmarkers(columns: tuple[TableColumn, ...], rows: pa.Table) -> dict[str, float]:
    return {each.id: score for each, score in scores(LANDMARKERS[TASK], columns, rows)}


def measure(subject: Subject, *, space: list[Configuration], folder: Path, until: float) -> None:
    """What is not known of the dataset yet, in a process of its own."""
    found = Measured(subject, folder)
    found.measure(space, until)
    print(f"{subject.name}: {len(found.scores)} of {len(space)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, default=Path("build/table"), help="where scores are kept")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no further fit after so many")
    parser.add_argument("--workers", type=int, default=1, help="datasets at once")
    given = parser.parse_args()
    os.nice(10)
    known, until = Known.of(shipped.results(TASK).values()), time.monotonic() + 60 * given.minutes
    work = partial(measure, space=known.space, folder=given.kept, until=until)
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(work, SUBJECTS))
    compared = []
    for subject in SUBJECTS:
        found = Measured(subject, given.kept)
        if len(found.scores) == len(known.space):
            quick = on_training_split(subject, given.kept)
            compared.append(Compared.of(known, subject, found.scores, quick, found.seconds))
            print(compared[-1].in_words, flush=True)
    if not compared:
        return
    answer = report(compared)
    RESULTS.write_text(json.dumps(answer, indent=1) + "\n")
    print(json.dumps(answer["all"], indent=1))


if __name__ == "__main__":
    main()
