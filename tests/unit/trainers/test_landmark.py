"""Landmarkers: quick scores of the training split as meta-features; what does not finish in time is absent."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from noria.contract import ChooseOrder, ChooseReport, ColumnType, Metric, Strategy, Task
from noria_store.store import Store
from noria_trainers.choice.learned.evidence import landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.manifest import LABEL, TableColumn
from noria_trainers.data.revision import Revision
from noria_trainers.landmark import landmarks
from noria_trainers.quick_score import balanced, scores
from noria_trainers.steps import choose

TASK = Task.TABULAR_CLASSIFICATION
NAMES = {landmarker(each) for each in LANDMARKERS[TASK]}


@pytest.fixture
def revision(table_revision: str, store: Store) -> Revision:
    return Revision.open(store, table_revision)


def test_all_of_a_small_table_finish(revision: Revision, tmp_path: Path) -> None:
    rows = revision.table("train", tmp_path)
    found = landmarks(TASK, revision.manifest.columns, rows, tmp_path / "quick", seconds=60)
    assert found.keys() == NAMES
    assert all(0.4 < score <= 1 for score in found.values())
    assert max(found.values()) > 0.75
    again = {landmarker(each): score for each, score in scores(LANDMARKERS[TASK], revision.manifest.columns, rows)}
    assert again == pytest.approx(found, abs=0.02)


def test_what_is_not_finished_when_the_time_is_spent_is_absent(revision: Revision, tmp_path: Path) -> None:
    rows = revision.table("train", tmp_path).take(np.tile(np.arange(200), 50))
    wide = rows
    for number in range(200):
        noise = np.random.default_rng(number).normal(size=len(rows))
        wide = wide.append_column(f"noise-{number}", pa.array(noise))
    columns = (*revision.manifest.columns, *(_numeric(name) for name in wide.column_names if name.startswith("noise")))
    found = landmarks(TASK, columns, wide, tmp_path / "quick", seconds=1)
    assert found.keys() < NAMES


def test_without_time_or_for_other_tasks_there_are_none(revision: Revision, tmp_path: Path) -> None:
    rows = revision.table("train", tmp_path)
    assert landmarks(TASK, revision.manifest.columns, rows, tmp_path / "quick", seconds=0) == {}
    assert landmarks(Task.TABULAR_REGRESSION, revision.manifest.columns, rows, tmp_path / "quick", seconds=9) == {}
    assert not (tmp_path / "quick").exists()


def test_a_class_with_one_example_only_means_none(revision: Revision, tmp_path: Path) -> None:
    rows = revision.table("train", tmp_path)
    labels = np.zeros(len(rows), np.int64)
    labels[0] = 1
    alone = rows.set_column(rows.column_names.index(LABEL), LABEL, pa.array(labels))
    assert list(scores(LANDMARKERS[TASK], revision.manifest.columns, alone)) == []


def test_meta_features_see_the_training_split_alone(
    make_revision: Callable[..., str], table_file: Path, store: Store, tmp_path: Path
) -> None:
    """Labels of all other rows are turned round: an example's split follows from its features."""
    known = Revision.open(store, make_revision(table_file, TASK, target="label", landmark_seconds=60))
    trained = {(row["size of marvin"], row["marvin's kind"]) for row in known.table("train", tmp_path).to_pylist()}
    lines = table_file.read_text().splitlines()
    head, rows = lines[0], list(csv.reader(lines[1:]))
    other = {"zaphod": "trillian", "trillian": "zaphod"}
    turned = [
        [size, kind, label if (float(size) if size else None, kind) in trained else other[label]]
        for size, kind, label in rows
    ]
    assert 50 < sum(row != was for row, was in zip(turned, rows, strict=True)) < 200
    changed = tmp_path / "changed.csv"
    changed.write_text("\n".join([head, *map(",".join, turned)]))
    found = Revision.open(store, make_revision(changed, TASK, target="label", landmark_seconds=60))
    assert found.table("train", tmp_path / "other") == known.table("train", tmp_path)
    assert found.manifest.meta_features.keys() >= NAMES
    assert found.manifest.meta_features == known.manifest.meta_features


@pytest.fixture(scope="module")
def landmarked(make_revision: Callable[..., str], table_file: Path) -> Path:
    """The folder of a revision all of whose landmarkers have scores."""
    return Path(make_revision(table_file, TASK, target="label", landmark_seconds=60))


def chosen(revision: Path, strategy: Strategy) -> ChooseReport:
    order = ChooseOrder(
        task=TASK, metric=Metric.ACCURACY, revision=f"{revision}/", strategy=strategy, experience="", report=""
    )
    return choose.run(order, Store.from_environment(environment={}), revision)


def without(scores: set[str], landmarked: Path, copy: Path) -> Path:
    """A copy of the revision by a machine that was too slow for these landmarkers."""
    shutil.copytree(landmarked, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    missing = {landmarker(each) for each in LANDMARKERS[TASK] if each.parameters["estimator"] in scores}
    known = {name: value for name, value in manifest["metaFeatures"].items() if name not in missing}
    (copy / "manifest.json").write_text(json.dumps({**manifest, "metaFeatures": known}))
    return copy


def test_a_choice_says_which_quick_scores_it_had_to_do_without(landmarked: Path, tmp_path: Path) -> None:
    slower = without({"nearest-neighbors", "perceptron"}, landmarked, tmp_path / "slower")
    whole, less = (chosen(each, Strategy.META_LEARNED).basis for each in (landmarked, slower))
    assert "quick score" not in whole
    assert less.endswith("; the profile has no quick scores of perceptron, nearest-neighbors")
    assert "quick score" not in chosen(slower, Strategy.PORTFOLIO).basis, "which does not look at them"


def test_the_profile_shows_scores_and_what_did_not_finish(landmarked: Path, table_revision: str) -> None:
    names = [str(each.parameters["estimator"]) for each in LANDMARKERS[TASK]]
    told = json.loads((landmarked / "profile.json").read_text())["quickScores"]
    assert told["cpuSeconds"] == 60
    assert list(told["scores"]) == names
    assert all(0.4 < score <= 1 for score in told["scores"].values())
    told = json.loads(Path(table_revision, "profile.json").read_text())["quickScores"]
    assert told == {"cpuSeconds": 0, "scores": dict.fromkeys(names)}


def test_each_class_counts_alike_against_the_rest() -> None:
    truth = np.array([0] * 90 + [1] * 10)
    assert balanced(truth, np.zeros(100, np.int64)) == 0.5
    assert balanced(truth, truth) == 1.0
    three = np.array([0, 0, 1, 1, 2, 2])
    assert balanced(three, np.array([0, 0, 1, 1, 1, 1])) == pytest.approx((1 + (1 + 0.5) / 2 + 0.5) / 3)


def _numeric(name: str) -> TableColumn:
    return TableColumn(name=name, type=ColumnType.NUMERIC)
