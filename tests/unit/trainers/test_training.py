"""The loop: what a loss counts, which epoch is best, the order of examples, and going on where it was stopped."""

import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from noria.contract import Metric, Task
from noria_store.error import StepError
from noria_trainers import metrics
from noria_trainers.modality.encoded import Held, Streamed
from noria_trainers.target.classes import Classes
from noria_trainers.training import device
from noria_trainers.training.cross_fit import CrossFit
from noria_trainers.training.design import Recipe
from noria_trainers.training.judge import Judgement
from noria_trainers.training.loop import Loop
from noria_trainers.training.objective import Objective
from noria_trainers.training.state import Epoch, State, pack, unpack

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(400, 2)).astype(np.float32)
LABELS = (POINTS[:, 0] * POINTS[:, 1] > 0).astype(np.int64)


class Identity:
    """Inputs that are features already."""

    def signature(self) -> dict[str, tf.TensorSpec]:
        return {"numbers": tf.TensorSpec([None, 2])}

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return raw


def held() -> Held:
    return Held({"numbers": POINTS}, LABELS)


def loop(*, recipe: Recipe | None = None, metric: Metric = Metric.ACCURACY) -> Loop:
    keras.utils.set_random_seed(5)
    given = keras.Input((2,), name="numbers")
    hidden = keras.layers.Dropout(0.2)(keras.layers.Dense(16, activation="relu")(given))
    network = keras.Model({"numbers": given}, keras.layers.Dense(2)(keras.layers.BatchNormalization()(hidden)))
    objective = Objective.of(Task.TABULAR_CLASSIFICATION, metric, LABELS, 2, 0.0)
    recipe = recipe or Recipe(learning_rate=0.02, batch=32, epochs=6, patience=6, weight_decay=0.01)
    return Loop(network, objective, recipe, held(), held(), seed=5)


def undisturbed() -> tuple[State, Loop]:
    whole, state = loop(), State()
    whole.run(state, lambda: None, lambda: False)
    return state, whole


def test_training_learns_and_keeps_the_best_epoch() -> None:
    state, _ = undisturbed()
    assert len(state.history) == 6
    assert state.history[state.best].score == max(epoch.score for epoch in state.history)
    assert state.history[state.best].score > 0.8
    assert state.history[-1].train_loss < state.history[0].train_loss


@pytest.mark.parametrize("after", [0, 1, 5], ids=["at once", "in the first epoch", "in a later epoch"])
def test_a_stopped_fit_goes_on_as_if_it_had_not_been(after: int) -> None:
    expected, _ = undisturbed()
    first, state, kept, looks = loop(), State(), [], iter(range(100))
    with pytest.raises(StepError, match="checkpoint") as stopped:
        first.run(state, lambda: kept.append(pack("a", state, first.variables())), lambda: next(looks) >= after)
    assert stopped.value.exit_code == 75
    found = unpack(kept[-1], "a")
    assert found is not None
    resumed, variables = found
    second = loop()
    second.restore(variables)
    second.run(resumed, lambda: None, lambda: False)
    assert [epoch.score for epoch in resumed.history] == [epoch.score for epoch in expected.history]
    assert resumed.best == expected.best
    assert resumed.cross_fit.best == expected.cross_fit.best
    assert np.allclose(resumed.cross_fit.predictions, expected.cross_fit.predictions, atol=1e-5)
    for weight, same in zip(resumed.best_weights, expected.best_weights, strict=True):
        assert np.allclose(weight, same, atol=1e-5)


def judgement(labels: np.ndarray, predicted: np.ndarray, sure: float = 0.9) -> Judgement:
    predictions = np.where(predicted[:, np.newaxis] == np.arange(2), sure, 1 - sure).astype(np.float32)
    return Judgement(labels, predictions, 0.0, metrics.score(Task.TABULAR_CLASSIFICATION, labels, predictions))


def cross_fitted(epochs: list[Judgement]) -> float:
    found, objective = CrossFit(), Objective.of(Task.TABULAR_CLASSIFICATION, Metric.ACCURACY, LABELS, 2, 0.0)
    for each in epochs:
        found.see(each, objective)
    scores = metrics.score(objective.task, epochs[0].labels, found.predictions)
    return scores[Metric.ACCURACY]


def test_the_luck_of_the_best_of_many_epochs_is_not_in_the_score() -> None:
    honest, best = [], []
    for seed in range(50):
        random = np.random.default_rng(seed)
        labels = random.integers(2, size=60)
        epochs = [judgement(labels, random.integers(2, size=60)) for _ in range(40)]
        best.append(max(each.scores[Metric.ACCURACY] for each in epochs))
        honest.append(cross_fitted(epochs))
    assert np.mean(best) > 0.62
    assert np.mean(honest) == pytest.approx(0.5, abs=0.02)


def test_an_epoch_that_is_the_best_of_all_examples_gives_the_score() -> None:
    labels = np.arange(60) % 3 % 2
    epochs = [judgement(labels, np.where(np.arange(60) < wrong, 1 - labels, labels)) for wrong in (30, 6, 20)]
    assert cross_fitted(epochs) == 0.9
    assert cross_fitted([judgement(labels, labels, sure) for sure in (0.6, 0.9)]) == 1.0
    assert cross_fitted([judgement(labels[:1], labels[:1])]) == 1.0


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_lower_precision_learns_too_and_keeps_its_weights_whole(policy: str) -> None:
    before, state = keras.config.dtype_policy(), State()
    keras.config.set_dtype_policy(policy)
    try:
        lower = loop()
        lower.run(state, lambda: None, lambda: False)
    finally:
        keras.config.set_dtype_policy(before)
    assert max(epoch.score for epoch in state.history) > 0.8
    assert {weight.dtype for weight in state.best_weights} == {np.dtype("float32")}


def test_a_checkpoint_of_another_fit_is_not_taken() -> None:
    assert unpack(pack("a", State(), []), "b") is None


def test_early_stopping_ends_after_its_patience() -> None:
    recipe = Recipe(learning_rate=1e-9, batch=32, epochs=50, patience=2)
    state = State()
    loop(recipe=recipe).run(state, lambda: None, lambda: False)
    assert len(state.history) == state.best + 3


def test_a_loss_that_is_no_number_ends_the_trial_in_words() -> None:
    wild = loop(recipe=Recipe(learning_rate=0.01, batch=32, epochs=2, patience=2))
    wild.restore([np.full_like(each, np.nan) if each.dtype.kind == "f" else each for each in wild.variables()])
    with pytest.raises(StepError, match="learning_rate") as ended:
        wild.run(State(), lambda: None, lambda: False)
    assert (ended.value.exit_code, ended.value.reason) == (65, "Diverged")


@pytest.mark.parametrize(
    ("metric", "score", "loss", "better"),
    [
        pytest.param(Metric.ACCURACY, 0.9, 1.0, True, id="higher accuracy"),
        pytest.param(Metric.ACCURACY, 0.7, 0.1, False, id="lower accuracy, whatever the loss"),
        pytest.param(Metric.ACCURACY, 0.8, 0.4, True, id="same accuracy, lower loss"),
        pytest.param(Metric.LOG_LOSS, 0.7, 0.5, True, id="lower log loss"),
        pytest.param(Metric.RMSE, 0.9, 0.5, False, id="higher error"),
    ],
)
def test_which_epoch_is_better(metric: Metric, score: float, loss: float, better: bool) -> None:
    assert Epoch(1, loss, score, 1).beats(Epoch(1, 0.5, 0.8, 1), metric) is better


def test_rare_classes_weigh_more_where_the_metric_counts_classes_evenly() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    even = Objective.of(Task.TEXT_CLASSIFICATION, Metric.BALANCED_ACCURACY, labels, 2, 0.0)
    plain = Objective.of(Task.TEXT_CLASSIFICATION, Metric.ACCURACY, labels, 2, 0.0)
    weights = Classes().head(Metric.BALANCED_ACCURACY, labels, 2, 0.0).class_weights
    assert weights[1] / weights[0] == pytest.approx(9)
    assert weights[labels].mean() == pytest.approx(1)
    outputs = tf.constant([[3.0, 0.0], [3.0, 0.0]])
    truth = tf.constant([0, 1], tf.int64)
    assert even.loss(truth, outputs) > plain.loss(truth, outputs)


def test_rows_that_could_not_be_read_teach_nothing_and_get_even_predictions() -> None:
    goal = Objective.of(Task.IMAGE_CLASSIFICATION, Metric.ACCURACY, LABELS, 2, 0.0)
    outputs, truth, valid = tf.constant([[9.0, 0.0], [0.0, 9.0]]), tf.constant([0, 0], tf.int64), [True, False]
    assert float(goal.loss(truth, outputs, tf.constant(valid))) < 0.01
    assert goal.predictions(outputs, tf.constant(valid))[1].numpy().tolist() == [0.5, 0.5]


def test_regression_is_learned_in_a_scale_of_its_own_and_answered_in_the_data_s() -> None:
    values = np.array([1000.0, 3000.0])
    goal = Objective.of(Task.TABULAR_REGRESSION, Metric.R2, values, 1, 0.0)
    assert goal.predictions(tf.constant([[-1.0], [1.0]])).numpy()[:, 0].tolist() == [1000.0, 3000.0]
    assert float(goal.loss(tf.constant(values), tf.constant([[-1.0], [1.0]]))) == pytest.approx(0)


@pytest.fixture(params=["held", "in memory", "on disk"])
def examples(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Held | Streamed]:
    if request.param == "held":
        return held
    if request.param == "on disk":
        monkeypatch.setattr("noria_trainers.modality.encoded.MEMORY_BYTES", 100)
    raw = tf.data.Dataset.from_tensor_slices(({"numbers": POINTS}, LABELS))
    return lambda: Streamed.of(raw, Identity(), len(POINTS), tmp_path)


def test_an_epoch_has_every_example_once_in_an_order_of_its_own(examples: Callable[[], Held | Streamed]) -> None:
    split = examples()

    def rows(epoch: int, of: Held | Streamed = split) -> list[list[float]]:
        return [row for features, _ in of.epoch(7, epoch, 32) for row in features["numbers"].numpy().tolist()]

    first, second = rows(0), rows(1)
    assert sorted(first) == sorted(second) == sorted(POINTS.tolist())
    assert first != second
    assert rows(1, examples()) == second
    in_order = np.concatenate([features["numbers"] for features, _ in split.in_order()])
    assert np.array_equal(in_order, POINTS)
    assert split.epoch(7, 0, 32).cardinality() == 13


def test_processors_are_those_that_the_container_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    assert 1 <= device.processors() <= len(allowed)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert device.processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_progress_is_a_line_with_a_bar_and_gauges() -> None:
    with capture_logs() as logs:
        undisturbed()
    assert REGISTRY.get_sample_value("noria_trial_epoch") == 6
    assert REGISTRY.get_sample_value("noria_trial_epochs") == 6
    score = REGISTRY.get_sample_value("noria_trial_validation_score")
    assert score is not None
    assert 0.5 < score <= 1
    lines = [str(line["event"]) for line in logs if "epoch" in line["event"]]
    assert lines[0] == "epoch 1 of 6 [###-----------------]"
    assert lines[5:] == ["epoch 6 of 6 [####################]"]
