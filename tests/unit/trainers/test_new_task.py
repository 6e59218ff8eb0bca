"""A new task is a row, a target, a metric and a willing family: nothing else of the trainers has to hear of it.

A patch of the sources adds tables whose label is a list; a copy with the patch learns, tells and serves it.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

ROOT = Path(__file__).parents[3]
PATCH = ROOT / "tests/data/patches/new-task.patch"
MOST_LINES = 120
SOURCES = ("operator", "store", "trainers")
LABELS = ("green", "large", "red")


def test_the_patch_is_short() -> None:
    lines = PATCH.read_text().splitlines()
    changed = [line for line in lines if line[:1] in ("+", "-") and not line.startswith(("+++", "---"))]
    assert len(changed) <= MOST_LINES


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the patch."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", "-C1", PATCH], cwd=copy, check=True)
    return copy


@pytest.fixture(scope="module")
def concluded(patched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which all steps were carried out by the copy."""
    folder = tmp_path_factory.mktemp("life")
    plan = {
        "folder": str(folder),
        "source": str(colours(folder / "colours.csv")),
        "task": "TabularLabels",
        "target": "label",
        "metric": "MicroF1",
        "strategies": ["Portfolio", "Random", "MetaLearned", "Explicit"],
        "configurations": [{"family": "tabular-mlp", "parameters": {"layers": layers}} for layers in (1, 2)],
        "ensemble": True,
    }
    paths = [*(patched / name for name in SOURCES), ROOT / "tests"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("new_task.py")],
        input=json.dumps(plan),
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def colours(path: Path) -> Path:
    """Rows with a colour each, or both, and some large ones: as `red|large`, and as a JSON list."""
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["redness", "greenness", "size", "label"])
        for number in range(600):
            values = [draw.uniform(-1, 1) for _ in range(3)]
            named = [name for name, value in zip(("red", "green", "large"), values, strict=True) if value > 0]
            label = "|".join(named) if number % 2 and named else json.dumps(named)
            writer.writerow([*(f"{value:.3f}" for value in values), label])
    return path


def message(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "messages" / f"{name}.json").read_text())
    return found


def test_the_profile_counts_each_label_of_each_row(concluded: Path) -> None:
    report = message(concluded, "profile")
    assert (report["examples"], tuple(report["classes"])) == (600, LABELS)
    (manifest,) = (concluded / "dataset").glob("*/manifest.json")
    splits = json.loads(manifest.read_text())["splits"]
    assert sum(split["examples"] for split in splits.values()) == 600
    assert sum(split["classCounts"]["red"] for split in splits.values()) > 200
    assert all(1 < sum(split["classCounts"].values()) / split["examples"] < 2 for split in splits.values())


def test_a_trial_and_the_conclusion_have_the_task_s_scores_with_an_interval(concluded: Path) -> None:
    assert set(message(concluded, "t1")["metrics"]) == {"MicroF1", "LogLoss"}
    report = message(concluded, "conclude")
    assert report["score"] > 0.9
    assert 0.8 < report["low"] <= report["score"] <= report["high"] <= 1


def test_the_card_speaks_of_label_sets(concluded: Path) -> None:
    card = (concluded / "best/card.md").read_text()
    assert "Each prediction has the `scores` of `labels`." in card
    assert "The baseline always predicts the share of each label." in card
    assert "one of its classes" not in card
    assert "learning-curves.png" in card
    assert "confusion" not in card


@pytest.mark.parametrize("model", ["trial", "ensemble"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param((0.8, 0.8, -0.8), {"red", "green"}, id="two"),
        pytest.param((-0.8, -0.8, 0.8), {"large"}, id="one"),
        pytest.param((-0.8, -0.8, -0.8), set(), id="none"),
    ],
)
def test_the_served_answer_is_the_set_of_a_row(
    concluded: Path, model: str, row: tuple[float, ...], expected: set[str], tmp_path: Path
) -> None:
    folder = concluded / "ensemble"
    if model == "trial":
        folder = tmp_path
        shutil.unpack_archive(concluded / "t1/model.tar", folder, filter="data")
    loaded = tf.saved_model.load(str(folder))
    inputs = dict(zip(("redness", "greenness", "size"), row, strict=True))
    answer = loaded.signatures["serving_default"](**{name: tf.constant([value]) for name, value in inputs.items()})
    scores, labels = answer["scores"].numpy()[0], answer["labels"].numpy()[0]
    assert {label.decode() for score, label in zip(scores, labels, strict=True) if score > 0.5} == expected
