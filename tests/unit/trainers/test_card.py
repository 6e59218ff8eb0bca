"""A model card says what a person must know before they use the model."""

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from noria.contract import Column, ColumnType, Configuration, FailureKind, Metric, Task
from noria_trainers.conclusion.card import Card, Row, beats_baseline, render
from noria_trainers.conclusion.ensemble import Member, Selection
from noria_trainers.conclusion.holdout import Comparison
from noria_trainers.conclusion.interval import Interval
from noria_trainers.data.manifest import Manifest, Split

CNN = Configuration(family="image-cnn", parameters={"width": 32, "depth": 2})
ROWS = (
    Row(name="trial-1", configuration=CNN, score=0.9, seconds=61.4, failure=None),
    Row(
        name="trial-2",
        configuration=Configuration(family="image-cnn"),
        score=None,
        seconds=None,
        failure=FailureKind.OUT_OF_MEMORY,
    ),
)


def manifest(task: Task = Task.IMAGE_CLASSIFICATION, classes: tuple[str, ...] = ("cat", "dog")) -> Manifest:
    split = Split(examples=100, class_counts={name: 100 // len(classes) for name in classes}, shards=("a",))
    return Manifest(
        task=task, revision="4f2a", classes=classes, splits={"train": split, "validation": split, "holdout": split}
    )


def card(**changes: object) -> Card:
    whole = Card(
        manifest=manifest(),
        metric=Metric.ACCURACY,
        best="trial-1",
        trials=ROWS,
        scores={Metric.ACCURACY: 0.91, Metric.LOG_LOSS: 0.2},
        intervals={Metric.ACCURACY: Interval(0.88, 0.94), Metric.LOG_LOSS: Interval(0.15, 0.25)},
        baseline={Metric.ACCURACY: 0.5, Metric.LOG_LOSS: 0.69},
        parameters={"trial-1": 12_345, "trial-2": 2_000},
        plots=(("Confusion matrix", "confusion-matrix.png"),),
        inputs={"image_bytes": "string"},
    )
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]


def test_the_score_comes_first_with_its_interval() -> None:
    assert "**Accuracy 0.9100** on the hold-out set (95 % interval 0.8800 to 0.9400)" in render(card()).splitlines()[2]


def test_all_trials_are_there_also_the_failed_one() -> None:
    text = render(card())
    assert "| **trial-1** | `image-cnn` (depth 2, width 32) | 0.9000 | 61 s |" in text
    assert "| trial-2 | `image-cnn` | failed: OutOfMemory |  |" in text


def test_scores_stand_beside_the_baseline_and_plots_are_linked() -> None:
    text = render(card())
    assert "| LogLoss | 0.2000 | 0.1500 to 0.2500 | 0.6900 | lower |" in text
    assert "![Confusion matrix](confusion-matrix.png)" in text


@pytest.mark.parametrize(
    ("metric", "low", "high", "baseline", "beaten"),
    [
        pytest.param(Metric.ACCURACY, 0.6, 0.8, 0.5, True, id="above"),
        pytest.param(Metric.ACCURACY, 0.45, 0.8, 0.5, False, id="perhaps below"),
        pytest.param(Metric.LOG_LOSS, 0.1, 0.4, 0.5, True, id="a smaller loss"),
        pytest.param(Metric.LOG_LOSS, 0.1, 0.6, 0.5, False, id="perhaps a larger loss"),
    ],
)
def test_it_warns_unless_it_surely_beats_the_baseline(
    metric: Metric, low: float, high: float, baseline: float, beaten: bool
) -> None:
    values = {metric: (low + high) / 2}
    shown = card(metric=metric, scores=values, intervals={metric: Interval(low, high)}, baseline={metric: baseline})
    assert beats_baseline(shown) is beaten
    assert ("not significantly better" in render(shown)) is not beaten


TOGETHER = Selection(
    (Member("trial-1", 0.6, 1.2), Member("trial-2", 0.4, 0.8)), gain=0.02, interval=Interval(0.01, 0.03)
)


def test_an_ensemble_stands_beside_the_best_trial_alone() -> None:
    text = render(card(selection=TOGETHER, comparison=Comparison(0.9, 0.01, Interval(-0.01, 0.03))))
    assert "An ensemble of trial-1 (weight 0.60), trial-2 (weight 0.40); 14,345 trained parameters." in text
    assert "| trial-2 | 0.40 | 0.80 |" in text
    gain = "better than trial-1 alone by 0.0200 in Accuracy (95 % interval 0.0100 to 0.0300)"
    assert f"{gain}, so the ensemble was chosen." in text
    assert "better by 0.0100 in Accuracy (95 % interval -0.0100 to 0.0300); trial-1 alone scores 0.9000." in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"interval": Interval(-0.001, 0.03)}, "the gain is not significant", id="perhaps worse"),
        pytest.param(
            {"size": 700_000_000}, "their files take 700 MB, but at most 500 MB can be served together", id="large"
        ),
    ],
)
def test_why_an_ensemble_was_not_taken_is_said(changes: dict[str, Any], why: str) -> None:
    found = dataclasses.replace(TOGETHER, **changes)
    assert not found.pays
    text = render(card(selection=found))
    assert "Trial trial-1, `image-cnn` (depth 2, width 32); 12,345 trained parameters." in text
    assert f"{why}, so trial-1 alone was chosen." in text


def test_few_holdout_examples_of_a_class_are_a_limit() -> None:
    many = tuple(f"c{n}" for n in range(10))
    assert "so little is known about them: c0, c1, c2, c3, c4, ..." in render(card(manifest=manifest(classes=many)))


def test_names_cannot_break_the_tables() -> None:
    lines = render(card(manifest=manifest(classes=("a|b", "*x*\n# y")))).splitlines()
    assert r"| a\|b | 50 | 50 | 50 |" in lines
    assert r"| \*x\* \# y | 50 | 50 | 50 |" in lines


@pytest.mark.parametrize(
    ("task", "inputs", "expected"),
    [
        pytest.param(Task.TEXT_CLASSIFICATION, {"text": "string"}, "the text", id="text"),
        pytest.param(
            Task.TABULAR_REGRESSION, {"size": "float", "it's": "string"}, {"size": 0.5, "it's": "text"}, id="columns"
        ),
    ],
)
def test_the_request_is_valid_in_a_shell(task: Task, inputs: dict[str, str], expected: object) -> None:
    shown = manifest(task).model_copy(update={"columns": (Column(name="size", type=ColumnType.NUMERIC),)})
    command = render(card(manifest=shown, inputs=inputs)).split("```sh\n")[1].split(" |\n")[0]
    printed = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == {"instances": [expected]}


def test_an_image_request_is_valid_in_a_shell_also_for_a_large_image(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"x" * 300_000)
    command = render(card()).split("```sh\n")[1].split(" |\n")[0]
    printed = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert len(json.loads(printed)["instances"][0]["b64"]) == 400_000


def test_what_the_profile_found_stands_in_the_card() -> None:
    text = render(card(warnings=("status_code alone foretells churned", "3 rows <b>left out</b>")))
    assert "## Warnings" in text
    assert "* status\\_code alone foretells churned\n* 3 rows \\<b\\>left out\\</b\\>\n" in text
    assert "## Warnings" not in render(card())
