"""Answers of a served model and a candidate whose true gain is known.

Used by `promotion.rollouts` and `promotion.rounds`.

Every example has a difficulty that both models share, and each model an error of its own, so that models agree about as
retrained models do: `alike` is the correlation of what they make of an example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric, Task
from noria_trainers.metrics import score
from noria_trainers.proof.gain import Paired

Array = NDArray[np.float64]
_MANY = 40_000
"""Examples from which differences of true scores are known well enough: all models answer the same ones."""
_STEPS = 16


@dataclass(frozen=True)
class World:
    """Where examples come from, and how good the served model is."""

    task: Task
    classes: int
    skill: float
    """Of the served model, in the scale of its kind."""
    alike: float = 0.92
    """Correlation of the two models."""

    def examples(self, rng: np.random.Generator, count: int) -> tuple[NDArray[np.generic], Array]:
        """Labels [n], and what all models see of each example [n]."""
        seen = rng.normal(size=count)
        if self.task is Task.TABULAR_REGRESSION:
            return rng.normal(size=count), seen
        return rng.integers(0, self.classes, count), seen

    def answers(self, rng: np.random.Generator, labels: NDArray[np.generic], seen: Array, skill: float) -> Array:
        """A model's answers [n, k]."""
        own = rng.normal(size=len(labels))
        mixed = np.sqrt(self.alike) * seen + np.sqrt(1 - self.alike) * own
        return _KINDS[self.task](self, rng, np.asarray(labels), mixed, skill)

    @property
    def baseline(self) -> Array:
        """What the labels alone suggest."""
        if self.task is Task.TABULAR_REGRESSION:
            return np.zeros(1)
        return np.full(self.classes, 1 / self.classes) if self.task is not Task.CLICK_THROUGH_RATE else np.array([0.5])


def _classes(world: World, rng: np.random.Generator, labels: NDArray[np.generic], mixed: Array, skill: float) -> Array:
    """The truth's logit against that of one other class, which example by example is another."""
    count, truth = len(labels), labels.astype(np.int64)
    rival = (truth + 1 + np.arange(count) % (world.classes - 1)) % world.classes
    logits = np.full((count, world.classes), -4.0)
    logits[np.arange(count), rival] = 0
    logits[np.arange(count), truth] = 2 * (mixed + skill)
    shares = np.exp(logits)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _clicks(world: World, rng: np.random.Generator, labels: NDArray[np.generic], mixed: Array, skill: float) -> Array:
    """Logits with a mean of skill² / 2 for clicks, as a calibrated model has."""
    sign = 2 * labels.astype(np.float64) - 1
    logits = skill * mixed + sign * skill**2 / 2
    return np.asarray(1 / (1 + np.exp(-logits)))[:, None]


def _values(world: World, rng: np.random.Generator, labels: NDArray[np.generic], mixed: Array, skill: float) -> Array:
    """The truth with a normal error of this size."""
    return np.asarray(labels.astype(np.float64) + skill * mixed)[:, None]


_KINDS: Mapping[Task, Callable[[World, np.random.Generator, NDArray[np.generic], Array, float], Array]] = {
    Task.TEXT_CLASSIFICATION: _classes,
    Task.CLICK_THROUGH_RATE: _clicks,
    Task.TABULAR_REGRESSION: _values,
}


@cache
def truth(world: World, skill: float) -> Mapping[Metric, float]:
    """The true score of a model of this skill, in points: higher is better, a loss is its share of the baseline's."""
    rng = np.random.default_rng(0)
    labels, seen = world.examples(rng, _MANY)
    found = score(world.task, labels, world.answers(rng, labels, seen, skill), world.classes)
    constant = score(world.task, labels, np.broadcast_to(world.baseline, (_MANY, len(world.baseline))), world.classes)
    return {m: found[m] if m.higher_is_better else 1 - found[m] / constant[m] for m in found}


@cache
def skill_for(world: World, metric: Metric, gain: float) -> float:
    """The skill of a candidate that is better by this gain, in points."""
    if gain == 0:
        return world.skill
    wanted = truth(world, world.skill)[metric] + gain
    low, high = world.skill * 0.5, world.skill * 2
    rises = truth(world, high)[metric] > truth(world, low)[metric]
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if (truth(world, middle)[metric] < wanted) is rises:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def rollout(world: World, skill: float, size: int, rng: np.random.Generator) -> Paired:
    """A hold-out of this size, with the answers of a candidate of this skill and of the served model."""
    labels, seen = world.examples(rng, size)
    return Paired(
        labels,
        candidate=world.answers(rng, labels, seen, skill),
        other=world.answers(rng, labels, seen, world.skill),
    )
