"""Fifty retrains of one Model, all proven on the same hold-out. Called by `bench_promotion`.

Every candidate's true accuracy is that of a trend with noise of one point. What is promoted serves and is compared
with the next candidate; the last one that was better is the anchor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric, Policy, Verdict
from noria_trainers.proof.gain import Paired
from noria_trainers.proof.judge import judge
from promotion.rollouts import CLASSES, RESAMPLES, case
from promotion.simulate import Array, skill_for, truth

ROUNDS, SIZE = 50, 200
NOISE = 0.01
TRENDS = {"retrains are noise": 0.0, "labels help": 0.001, "labels harm": -0.001}
"""Points of accuracy a round."""
POLICIES = (Policy.NOT_WORSE, Policy.BETTER, Policy.ALWAYS)
WORTH = 0.01
"""Points by which a candidate must be better to be missed."""
_GRID = np.linspace(-0.1, 0.09, 9)


@dataclass(frozen=True)
class Trained:
    """A version: how good it is, and what it answers to the hold-out."""

    worth: float
    """True accuracy, less that of the first version."""
    scores: Array
    """[n, classes]."""


@dataclass(frozen=True)
class Life:
    """What happened to one Model."""

    worth: tuple[float, ...]
    """Of what served after each round."""
    promoted: int
    worse: int
    """Promotions of what was truly worse."""
    beyond: int
    """Promotions of what was worse by more than the margin."""
    missed: int
    """Candidates not promoted that were better by a point or more."""
    worthy: int
    """Candidates that were better by a point or more."""
    optimism: float
    """By how much the last version's score on the hold-out is better than it is on all examples there are."""


def life(policy: Policy, trend: float, seed: int) -> Life:
    """One Model's fifty rounds."""
    rng = np.random.default_rng(seed)
    labels, seen = CLASSES.examples(rng, SIZE)
    served = anchor = _trained(rng, labels, seen, 0.0)
    worth, counts = [], dict.fromkeys(("promoted", "worse", "beyond", "missed", "worthy"), 0)
    first = truth(CLASSES, CLASSES.skill)[Metric.ACCURACY]
    for number in range(ROUNDS):
        candidate = _trained(rng, labels, seen, trend * (number + 1) + NOISE * rng.normal())
        gain = candidate.worth - served.worth
        promoted, is_better = _decided(policy, labels, candidate, served, anchor)
        margin = 0.1 * (first + served.worth - 0.5)
        counts["promoted"] += promoted
        counts["worse"] += promoted and gain < 0
        counts["beyond"] += promoted and gain < -margin
        counts["worthy"] += gain >= WORTH
        counts["missed"] += gain >= WORTH and not promoted
        served = candidate if promoted else served
        anchor = candidate if promoted and is_better else anchor
        worth.append(served.worth)
    shown = float((served.scores.argmax(axis=1) == labels).mean())
    return Life(tuple(worth), optimism=shown - first - served.worth, **counts)


def _trained(rng: np.random.Generator, labels: NDArray[np.generic], seen: Array, worth: float) -> Trained:
    return Trained(worth, CLASSES.answers(rng, labels, seen, float(np.interp(worth, _GRID, _skills()))))


@cache
def _skills() -> list[float]:
    return [skill_for(CLASSES, Metric.ACCURACY, float(each)) for each in _GRID]


def _decided(
    policy: Policy, labels: NDArray[np.generic], candidate: Trained, served: Trained, anchor: Trained
) -> tuple[bool, bool]:
    """Whether the candidate is promoted, and whether it becomes the anchor."""
    if policy is Policy.ALWAYS:
        return True, False
    beside = Paired(labels, candidate.scores, served.scores)
    last = None if anchor is served else Paired(labels, candidate.scores, anchor.scores)
    found = judge(case(CLASSES, Metric.ACCURACY, policy), beside, last, resamples=RESAMPLES).finding
    return found.result is Verdict.PROMOTED, found.is_better


def summary(lives: Sequence[Life]) -> Mapping[str, object]:
    """Means over the lives."""
    worth = np.asarray([each.worth for each in lives])
    worthy = sum(each.worthy for each in lives)
    return {
        "lives": len(lives),
        "worth": float(worth[:, -1].mean()),
        "worth_5th_percentile": float(np.quantile(worth[:, -1], 0.05)),
        "promoted": float(np.mean([each.promoted for each in lives])),
        "worse": float(np.mean([each.worse for each in lives])),
        "beyond_margin": float(np.mean([each.beyond for each in lives])),
        "missed": sum(each.missed for each in lives) / max(1, worthy),
        "optimism": float(np.mean([each.optimism for each in lives])),
        "by_round": [round(float(each), 5) for each in worth.mean(axis=0)],
    }
