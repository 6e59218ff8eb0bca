"""Every target has its module, what is general agrees with what is fast, and labels may be several numbers."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from noria.contract import TASKS, Target, Task
from noria_trainers.data.examples import Examples
from noria_trainers.data.label_column import labels_of, with_labels
from noria_trainers.target.probability import SIGMOID, SOFTMAX, Tempering
from noria_trainers.target.resample import Resampling, by_scores
from noria_trainers.target.target import target_of


@pytest.mark.parametrize("task", Task)
def test_a_task_s_target_says_what_a_card_needs(task: Task) -> None:
    text = target_of(task).card_text
    assert text.baseline
    assert text.answer.endswith(".")


@pytest.mark.parametrize("grouped", [False, True], ids=["each example", "groups of examples"])
@pytest.mark.parametrize("task", [Task.TEXT_CLASSIFICATION, Task.TABULAR_REGRESSION, Task.CLICK_THROUGH_RATE])
def test_scoring_each_resample_agrees_with_the_target_s_own_way(task: Task, grouped: bool) -> None:
    labels, predictions = made_up(task)
    target, size = target_of(task), len(labels)
    groups = np.arange(size) // 20 if grouped else None
    (slow,) = by_scores(
        lambda truth, given: target.scores(truth, given, 3),
        Resampling(np.random.default_rng(1), groups, most=500),
        labels,
        [predictions],
    )
    (fast,) = target.resampled(Resampling(np.random.default_rng(2), groups), labels, [predictions], 3)
    for metric in TASKS[task].metrics.all:
        expected, found = (np.quantile(each[metric], (0.025, 0.5, 0.975)) for each in (slow, fast))
        assert found == pytest.approx(expected, abs=0.2 * (expected[2] - expected[0])), metric


def made_up(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Labels of groups of 20 that are alike, and predictions that are right for some of the groups."""
    rng, kind = np.random.default_rng(0), np.repeat(np.random.default_rng(3).normal(size=20), 20)
    match TASKS[task].target:
        case Target.VALUE:
            labels = kind + rng.normal(size=400)
            return labels, (labels + kind + rng.normal(size=400))[:, None]
        case Target.CLICK:
            probability = 1 / (1 + np.exp(-kind - rng.normal(size=400)))
            return (rng.random(400) < probability).astype(np.int64), probability.round(2)[:, None]
        case _:
            classes = rng.integers(0, 3, 400)
            return classes, rng.dirichlet(np.ones(3), 400) + np.eye(3)[classes] * (kind[:, None] > 0)


@pytest.mark.parametrize("tempering", [pytest.param(SOFTMAX, id="shares"), pytest.param(SIGMOID, id="each by itself")])
@pytest.mark.parametrize("temperature", [0.2, 1.0, 7.0])
def test_a_served_graph_tempers_as_the_choice_of_members_did(tempering: Tempering, temperature: float) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    served = tempering.tensor(tf.constant(shares), temperature).numpy()
    assert served == pytest.approx(tempering.array(shares, temperature), abs=1e-9)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(np.arange(6), id="a class each"),
        pytest.param(np.linspace(0, 1, 6), id="a value each"),
        pytest.param(np.arange(12).reshape(6, 2) % 2, id="two labels each"),
    ],
)
def test_labels_come_back_from_a_table_s_file(labels: np.ndarray, tmp_path: Path) -> None:
    table = with_labels(pa.table({"x": range(6)}), labels)
    pq.write_table(table.take(pa.array([5, 1, 3])), tmp_path / "shard.parquet")
    stored = pq.read_table(tmp_path / "shard.parquet")
    assert np.array_equal(labels_of(stored), labels[[5, 1, 3]])
    assert np.array_equal(labels_of(table.slice(2, 3)), labels[2:5])
    assert labels_of(stored.slice(0, 0)).shape == (0, *labels.shape[1:])


def test_an_example_of_several_classes_counts_for_each_and_is_divided_by_the_rarest() -> None:
    labels = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0], [1, 1, 0]])
    examples = Examples(name=str, classes=("a", "b", "c"), labels=labels, digests=np.zeros((5, 2), np.uint64))
    assert examples.class_counts(np.arange(5)).tolist() == [4, 2, 1]
    assert examples.class_index.tolist() == [1, 0, 2, 3, 1]
    assert examples.differ(np.array([0, 0]), np.array([4, 1])).tolist() == [False, True]
    assert sorted(examples.order.tolist()) == [0, 1, 2, 3, 4]
