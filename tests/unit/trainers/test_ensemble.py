"""Ensembles: made where the trials are surely better together, and of examples that this was not decided by."""

import csv
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from noria.contract import (
    ConcludeOrder,
    ConcludeReport,
    Configuration,
    Ensemble,
    FinishedTrial,
    Metric,
    Task,
    TrainOrder,
    TrainReport,
    parse_report,
    termination_message,
)
from noria_store.store import Store
from noria_trainers.conclusion.ensemble import FEWEST, Selection, select
from noria_trainers.data.revision import Revision
from noria_trainers.metrics import score
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import conclude
from noria_trainers.steps.frame import answer

LINEAR = Configuration(family="tabular-linear")
NEIGHBOURS = Configuration(family="tabular-sklearn", parameters={"estimator": "nearest-neighbors", "neighbors": 15})
LIKE_LINEAR = Configuration(family="tabular-linear", parameters={"learning_rate": 0.02})


@pytest.fixture(scope="module")
def revision(make_revision: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Classes that eight numbers tell by their sum and a ninth by its size: a linear model sees the eight alone."""
    numbers = np.random.default_rng(0).normal(size=(3000, 9))
    levels = 2 * numbers[:, :8].sum(axis=1) + 3 * np.where(np.abs(numbers[:, 8]) > 0.67, 1, -1)
    path = tmp_path_factory.mktemp("sum") / "sum.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"x{number}" for number in range(9)), "label"])
        writer.writerows(
            [*row.round(4), "up" if level > 0 else "down"] for row, level in zip(numbers, levels, strict=True)
        )
    return make_revision(path, Task.TABULAR_CLASSIFICATION, target="label")


Order = Callable[..., ConcludeOrder]


@pytest.fixture(scope="module")
def order(revision: str, tmp_path_factory: pytest.TempPathFactory) -> Order:
    """Makes orders to conclude real trials of these configurations, each trained once."""
    folder, store = tmp_path_factory.mktemp("trials"), Store.from_environment(environment={})

    def trial(number: int, configuration: Configuration) -> FinishedTrial:
        place = f"{folder}/{configuration.id}/"
        wanted = TrainOrder(
            task=Task.TABULAR_CLASSIFICATION,
            metric=Metric.LOG_LOSS,
            revision=revision,
            configuration=configuration,
            destination=place,
            report=f"{place}report.json",
        )
        report = answer(wanted, store, folder / "scratch")
        assert isinstance(report, TrainReport)
        name = f"trial-{number}"
        return FinishedTrial(name=name, configuration=configuration, score=report.score, report=wanted.report)

    def make(out: Path, *configurations: Configuration, ensemble: Ensemble = Ensemble.IF_BETTER) -> ConcludeOrder:
        return ConcludeOrder(
            task=Task.TABULAR_CLASSIFICATION,
            metric=Metric.LOG_LOSS,
            revision=revision,
            trials=tuple(trial(number, each) for number, each in enumerate(configurations, 1)),
            ensemble=ensemble,
            experience=f"{out}/experience/",
            destination=f"{out}/best/",
            report=f"{out}/best/report.json",
        )

    return make


def run(order: ConcludeOrder, folder: Path) -> ConcludeReport:
    (folder / "scratch").mkdir(exist_ok=True)
    return conclude.run(order, Store.from_environment(environment={}), folder / "scratch")


def test_trials_that_see_different_things_are_served_together(order: Order, store: Store, tmp_path: Path) -> None:
    given = order(tmp_path, LINEAR, NEIGHBOURS)
    report = run(given, tmp_path)
    assert sorted(each.trial for each in report.ensemble) == ["trial-1", "trial-2"]
    assert sum(each.weight for each in report.ensemble) == pytest.approx(1, abs=1e-3)
    assert parse_report(termination_message(report)) == report

    with tarfile.open(report.artifact.uri) as tar:
        tar.extractall(tmp_path / "model", filter="data")
    revision = Revision.open(store, given.revision)
    inputs, labels = next(split_of(revision, "holdout", tmp_path).batches(10_000))
    loaded = tf.saved_model.load(tmp_path / "model")
    found = loaded.signatures["serving_default"](**{name: tf.constant(each) for name, each in inputs.items()})
    assert found["classes"].numpy()[0].tolist() == [b"down", b"up"]
    told = score(given.task, labels, found["scores"].numpy(), 2)[Metric.LOG_LOSS]
    assert report.score == pytest.approx(told, abs=1e-5)
    assert (tmp_path / "model" / "assets.extra" / "tf_serving_warmup_requests").stat().st_size > 0

    alone = run(order(tmp_path / "alone", LINEAR, NEIGHBOURS, ensemble=Ensemble.NEVER), tmp_path)
    assert report.score < alone.score
    assert f"better than {alone.trial}, the best of 2 trials, by 0." in report.message
    assert f"; {alone.trial} alone scores {alone.score:.4f} on the hold-out set" in report.message
    card = (tmp_path / "best" / "card.md").read_text()
    assert f"**LogLoss {report.score:.4f}** on the hold-out set" in card
    assert f"it is better by {alone.score - report.score:.4f} in LogLoss" in card


def test_trials_that_see_the_same_are_not(order: Order, tmp_path: Path) -> None:
    report = run(order(tmp_path / "one", LINEAR, LIKE_LINEAR), tmp_path)
    never = run(order(tmp_path / "two", LINEAR, LIKE_LINEAR, ensemble=Ensemble.NEVER), tmp_path)
    assert report.ensemble == ()
    assert (report.trial, report.score, report.artifact.digest) == (never.trial, never.score, never.artifact.digest)
    assert report.message == never.message


def test_a_conclusion_in_another_process_makes_the_same_bytes(order: Order, tmp_path: Path) -> None:
    reports = [concluded(order(tmp_path / name, LINEAR, NEIGHBOURS), tmp_path / name) for name in ("one", "two")]
    assert len(reports[0].ensemble) == 2
    assert reports[0].artifact.digest == reports[1].artifact.digest
    for file in ("card.md", "card.html"):
        cards = [(tmp_path / name / "best" / file).read_text() for name in ("one", "two")]
        assert cards[0] == cards[1]


def concluded(order: ConcludeOrder, folder: Path) -> ConcludeReport:
    """The report of the step as a pod starts it."""
    said = folder / "said"
    environment = os.environ | {
        "NORIA_ORDER": order.to_json(),
        "NORIA_REPORT_PATH": str(said),
        "NORIA_SCRATCH": str(folder / "scratch"),
        "NORIA_METRICS_PORT": "0",
    }
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "noria_trainers", "conclude"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    report = parse_report(said.read_text())
    assert isinstance(report, ConcludeReport)
    return report


EXAMPLES = 4 * FEWEST


def members(found: Selection | None) -> dict[str, float]:
    assert found is not None
    return {each.trial: each.weight for each in found.members}


def of_values(labels: np.ndarray, **changes: Any) -> Selection | None:
    """An ensemble of three regressions with errors of their own."""
    rng = np.random.default_rng(1)
    answers = {name: (TRUTH + rng.normal(size=EXAMPLES))[:, None] for name in "abc"}
    given: dict[str, Any] = {"metric": Metric.RMSE, "best": "a", "classes": 0, "seed": 0, "answers": answers} | changes
    return select(Task.TABULAR_REGRESSION, labels=labels, **given)


TRUTH = np.random.default_rng(0).normal(size=EXAMPLES) * 3


@pytest.mark.parametrize("metric", [Metric.R2, Metric.RMSE, Metric.MAE])
def test_values_with_errors_of_their_own_are_averaged(metric: Metric) -> None:
    found = of_values(TRUTH, metric=metric)
    assert found is not None
    assert found.pays
    assert all(weight == pytest.approx(1 / 3, abs=0.15) for weight in members(found).values())
    assert found.interval.low < found.gain < found.interval.high


def test_members_are_chosen_on_one_half_and_judged_on_the_other() -> None:
    known = of_values(TRUTH)
    other = np.concatenate([TRUTH[: EXAMPLES // 2], TRUTH[EXAMPLES // 2 :] + 10 * np.arange(EXAMPLES // 2)])
    found = of_values(other)
    assert members(found) == members(known)
    assert found is not None
    assert not found.pays


def test_clicks_are_averaged_as_probabilities_of_one_temperature() -> None:
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(2, 1000))
    clicked = (signals.sum(axis=0) + 0.3 * rng.normal(size=1000) > 0).astype(np.int64)
    sure, unsure = (
        1 / (1 + np.exp(-signal * slope))[:, None] for signal, slope in zip(signals, (30, 0.3), strict=True)
    )
    found = select(Task.CLICK_THROUGH_RATE, Metric.LOG_LOSS, clicked, {"a": sure, "b": unsure}, "b", classes=2, seed=0)
    assert found is not None
    assert found.pays
    temperatures = {each.trial: each.temperature for each in found.members}
    assert temperatures["a"] > 5
    assert temperatures["b"] < 0.5


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"labels": TRUTH[: 2 * FEWEST - 1]}, id="too few examples"),
        pytest.param({"answers": {"a": TRUTH[:, None] + 1}}, id="one trial"),
        pytest.param({"answers": {"a": TRUTH[:, None], "b": TRUTH[:, None] + 1}}, id="one is perfect"),
    ],
)
def test_there_is_none_where(changes: dict[str, Any]) -> None:
    labels = changes.pop("labels", TRUTH)
    assert of_values(labels, **changes) is None
