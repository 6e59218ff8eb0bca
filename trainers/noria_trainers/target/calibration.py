"""Whether probabilities come true: examples of about equal ones beside how often they were right. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PARTS = 10
_MEAN_DEVIATION = math.sqrt(2 / math.pi)
"""Mean distance of a normal value from its mean, in standard deviations."""


@dataclass(frozen=True)
class Part:
    """Examples of about equal probability."""

    examples: int
    said: float
    """Their mean probability."""
    seen: float
    """The share of them for which it came true."""
    chance: float
    """How far apart the two would be on average if the probabilities were exact."""


@dataclass(frozen=True)
class Calibration:
    """Probabilities of the hold-out beside what happened."""

    what: str
    """What they are the probability of, to complete `The probability that ...`."""
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, what: str, came_true: NDArray[np.generic], probability: NDArray[np.floating]) -> "Calibration":
        """From what came true [n], 0 or 1, and how probable it was said to be [n]: in tenths of the examples."""
        truth, said = np.asarray(came_true, np.float64), np.asarray(probability, np.float64)
        tenths = [part for part in np.array_split(np.argsort(said, kind="stable"), PARTS) if len(part)]
        return cls(what, tuple(_part(truth[each], said[each]) for each in tenths))

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of what was said from what was seen, over the examples."""
        return self._mean([abs(each.said - each.seen) for each in self.parts])

    @property
    def chance(self) -> float:
        """The error that exact probabilities would show on so few examples."""
        return self._mean([each.chance for each in self.parts])

    def _mean(self, values: list[float]) -> float:
        return float(np.average(values, weights=[each.examples for each in self.parts]))


def _part(truth: NDArray[np.float64], said: NDArray[np.float64]) -> Part:
    deviation = math.sqrt(float((said * (1 - said)).clip(0).sum())) / len(said)
    return Part(len(said), float(said.mean()), float(truth.mean()), _MEAN_DEVIATION * deviation)
