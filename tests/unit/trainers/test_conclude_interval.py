"""Bootstrap intervals: the same as resampling examples one by one, and as wide as they should be."""

from collections.abc import Callable

import numpy as np
import pytest

from noria.contract import TASKS, Metric, Task
from noria_trainers.conclusion.interval import Interval, gain, intervals
from noria_trainers.metrics import score

SIZE = 300
BASELINE = dict.fromkeys(Metric, 0.5)
Make = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def classification(rng: np.random.Generator, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.choice(classes, SIZE, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    scores = rng.dirichlet(np.ones(classes), SIZE) + 0.6 * np.eye(classes)[labels]
    return labels, scores / scores.sum(axis=1, keepdims=True)


def clicks(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    probability = rng.beta(1, 4, SIZE).round(2)  # with ties
    return (rng.random(SIZE) < probability).astype(np.int64), probability[:, None]


def regression(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.normal(1000, 3, SIZE)
    return labels, labels + rng.standard_t(4, SIZE)


def wilson(count: int) -> float:
    """Lower end of the 95 % score interval of a share of 1 in so many."""
    return count / (count + 1.959964**2)


def accuracy(labels: np.ndarray, predictions: np.ndarray, *, class_count: int, seed: int) -> Interval:
    task = Task.IMAGE_CLASSIFICATION
    found = intervals(task, labels, predictions, baseline=BASELINE, class_count=class_count, seed=seed)
    return found[Metric.ACCURACY]


KINDS = pytest.mark.parametrize(
    ("task", "make"),
    [
        pytest.param(Task.TEXT_CLASSIFICATION, classification, id="classes"),
        pytest.param(Task.CLICK_THROUGH_RATE, clicks, id="clicks"),
        pytest.param(Task.TABULAR_REGRESSION, regression, id="values"),
    ],
)


@KINDS
def test_agrees_with_resampling_one_by_one(task: Task, make: Make) -> None:
    rng = np.random.default_rng(7)
    labels, predictions = make(rng)
    found = intervals(task, labels, predictions, baseline=BASELINE, class_count=5, seed=1)
    draws = rng.integers(0, SIZE, (1000, SIZE))
    slow = [score(task, labels[draw], predictions[draw], 5) for draw in draws]
    for metric, (low, high) in found.items():
        expected = np.quantile([each[metric] for each in slow], [0.025, 0.975])
        tolerance = 0.12 * (expected[1] - expected[0])
        assert (low, high) == pytest.approx(tuple(expected), abs=tolerance), metric


@KINDS
def test_a_gain_is_that_of_both_on_the_same_examples(task: Task, make: Make) -> None:
    rng = np.random.default_rng(7)
    labels, predictions = make(rng)
    other = np.roll(predictions, 1, axis=0)
    other = 0.7 * predictions + 0.3 * other
    draws = rng.integers(0, SIZE, (1000, SIZE))
    slow = [
        (score(task, labels[draw], predictions[draw], 5), score(task, labels[draw], other[draw], 5)) for draw in draws
    ]
    for metric in TASKS[task].metrics.all:
        sign = 1 if metric.higher_is_better else -1
        expected = np.quantile([sign * (one[metric] - two[metric]) for one, two in slow], [0.025, 0.975])
        found = gain(task, metric, labels, predictions, other, class_count=5, seed=1)
        assert found == pytest.approx(tuple(expected), abs=0.15 * (expected[1] - expected[0])), metric
        assert gain(task, metric, labels, predictions, predictions, class_count=5, seed=1) == (0, 0)


def test_covers_the_true_accuracy_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(0), 0
    for seed in range(200):
        labels = rng.integers(0, 2, 400)
        right = rng.random(400) < 0.8
        predictions = np.eye(2)[np.where(right, labels, 1 - labels)]
        low, high = accuracy(labels, predictions, class_count=2, seed=seed)
        covered += low <= 0.8 <= high
    assert 0.91 <= covered / 200 <= 0.99


def test_is_the_same_for_the_same_seed() -> None:
    labels, predictions = classification(np.random.default_rng(0))
    first, second = (
        intervals(Task.TEXT_CLASSIFICATION, labels, predictions, baseline=BASELINE, class_count=5, seed=3)
        for _ in range(2)
    )
    assert first == second


def test_a_class_that_the_holdout_lacks_and_one_example_do_no_harm() -> None:
    labels, predictions = np.array([1]), np.array([[0.2, 0.7, 0.1]])
    found = intervals(Task.TEXT_CLASSIFICATION, labels, predictions, baseline=BASELINE, class_count=3, seed=0)
    assert found[Metric.ACCURACY] == found[Metric.MACRO_F1] == pytest.approx((wilson(1), 1))


def test_no_interval_of_a_perfect_score_claims_to_know_it() -> None:
    labels = np.repeat([0, 1], [90, 10])
    found = intervals(Task.TEXT_CLASSIFICATION, labels, np.eye(2)[labels], baseline=BASELINE, class_count=2, seed=0)
    assert found[Metric.ACCURACY] == pytest.approx((wilson(100), 1))
    assert found[Metric.BALANCED_ACCURACY] == pytest.approx((wilson(36), 1))  # 2² / (1 / 90 + 1 / 10)
    assert found[Metric.LOG_LOSS] == pytest.approx((0, 0.5 * (1 - wilson(100))), abs=1e-6)
    ranked = intervals(Task.CLICK_THROUGH_RATE, labels, labels[:, None], baseline=BASELINE, class_count=0, seed=0)
    assert ranked[Metric.ROC_AUC] == pytest.approx((1 - 0.5 * (1 - wilson(10)), 1))
    values = np.arange(100.0)
    exact = intervals(Task.TABULAR_REGRESSION, values, values, baseline=BASELINE, class_count=0, seed=0)
    assert exact[Metric.RMSE] == pytest.approx((0, 0.5 * (1 - wilson(100))))
    assert exact[Metric.R2] == pytest.approx((1 - 0.5 * (1 - wilson(100)), 1))


def test_no_interval_of_only_wrong_answers_claims_to_know_it() -> None:
    labels = np.repeat([0, 1], 50)
    assert accuracy(labels, np.eye(2)[1 - labels], class_count=2, seed=0) == pytest.approx((0, 1 - wilson(100)))


def test_many_examples_and_classes_take_seconds() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 100, 20_000)
    predictions = rng.random((20_000, 100), np.float32)
    low, high = accuracy(labels, predictions, class_count=100, seed=0)
    assert 0.007 < low < 0.01 < high < 0.013
