"""A verdict in words. Used by `steps.prove` and `proof.card`."""

import math
from statistics import NormalDist

from noria.contract import Metric, Policy
from noria_trainers.proof import rule
from noria_trainers.proof.gain import Gain, least_units
from noria_trainers.proof.judge import Case, Judgement
from noria_trainers.wording import counted, listed, rounded

POWER = 0.8
"""Probability with which so many labels as a message names show what it wants shown."""
MOST_LABELS = 100_000
_NORMAL = NormalDist()


def message(case: Case, found: Judgement, examples: int) -> str:
    """The figures, why they lead to the verdict, and where they do not decide, what would."""
    why = _why(case, found)
    if found.gain is None:
        return why
    parts = [figures(case, found.gain, examples), budget(case), why]
    if case.new_classes:
        parts.append(_new_classes(case))
    if case.served_fails:
        parts.append(f"version {case.served} fails on {counted(case.served_fails, 'example')}")
    return "; ".join(filter(None, parts))


def figures(case: Case, gain: Gain, examples: int) -> str:
    """`Accuracy 0.8710, version 6 has 0.8690: gain 0.0020, between -0.0210 and 0.0250 on 200 examples`."""
    candidate, other, value, low, high = (
        rounded(case.metric, each) for each in (gain.candidate, gain.other, gain.value, gain.low, gain.high)
    )
    scores = f"{case.metric} {candidate}, version {case.served} has {other}"
    return f"{scores}: gain {value}, between {low} and {high} on {counted(examples, 'example')}"


def budget(case: Case) -> str:
    """How the error that one candidate may cause is divided."""
    whole = 100 - case.confidence_percent
    held = whole * rule.HOLDOUT_SHARE
    return f"error budget {whole} %: {held:g} % for the hold-out, {whole - held:g} % for labels"


def labels_needed(case: Case, found: Judgement) -> int | None:
    """About how many labels of uniformly drawn requests would decide; none where no affordable number would.

    That is (deviations / effect)² times the variance, with deviations for the whole error budget and power .8: 2.49 at
    a confidence of 95 %. None either where no example tells the two apart, or so few that chance may.
    """
    if found.gain is None:
        return None
    effect = found.gain.value + (0.0 if case.policy is Policy.BETTER else found.margin)
    if effect <= 0 or found.gain.variance <= 0 or found.units < least_units(case.tail):
        return None
    deviations = _NORMAL.inv_cdf(case.confidence_percent / 100) + _NORMAL.inv_cdf(POWER)
    labels = math.ceil((deviations / effect) ** 2 * found.gain.variance)
    return labels if labels <= MOST_LABELS else None


def _why(case: Case, found: Judgement) -> str:
    match found.finding.reason:
        case rule.UNUSABLE:
            return f"it cannot be served: {case.unusable}"
        case rule.DIFFERENT:
            return f"it answers other questions than version {case.served}: {listed(case.differences, 20)}"
        case rule.NO_COMMON_EXAMPLES:
            cure = "add examples to the Dataset, or decide by hand"
            return f"no held-out example is new to both it and version {case.served}: {cure}"
        case rule.WORSE:
            return f"it is worse{_than_anchor(case, found)} by more than {_allowed(case, found)}"
        case rule.CLASS_WORSE:
            return f"its recall fell for {_worse(found)}"
        case rule.BETTER:
            return "it is better"
        case rule.NOT_WORSE:
            return f"it is not worse by more than {_allowed(case, found)}"
        case rule.NOT_SHOWN:
            return _not_shown(case, found)
    return ""


def _than_anchor(case: Case, found: Judgement) -> str:
    """Names the anchor where that is what a rejection rests on."""
    is_served = found.gain is not None and found.gain.high < -(0 if case.policy is Policy.BETTER else found.margin)
    if is_served or found.anchor is None:
        return ""
    score, gain = (rounded(case.metric, each) for each in (found.anchor.other, found.anchor.value))
    return f" than version {case.anchor} (its {case.metric} is {score}, gain {gain})"


def _not_shown(case: Case, found: Judgement) -> str:
    anchor = found.anchor
    if case.policy is Policy.BETTER:
        wanted = "that it is better is not shown"
    elif anchor and found.gain and rule.is_within(found.gain, found.margin):
        bound = rounded(case.metric, anchor.low)
        wanted = f"that it is not worse than version {case.anchor} is not shown: gain over it at least {bound}"
    else:
        wanted = f"that it is not worse by more than {_allowed(case, found)} is not shown"
    if found.units < (least := least_units(case.tail)):
        return f"{wanted}: so few examples or groups show nothing, and {least} are the least"
    labels = labels_needed(case, found)
    if labels is None:
        return f"{wanted}, and more labels would hardly show it"
    return f"{wanted}; about {counted(labels, 'label')} of requests drawn at random would decide"


def _allowed(case: Case, found: Judgement) -> str:
    """The loss that may be."""
    if case.policy is Policy.BETTER or case.margin_percent == 0 or found.gain is None:
        return "nothing"
    allowed, lead = rounded(case.metric, found.margin), rounded(case.metric, max(0.0, found.gain.lead))
    if found.margin == 0:
        return f"nothing, since version {case.served} does not beat the baseline"
    return f"{allowed} ({case.margin_percent} % of version {case.served}'s lead {lead} over the baseline)"


def _worse(found: Judgement) -> str:
    named = (
        f"{each.name} ({each.other:.3f} to {each.candidate:.3f} on {counted(each.examples, 'example')})"
        for each in found.classes
        if each.is_worse
    )
    return listed(named)


def _new_classes(case: Case) -> str:
    named = (
        f"{each.name} (recall {each.recall:.3f} on {counted(each.examples, 'example')})"
        if each.recall is not None
        else f"{each.name} (not held out)"
        for each in case.new_classes
    )
    return f"it also knows {listed(named)}"


def metric_head(metric: Metric) -> str:
    """The metric, and which way is better."""
    return f"{metric} ({'higher' if metric.higher_is_better else 'lower'} is better)"
