"""How much better one model is than another on the same examples, with bounds. Used by `proof.judge`.

The bounds are those of the paired percentile bootstrap, by group where examples come in groups, corrected three times
for what a small hold-out does not show:

* The quantiles are expanded (Hesterberg, What teachers should know about the bootstrap, 2015, section 4.3): those of a
  few groups lie too close together otherwise.
* No bound is closer to the gain than z² / (n + z²) of what an example can change. That is the score interval of a share
  that was never seen (Wilson, 1927; for paired shares Tango, 1998): resamples of examples to which both models answer
  alike never differ, though 60 such examples leave room for 6 that they would answer differently in 100.
* So few units that chance lets one of two equal models do better on all of them show nothing: their bounds lie beyond
  0 and beyond any margin, on both sides. Resamples of a single group, or of two that agree, have no other sign.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from noria.contract import TASKS, Metric, Task
from noria_trainers.metrics import score
from noria_trainers.target.resample import Counts, Floats, Resampling, Scores, unseen
from noria_trainers.target.target import target_of

RESAMPLES = 4000
"""So that some 80 lie beyond a bound of 2 %."""


@dataclass(frozen=True)
class Paired:
    """Two models' answers to the same n examples."""

    labels: NDArray[np.generic]
    """[n]."""
    candidate: Floats
    """[n, k]."""
    other: Floats
    """[n, k]."""
    groups: Counts | None = None
    """The group of each example [n], counted from 0."""
    origins: NDArray[np.str_] | None = None
    """Where each example [n] came from."""

    def only(self, chosen: NDArray[np.bool_]) -> "Paired":
        """The chosen ones of the examples [n]."""
        groups = None if self.groups is None else np.unique(self.groups[chosen], return_inverse=True)[1]
        origins = None if self.origins is None else self.origins[chosen]
        return Paired(self.labels[chosen], self.candidate[chosen], self.other[chosen], groups, origins)

    @property
    def units(self) -> int:
        """How many groups there are, or examples where there are none."""
        return len(self.labels) if self.groups is None else int(self.groups.max(initial=-1)) + 1


@dataclass(frozen=True)
class Gain:
    """By how much the candidate is better; above 0 is better, whatever the metric."""

    candidate: float
    """Its score."""
    other: float
    """The other model's score."""
    baseline: float
    """The score of what gives every example the same answer."""
    value: float
    low: float
    high: float
    lead: float
    """By how much the other model is better than the baseline."""
    variance: float
    """Of one unit's part in the gain: for the accuracy the share of examples on which only one of the two is right."""


def gains(
    task: Task, paired: Paired, baseline: Floats, *, classes: int, tail: float, seed: int, resamples: int = RESAMPLES
) -> Mapping[Metric, Gain]:
    """The gain by every metric of the task.

    `baseline` broadcasts to [n, k]; each bound is wrong with probability `tail`.
    """
    constant = np.broadcast_to(baseline, paired.other.shape)
    scores = [score(task, paired.labels, each, classes) for each in (paired.candidate, paired.other, constant)]
    resampling = Resampling(np.random.default_rng(seed), paired.groups, most=resamples)
    drawn = target_of(task).resampled(resampling, paired.labels, [paired.candidate, paired.other], classes)
    return {metric: _gain(metric, scores, drawn, paired.units, tail) for metric in TASKS[task].metrics.all}


def _gain(
    metric: Metric, scores: Sequence[Mapping[Metric, float]], drawn: Sequence[Scores], units: int, tail: float
) -> Gain:
    sign = 1 if metric.higher_is_better else -1
    candidate, other, baseline = (each[metric] for each in scores)
    value, lead = sign * (candidate - other), sign * (other - baseline)
    differences = sign * (drawn[0][metric] - drawn[1][metric])
    beyond = expanded(tail, units)
    low, high = np.quantile(differences, (beyond, 1 - beyond))
    room = unseen(tail, units) * (1.0 if metric.counts_hits else abs(lead))
    low, high = min(float(low), value - room), max(float(high), value + room)
    if units < least_units(tail):
        anything = abs(value) + 2 * abs(lead)
        low, high = min(low, -anything), max(high, anything)
    return Gain(
        candidate=candidate,
        other=other,
        baseline=baseline,
        value=value,
        low=low,
        high=high,
        lead=lead,
        variance=units * float(differences.var()),
    )


def least_units(tail: float) -> int:
    """How many units, all won, are no chance where each is won or lost with the same probability: 6 for 2 %."""
    return math.ceil(-math.log2(tail))


def expanded(tail: float, units: int) -> float:
    """The probability beyond a quantile of resamples of so many units that makes a bound wrong with probability `tail`.

    As for Student's t instead of the normal distribution, and without the bias of the resamples' variance.
    """
    if units < 2:
        return tail
    return float(stats.norm.cdf(-np.sqrt(units / (units - 1)) * stats.t.ppf(1 - tail, units - 1)))
