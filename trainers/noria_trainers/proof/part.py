"""Gains of parts of the examples: of each class, of each group, of each origin. Used by `proof.judge`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric, Task
from noria_trainers.metrics import score
from noria_trainers.proof.gain import Gain, Paired
from noria_trainers.target.resample import Floats

LEAST_EXAMPLES = 20
"""Of a group or an origin whose scores say something."""
MOST_GROUPS = 50


@dataclass(frozen=True)
class ClassGain:
    """By how much the candidate's recall of a class is better."""

    name: str
    examples: int
    candidate: float
    """Its recall."""
    other: float
    """The other model's."""
    low: float
    high: float
    """Bounds that hold for all classes at once."""

    @property
    def is_worse(self) -> bool:
        """Whether the recall fell by more than chance explains."""
        return self.high < 0


@dataclass(frozen=True)
class GroupGain:
    """Scores of a group of examples by the proof's metric."""

    group: int
    examples: int
    candidate: float
    other: float


@dataclass(frozen=True)
class OriginGain:
    """The gain on the examples of one origin."""

    origin: str
    """A member of `Origin`."""
    examples: int
    gain: Gain


def of_classes(paired: Paired, classes: Sequence[str], *, tail: float) -> tuple[ClassGain, ...]:
    """The gain of every class that occurs, in the order of classes; none where answers are not a score for each class.

    All bounds together are wrong with probability `tail` on each side (Bonferroni).
    """
    if len(classes) < 2 or paired.candidate.ndim != 2 or paired.candidate.shape[1] != len(classes):
        return ()
    labels = np.asarray(paired.labels, np.int64)
    present = np.unique(labels)
    deviations = NormalDist().inv_cdf(1 - tail / max(1, len(present)))
    hits, others = (each.argmax(axis=1) == labels for each in (paired.candidate, paired.other))
    found = []
    for label in present:
        chosen = labels == label
        low, high = _bounds(*_of(paired, chosen, hits, others), deviations)
        recalls = float(hits[chosen].mean()), float(others[chosen].mean())
        found.append(ClassGain(classes[label], int(chosen.sum()), *recalls, low, high))
    return tuple(found)


def _of(
    paired: Paired, chosen: NDArray[np.bool_], hits: NDArray[np.bool_], others: NDArray[np.bool_]
) -> tuple[Floats, int]:
    """What each group, or each example, of the chosen ones [n] gained [units], and how many are chosen."""
    gained = hits[chosen].astype(np.float64) - others[chosen]
    if paired.groups is not None:
        _, unit = np.unique(paired.groups[chosen], return_inverse=True)
        gained = np.asarray(np.bincount(unit, gained), np.float64)
    return gained, int(chosen.sum())


def _bounds(gained: Floats, examples: int, deviations: float) -> tuple[float, float]:
    """Bounds of a mean gain, of units that gained so much [units] and have so many examples together.

    After Bonett and Price, Adjusted Wald confidence interval for a difference of binomial proportions based on paired
    data, 2012: one example that was won and one that was lost are added.
    """
    total, units = gained.sum(), len(gained) + 2
    middle = total / (examples + 2)
    error = np.sqrt(np.square(gained).sum() + 2 - total**2 / units) / (examples + 2)
    return max(-1.0, float(middle - deviations * error)), min(1.0, float(middle + deviations * error))


def of_groups(task: Task, metric: Metric, paired: Paired, *, classes: int) -> tuple[GroupGain, ...]:
    """The scores of groups with enough examples, the largest first."""
    if paired.groups is None:
        return ()
    sizes = np.bincount(paired.groups)
    largest = np.argsort(-sizes, kind="stable")[:MOST_GROUPS]
    found = []
    for group in largest[sizes[largest] >= LEAST_EXAMPLES]:
        chosen = paired.groups == group
        candidate, other = (
            score(task, paired.labels[chosen], each[chosen], classes)[metric]
            for each in (paired.candidate, paired.other)
        )
        found.append(GroupGain(int(group), int(sizes[group]), candidate, other))
    return tuple(found)


def of_origins(paired: Paired, gain_of: Callable[[Paired], Gain]) -> tuple[OriginGain, ...]:
    """The gain on the examples of each origin with enough of them."""
    if paired.origins is None:
        return ()
    names, counts = np.unique(paired.origins, return_counts=True)
    return tuple(
        OriginGain(str(name), int(count), gain_of(paired.only(paired.origins == name)))
        for name, count in zip(names, counts, strict=True)
        if count >= LEAST_EXAMPLES
    )
