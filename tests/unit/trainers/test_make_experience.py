"""`make experience`: measures by the steps' own code, keeps one result each, and goes on where it stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

from noria.contract import TASKS, Task
from noria_trainers.experience.pack import from_parquet
from noria_trainers.experience.result import Result

TASK = Task.TABULAR_CLASSIFICATION
ROOT = Path(__file__).parents[3]


def measured(folder: Path, *, trials: int) -> list[Result]:
    """What is packed after so many trials on one dataset."""
    options = [
        "--task",
        TASK,
        "--datasets",
        "1",
        "--trials",
        str(trials),
        "--work",
        str(folder),
        "--out",
        f"{folder}/out",
    ]
    command = [sys.executable, str(ROOT / "tools/make_experience.py"), *options]
    quiet = {**os.environ, "NORIA_LOG_LEVEL": "warning"}
    subprocess.run(command, check=True, cwd=ROOT, env=quiet)
    return list(from_parquet((folder / "out" / "few" / f"{TASK}.parquet").read_bytes()).values())


def test_results_are_those_of_trials_each_once_and_a_second_run_goes_on(tmp_path: Path) -> None:
    (one,) = measured(tmp_path, trials=1)
    both = measured(tmp_path, trials=2)
    assert one in both
    assert len({each.configuration.id for each in both}) == len(both) == 2
    assert {each.revision for each in both} == {one.revision}
    assert one.protocol.objective == TASKS[TASK].metrics.default
    assert {each.metric for each in one.scores} == set(TASKS[TASK].metrics.all)
    assert one.cost
    assert one.cost.seconds > 0
    note = json.loads((tmp_path / "out" / "made.json").read_text())
    about = {"revision": one.revision, "task": TASK, "source": "keel:titanic", "parent": "titanic"}
    assert note["datasets"] == [{**about, "examples": 2201, "results": 2}]
    assert note["versions"]["noria"] == one.protocol.trainer
    assert not (tmp_path / "out" / f"{TASK}.parquet").exists()  # one parent is too few to learn from
