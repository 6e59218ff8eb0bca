"""The training loop: epochs of batches, a score after each, early stopping. Used by `steps.train`.

Batches depend on seed and epoch alone, and all random state is in variables (seeds of dropout, steps of the optimizer),
so a fit resumed from a checkpoint, even in the middle of an epoch, gives the same result.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.modality.encoded import EncodedExamples
from noria_trainers.modality.inputs import VALID
from noria_trainers.training import progress
from noria_trainers.training.design import Recipe
from noria_trainers.training.judge import Judge
from noria_trainers.training.objective import Objective
from noria_trainers.training.state import Epoch, State

CHECKPOINT_SECONDS = 30.0
"""Between two checkpoints; one more is made on SIGTERM."""
_CALL_SECONDS = 1.0
"""About how long TensorFlow runs between two checks for SIGTERM."""
_MOST_BATCHES = 64
_WARM_UP = 0.1
_CLIP = 5.0
"""Longest gradient."""
_NO_DECAY = ["bias", "gamma", "beta"]


class Loop:
    """Fits one network."""

    def __init__(
        self,
        network: keras.Model,
        objective: Objective,
        recipe: Recipe,
        train: EncodedExamples,
        validation: EncodedExamples,
        seed: int,
    ) -> None:
        self._network, self._objective, self._recipe = network, objective, recipe
        self._train, self._validation, self._seed = train, validation, seed
        self._epoch_batches = math.ceil(train.count / recipe.batch)
        self._optimizer = _optimizer(recipe, self._epoch_batches * recipe.epochs)
        self._optimizer.build(network.trainable_variables)
        self._judge = Judge(network, objective)
        self._batches_per_call = 1

    def variables(self) -> list[NDArray[np.generic]]:
        """Everything that training changes: weights, moments, steps and random state.

        One array for each of them [variables], shaped as the variable is.
        """
        return [variable.numpy() for variable in self._changing()]

    def restore(self, values: list[NDArray[np.generic]]) -> None:
        """Set what `variables` gave. `values` [variables], each shaped as its variable."""
        for variable, value in zip(self._changing(), values, strict=True):
            variable.assign(value)

    def run(self, state: State, keep: Callable[[], None], stopped: Callable[[], bool]) -> None:
        """Train until early stopping or the last epoch; `keep` is called when it is time for a checkpoint.

        Raises StepError where the pod is stopped (75, after a checkpoint) or the loss becomes NaN or infinite (65).
        """
        kept = time.monotonic()
        while not self._is_over(state):
            self._run_epoch(state, keep, stopped)
            if time.monotonic() - kept >= CHECKPOINT_SECONDS:
                keep()
                kept = time.monotonic()

    def _is_over(self, state: State) -> bool:
        done = len(state.history)
        return done >= self._recipe.epochs or (state.best >= 0 and done - 1 - state.best >= self._recipe.patience)

    def _run_epoch(self, state: State, keep: Callable[[], None], stopped: Callable[[], bool]) -> None:
        began = time.monotonic() - state.seconds
        epoch = self._train.epoch(self._seed, len(state.history), self._recipe.batch)
        batches = iter(epoch.skip(state.batches))
        while state.batches < self._epoch_batches:
            if stopped():
                state.seconds = time.monotonic() - began
                keep()
                raise StepError(
                    ExitCode.TRY_AGAIN, "Terminated", "stopped after a checkpoint: training resumes from it"
                )
            self._call(batches, state)
        self._finish(state, began)

    def _call(self, batches: Any, state: State) -> None:
        """Some batches in one call of TensorFlow: as many as take about a second."""
        began, count = time.monotonic(), min(self._batches_per_call, self._epoch_batches - state.batches)
        state.loss += float(self._advance(batches, tf.constant(count)))
        state.batches += count
        if not math.isfinite(state.loss):
            words = "the loss became NaN or infinite: lower learning_rate, or look for extreme values"
            raise StepError(ExitCode.BAD_DATA, "Diverged", words)
        each = (time.monotonic() - began) / count
        fit = max(1, min(_MOST_BATCHES, int(_CALL_SECONDS / max(each, 1e-6))))
        self._batches_per_call = min(fit, 4 * self._batches_per_call)

    def _finish(self, state: State, began: float) -> None:
        seconds = time.monotonic() - began
        found = self._judge.judge(self._validation)
        score = found.scores[self._objective.metric]
        epoch = Epoch(state.loss / self._epoch_batches, found.loss, score, seconds)
        state.finish(epoch, self._network.get_weights(), self._objective.metric)
        state.cross_fit.see(found, self._objective)
        best = state.history[state.best].score
        progress.show(epoch, number=len(state.history), most=self._recipe.epochs, best=best, examples=self._train.count)

    @tf.function
    def _advance(self, batches: Any, count: tf.Tensor) -> tf.Tensor:
        """Train on the next batches; the sum of their losses."""
        total = tf.constant(0.0)
        for _ in tf.range(count):
            features, labels = next(batches)
            total += self._learn(features, labels)
        return total

    def _learn(self, features: dict[str, tf.Tensor], labels: tf.Tensor) -> tf.Tensor:
        features = dict(features)
        valid = features.pop(VALID, None)
        if self._recipe.augment is not None:
            step = tf.cast(self._optimizer.iterations.value, tf.int32)
            features = self._recipe.augment(features, tf.stack([tf.constant(self._seed, tf.int32), step]))
        weights = self._network.trainable_variables
        with tf.GradientTape() as tape:
            loss = self._objective.loss(labels, self._network(features, training=True), valid)
            whole = self._optimizer.scale_loss(loss + sum(self._network.losses))
        self._optimizer.apply(tape.gradient(whole, [weight.value for weight in weights]), weights)
        return loss

    def _changing(self) -> list[keras.Variable]:
        return [*self._network.variables, *self._optimizer.variables]


def _optimizer(recipe: Recipe, steps: int) -> keras.Optimizer:
    """Adam with a rising, then falling learning rate, and decay of the weights that multiply."""
    rising = max(1, int(_WARM_UP * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        0.1 * recipe.learning_rate, max(1, steps - rising), warmup_target=recipe.learning_rate, warmup_steps=rising
    )
    adam = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, global_clipnorm=_CLIP)
    adam.exclude_from_weight_decay(var_names=_NO_DECAY)
    if keras.config.dtype_policy().name == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(adam)
    return adam
