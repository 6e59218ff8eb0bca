"""Candidates of known worth, each decided once by the product's own code. Called by `bench_promotion`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from noria.contract import Metric, Policy, Task, Verdict
from noria_trainers.proof import part
from noria_trainers.proof.gain import Gain, Paired, gains
from noria_trainers.proof.judge import Case, follows
from promotion.simulate import World, rollout, skill_for, truth

GAINS = (0.0, 0.01, -0.01, -0.03)
SIZES = (60, 200, 1200)
RESAMPLES = 500
"""A product's proof has 4,000. Fewer make its bounds noisier, and decisions no better than they are."""
CLASSES = World(Task.TEXT_CLASSIFICATION, classes=2, skill=1.2816)
CLICKS = World(Task.CLICK_THROUGH_RATE, classes=2, skill=1.2)
VALUES = World(Task.TABULAR_REGRESSION, classes=0, skill=0.6)
HITS = (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1)


@dataclass(frozen=True)
class Question:
    """Candidates that are better by so much, and the metrics by which they are decided about."""

    world: World
    metrics: tuple[Metric, ...]
    """All give candidates of the same skill the same gain."""
    gain: float
    """In points: a loss counts as a share of the baseline's."""
    size: int
    """Examples held out."""


def questions() -> list[Question]:
    """Every metric at every size and gain."""
    groups: list[tuple[World, tuple[Metric, ...]]] = [(CLASSES, HITS)]
    groups += [(CLASSES, (Metric.LOG_LOSS,))]
    groups += [(CLICKS, (each,)) for each in (Metric.ROC_AUC, Metric.LOG_LOSS)]
    groups += [(VALUES, (each,)) for each in (Metric.R2, Metric.RMSE, Metric.MAE)]
    return [Question(world, metrics, gain, size) for world, metrics in groups for size in SIZES for gain in GAINS]


def by_agreement() -> list[Question]:
    """The accuracy on 200 examples, of models that agree more or less."""
    worlds = [World(Task.TEXT_CLASSIFICATION, 2, 1.2816, alike) for alike in (0.98, 0.95, 0.9, 0.8, 0.6)]
    return [Question(world, (Metric.ACCURACY,), gain, 200) for world in worlds for gain in (0.0, -0.03)]


@dataclass
class Tally:
    """Shares of the rollouts of one question, for one metric."""

    task: Task
    metric: Metric
    gain: float
    size: int
    not_worse: float
    """Promoted by policy NotWorse."""
    better: float
    """Promoted by policy Better."""
    rejected: float
    """By policy NotWorse."""
    plain: float
    """With a lower bound within the margin, which alone would promote."""
    low_missed: float
    """Lower bounds above the true gain."""
    high_missed: float
    margin: float
    """In points, on average."""
    deviation: float
    """Of the gain that is seen, in points."""
    differing: float
    """Share of the examples on which only one of the models is right."""


def tallies(question: Question, rollouts: int, seed: int) -> list[dict[str, Any]]:
    """One tally for each metric of the question."""
    skill = skill_for(question.world, question.metrics[0], question.gain)
    rng = np.random.default_rng([seed, question.size, round(1000 * (question.gain + 1))])
    seen: dict[Metric, list[Mapping[str, float]]] = {metric: [] for metric in question.metrics}
    for number in range(rollouts):
        paired = rollout(question.world, skill, question.size, rng)
        found = gains(
            question.world.task, paired, question.world.baseline, classes=question.world.classes,
            tail=case(question.world, question.metrics[0], Policy.BETTER).tail, seed=number, resamples=RESAMPLES,
        )  # fmt: skip
        classes = classes_of(question.world, paired)
        for metric in question.metrics:
            seen[metric].append(_seen(question, metric, found[metric], classes, paired, skill))
    return [asdict(_tally(question, metric, rows)) for metric, rows in seen.items()]


def case(world: World, metric: Metric, policy: Policy) -> Case:
    """What is decided, but for the answers: everything as it is by default."""
    return Case(
        policy=policy,
        confidence_percent=95,
        margin_percent=10,
        seed=0,
        task=world.task,
        metric=metric,
        candidate=7,
        served=6,
        classes=names(world),
        baseline=tuple(map(float, world.baseline)),
    )


def names(world: World) -> tuple[str, ...]:
    """Of the classes."""
    return tuple(f"class {number}" for number in range(world.classes))


def classes_of(world: World, paired: Paired) -> tuple[part.ClassGain, ...]:
    """What each class gained."""
    return part.of_classes(paired, names(world), tail=case(world, Metric.ACCURACY, Policy.BETTER).tail)


def _seen(
    question: Question, metric: Metric, gain: Gain, classes: Sequence[part.ClassGain], paired: Paired, skill: float
) -> Mapping[str, float]:
    world = question.world
    not_worse, better = (
        follows(case(world, metric, policy), gain, None, classes) for policy in (Policy.NOT_WORSE, Policy.BETTER)
    )
    point = 1.0 if metric.higher_is_better else gain.baseline
    true_gain = (truth(world, skill)[metric] - truth(world, world.skill)[metric]) * point
    margin = 0.1 * max(0.0, gain.lead)
    return {
        "not_worse": not_worse.result is Verdict.PROMOTED,
        "better": better.result is Verdict.PROMOTED,
        "rejected": not_worse.result is Verdict.REJECTED,
        "plain": gain.low >= -margin,
        "low_missed": gain.low > true_gain,
        "high_missed": gain.high < true_gain,
        "margin": margin / point,
        "value": gain.value / point,
        "differing": _differing(paired),
    }


def _differing(paired: Paired) -> float:
    if paired.candidate.shape[1] < 2:
        return float("nan")
    one, other = (each.argmax(axis=1) == paired.labels for each in (paired.candidate, paired.other))
    return float((one != other).mean())


def _tally(question: Question, metric: Metric, rows: Sequence[Mapping[str, float]]) -> Tally:
    mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    deviation = float(np.std([row["value"] for row in rows]))
    del mean["value"]
    return Tally(question.world.task, metric, question.gain, question.size, deviation=deviation, **mean)


def reasons(question: Question, rollouts: int, policy: Policy) -> Counter[str]:
    """How often each reason was given, for a sample."""
    skill, rng = skill_for(question.world, question.metrics[0], question.gain), np.random.default_rng(0)
    found: Counter[str] = Counter()
    for number in range(rollouts):
        paired = rollout(question.world, skill, question.size, rng)
        given = case(question.world, question.metrics[0], policy)
        every = gains(
            question.world.task, paired, question.world.baseline, classes=question.world.classes, tail=given.tail,
            seed=number, resamples=RESAMPLES,
        )  # fmt: skip
        found[follows(given, every[question.metrics[0]], None, classes_of(question.world, paired)).reason] += 1
    return found
