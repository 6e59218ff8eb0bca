"""Our metrics agree with scikit-learn's and have a value wherever a task can be scored."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from noria.contract import TASKS, Metric, Task
from noria_trainers.metrics import score
from noria_trainers.target.classes import confusion


def test_classification_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 300)
    probabilities = random.dirichlet(np.ones(4), 300)
    found = score(Task.TEXT_CLASSIFICATION, labels, probabilities, 4)
    guess = probabilities.argmax(axis=1)
    assert found == pytest.approx(
        {
            Metric.ACCURACY: reference.accuracy_score(labels, guess),
            Metric.BALANCED_ACCURACY: reference.balanced_accuracy_score(labels, guess),
            Metric.MACRO_F1: reference.f1_score(labels, guess, average="macro"),
            Metric.LOG_LOSS: reference.log_loss(labels, probabilities),
        }
    )


def test_clicks_agree_with_scikit_learn_also_with_ties() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 500)
    probability = random.integers(1, 10, 500) / 10
    found = score(Task.CLICK_THROUGH_RATE, labels, probability[:, None])
    assert found[Metric.ROC_AUC] == pytest.approx(reference.roc_auc_score(labels, probability))
    assert found[Metric.LOG_LOSS] == pytest.approx(reference.log_loss(labels, probability))


def test_regression_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(2)
    labels = random.normal(size=200)
    values = labels + random.normal(size=200)
    found = score(Task.TABULAR_REGRESSION, labels, values)
    assert found[Metric.R2] == pytest.approx(reference.r2_score(labels, values))
    assert found[Metric.RMSE] == pytest.approx(reference.root_mean_squared_error(labels, values))
    assert found[Metric.MAE] == pytest.approx(reference.mean_absolute_error(labels, values))


@pytest.mark.parametrize(
    ("task", "labels", "predictions"),
    [
        pytest.param(Task.IMAGE_CLASSIFICATION, [1, 1], [[1.0, 0.0], [0.0, 1.0]], id="one class and certain mistakes"),
        pytest.param(Task.CLICK_THROUGH_RATE, [0, 0], [1.0, 0.0], id="no click at all"),
        pytest.param(Task.TABULAR_REGRESSION, [2.0, 2.0], [2.0, 3.0], id="constant target"),
    ],
)
def test_every_metric_of_the_task_is_finite(task: Task, labels: list[float], predictions: list[Any]) -> None:
    found = score(task, np.asarray(labels), np.asarray(predictions), 2)
    assert tuple(found) == TASKS[task].metrics.all
    assert np.isfinite(list(found.values())).all()


def test_confusion_counts_truth_by_row() -> None:
    assert confusion(np.array([0, 0, 2]), np.array([1, 0, 2]), 3).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
