"""From two models' answers to a verdict, without asking the models: whoever has a proof's files repeats it.

Called by `steps.prove`, by `noria why`, and by the benchmark of promotions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from pydantic import Field

from noria.contract import Metric, Policy, Prose, Shape, Task
from noria_trainers.proof import part, rule
from noria_trainers.proof.gain import RESAMPLES, Gain, Paired, gains
from noria_trainers.proof.rule import Evidence, Finding


class NewClass(Shape):
    """A class that only the candidate has."""

    name: Prose
    examples: int
    recall: float | None = None


class Case(Shape):
    """What a verdict rests on besides the models' answers."""

    policy: Policy
    confidence_percent: int
    margin_percent: int
    seed: int
    task: Task
    metric: Metric
    candidate: int
    """Its version."""
    served: int
    anchor: int | None = None
    classes: tuple[str, ...] = ()
    """Of the served version, which has the answers' columns."""
    baseline: tuple[float, ...] = ()
    """The answer that the served version's training labels alone suggest."""
    differences: tuple[Prose, ...] = ()
    new_classes: tuple[NewClass, ...] = ()
    unusable: Prose = ""
    """Why the candidate cannot be served, if so."""
    served_fails: int = Field(default=0, ge=0)
    """Examples that the served version could not answer: the baseline answers in its place."""

    @property
    def tail(self) -> float:
        """The probability with which each bound is wrong."""
        return rule.tail(self.confidence_percent)


@dataclass(frozen=True)
class Judgement:
    """What the answers show, and what follows."""

    finding: Finding
    gain: Gain | None = None
    """Over the served version."""
    anchor: Gain | None = None
    """Over the anchor."""
    margin: float = 0.0
    units: int = 0
    """Groups that were compared, or examples where there are none."""
    classes: tuple[part.ClassGain, ...] = ()
    groups: tuple[part.GroupGain, ...] = ()
    origins: tuple[part.OriginGain, ...] = ()

    @property
    def worse_classes(self) -> tuple[str, ...]:
        """Names of those whose recall fell by more than chance explains."""
        return tuple(each.name for each in self.classes if each.is_worse)


def judge(case: Case, served: Paired | None, anchor: Paired | None = None, *, resamples: int = RESAMPLES) -> Judgement:
    """The verdict on a candidate beside the served version and the anchor; none: there is nothing to compare."""
    served, anchor = (each if each and len(each.labels) else None for each in (served, anchor))
    gain, over_anchor = (_gain(case, each, resamples=resamples) if each else None for each in (served, anchor))
    classes = _classes(case, served)
    groups = part.of_groups(case.task, case.metric, served, classes=len(case.classes)) if served else ()
    return Judgement(
        finding=follows(case, gain, over_anchor, classes),
        gain=gain,
        anchor=over_anchor,
        margin=_margin(case, gain),
        units=served.units if served else 0,
        classes=classes,
        groups=groups,
        origins=part.of_origins(served, partial(_gain, case, resamples=resamples)) if served else (),
    )


def follows(case: Case, gain: Gain | None, over_anchor: Gain | None, classes: Sequence[part.ClassGain]) -> Finding:
    """What follows for the candidate from its gains."""
    found = Evidence(
        policy=case.policy,
        gain=gain,
        anchor=over_anchor,
        margin=_margin(case, gain),
        worse_classes=any(each.is_worse for each in classes),
        differs=bool(case.differences),
        unusable=bool(case.unusable),
    )
    return rule.decide(found)


def _margin(case: Case, gain: Gain | None) -> float:
    return rule.margin(case.margin_percent, gain) if gain else 0.0


def _classes(case: Case, served: Paired | None) -> tuple[part.ClassGain, ...]:
    """None where the baseline answers in the served version's place: it is right about one class always."""
    if served is None or case.served_fails:
        return ()
    return part.of_classes(served, case.classes, tail=case.tail)


def _gain(case: Case, paired: Paired, *, resamples: int) -> Gain:
    found = gains(
        case.task,
        paired,
        np.asarray(case.baseline),
        classes=len(case.classes),
        tail=case.tail,
        seed=case.seed,
        resamples=resamples,
    )
    return found[case.metric]
