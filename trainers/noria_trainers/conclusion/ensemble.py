"""Whether trials are better together than the best of them alone, by their predictions for the validation set. Pure.

Members are chosen greedily, with replacement, on one half of the examples (Caruana et al., Ensemble selection from
libraries of models, ICML 2004). Whether that pays is measured on the other half, which was not used to
choose members.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric, Task
from noria_trainers.conclusion.interval import Interval, gain
from noria_trainers.metrics import score
from noria_trainers.target.target import target_of

MOST_BYTES = 500_000_000
"""Of the members' files: they are loaded at once where they are made one, and where they are served."""
ROUNDS = 25
"""Votes at most; a trial may have several."""
FEWEST = 50
"""Examples that each half needs at least for a comparison."""
_MOST, _MOST_NUMBERS = 200_000, 4_000_000
"""Limit on examples times outputs of each trial, to fit into the memory of a step."""

Answers = Mapping[str, NDArray[np.floating]]
"""By trial: predictions as in `metrics.score`."""


@dataclass(frozen=True)
class Member:
    """A trial with its part in the answer."""

    trial: str
    weight: float
    temperature: float
    """What the logarithms of its probabilities are divided by; 1 where the task's answers are left as they are."""


@dataclass(frozen=True)
class Selection:
    """The best members found, and what they gain together on examples that they were not chosen by."""

    members: tuple[Member, ...]
    gain: float
    """Score of the ensemble less that of the best trial alone; positive where the ensemble is better."""
    interval: Interval
    """The gain's 95 % interval."""
    size: int = 0
    """Bytes of the members' files."""

    @property
    def pays(self) -> bool:
        """Whether it is significantly better than the best trial alone, and can be served."""
        return self.interval.low > 0 and self.size <= MOST_BYTES


def places(examples: int, outputs: int, seed: int) -> NDArray[np.int64]:
    """Indices [k] of the examples to look at, in random order, where each has `outputs` predictions."""
    return np.random.default_rng(seed).permutation(examples)[: min(_MOST, _MOST_NUMBERS // outputs)]


def select(
    task: Task, metric: Metric, labels: NDArray[np.generic], answers: Answers, best: str, *, classes: int, seed: int
) -> Selection | None:
    """The ensemble of these trials, by examples in random order, that is to be compared with the trial `best`.

    `labels` [n] or [n, k], each of `answers` [n, outputs]. None where no two are better than one, or there are too
    few examples.
    """
    first, second = slice(0, len(labels) // 2), slice(len(labels) // 2, None)
    if len(answers) < 2 or len(labels) < 2 * FEWEST:
        return None
    temperatures = {name: _temperature(task, labels[first], each[first]) for name, each in answers.items()}
    scaled = {name: tempered(task, each[first], temperatures[name]) for name, each in answers.items()}
    votes = _votes(task, metric, labels[first], scaled)
    if len(votes) < 2:
        return None
    members = tuple(Member(name, count / votes.total(), temperatures[name]) for name, count in votes.items())
    truth, alone = labels[second], answers[best][second]
    together = mixed(task, members, {member.trial: answers[member.trial][second] for member in members})
    sign = 1 if metric.higher_is_better else -1
    scores = [score(task, truth, each, classes)[metric] for each in (together, alone)]
    bounds = gain(task, metric, truth, together, alone, class_count=classes, seed=seed)
    return Selection(members, sign * (scores[0] - scores[1]), bounds)


def mixed(task: Task, members: tuple[Member, ...], answers: Answers) -> NDArray[np.float64]:
    """What the members answer together, [n, outputs] as each of them does."""
    parts = [each.weight * tempered(task, answers[each.trial], each.temperature) for each in members]
    return np.asarray(np.sum(parts, axis=0))


def tempered(task: Task, predictions: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Predictions [n, k], where they are probabilities less sure by a temperature above 1, surer by one below."""
    return target_of(task).tempering.array(np.asarray(predictions, np.float64), temperature)


def _temperature(task: Task, labels: NDArray[np.generic], predictions: NDArray[np.floating]) -> float:
    """The one that makes these answers truest, 1 where they are left as they are.

    It puts members that are too sure, or whose scores are not probabilities, on the others' scale.
    """

    def loss(temperature: float) -> float:
        return score(task, labels, tempered(task, predictions, temperature))[Metric.LOG_LOSS]

    return min(target_of(task).tempering.temperatures, key=loss, default=1.0)


def _votes(task: Task, metric: Metric, labels: NDArray[np.generic], scaled: Answers) -> Counter[str]:
    """How often each trial is taken: each time the one that helps most, up to where they are best together."""
    taken: list[str] = []
    total, merits = np.zeros(next(iter(scaled.values())).shape), []
    for count in range(1, ROUNDS + 1):
        merit = {name: _merit(task, metric, labels, (total + each) / count) for name, each in scaled.items()}
        taken.append(max(merit, key=lambda name: merit[name]))
        total += scaled[taken[-1]]
        merits.append(merit[taken[-1]])
    return Counter(taken[: merits.index(max(merits)) + 1])


def _merit(
    task: Task, metric: Metric, labels: NDArray[np.generic], predictions: NDArray[np.float64]
) -> tuple[float, float]:
    """More is better; of equal scores the one with the lower loss."""
    scores = score(task, labels, predictions)
    return scores[metric] if metric.higher_is_better else -scores[metric], -scores.get(Metric.LOG_LOSS, 0.0)
