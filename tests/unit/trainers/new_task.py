"""A program that asks a patched copy of the trainers, by PYTHONPATH, for all that a new task needs.

Its argument is a folder with `colours.csv` in it; it carries out all steps there, as JSON from stdin orders, and leaves
`ensemble/`, a SavedModel of both trials.
"""

import json
import sys
from pathlib import Path

import numpy as np

from noria.contract import TASKS, Task, TrainReport
from noria_store.store import Store
from noria_trainers.conclusion.ensemble import Member, Selection, select
from noria_trainers.conclusion.interval import Interval
from noria_trainers.conclusion.together import build
from unit.frozen.life import live

TASK = Task("TabularLabels")


def selected() -> Selection:
    """Two trials that are unsure of different labels are better together, by each of the task's metrics."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, (1000, 3))
    answers = {name: 1 / (1 + np.exp(3 - 6 * truth + 3 * rng.normal(size=truth.shape))) for name in "ab"}
    found = [select(TASK, metric, truth, answers, "a", classes=3, seed=0) for metric in TASKS[TASK].metrics.all]
    assert all(each is not None and each.pays for each in found)
    assert found[0] is not None
    return found[0]


def made_one(folder: Path) -> None:
    """Both trials as one model."""
    reports = {f"t{n}": TrainReport.model_validate_json((folder / f"reports/t{n}.json").read_text()) for n in (1, 2)}
    members = tuple(Member(name, 0.5, 2.0) for name in reports)
    build(TASK, Selection(members, 0.1, Interval(0.0, 0.2)), reports, folder, Store.from_environment(environment={}))


if __name__ == "__main__":
    plan = json.load(sys.stdin)
    live(plan)
    selected()
    made_one(Path(plan["folder"]))
