"""What follows from a proof: pure. Used by `proof.judge`."""

from dataclasses import dataclass

from noria.contract import Policy, Verdict
from noria_trainers.proof.gain import Gain

HOLDOUT_SHARE = 0.4
"""Of the error that one candidate may cause, what the hold-out may use up; labels may use the rest."""
BETTER, NOT_WORSE, WORSE, CLASS_WORSE = "Better", "NotWorse", "Worse", "ClassWorse"
NOT_SHOWN, NO_COMMON_EXAMPLES, DIFFERENT, UNUSABLE = "NotShown", "NoCommonExamples", "Different", "Unusable"
ALWAYS, APPROVAL_WANTED = "Always", "ApprovalWanted"
_EVEN, _CLOSE = 1 / 20, 1 / 3
"""Parts of the margin: what did worse by less than the first counts as even, else the bound must be in the second."""


@dataclass(frozen=True)
class Evidence:
    """What a proof found out about a candidate."""

    policy: Policy
    gain: Gain | None
    """Over the served version; none where there was nothing to compare."""
    anchor: Gain | None
    """Over the last version that was better, if that is not the served one."""
    margin: float
    """The loss that may be, in the metric's unit."""
    worse_classes: bool = False
    differs: bool = False
    """Whether it answers other questions than the served version."""
    unusable: bool = False
    """Whether it cannot be loaded, or cannot answer an example."""


@dataclass(frozen=True)
class Finding:
    """What follows for the candidate."""

    result: Verdict
    reason: str
    is_better: bool = False
    """Whether it is better than the served version and the anchor."""


def tail(confidence_percent: int) -> float:
    """The probability with which each bound of a gain is wrong."""
    return (1 - confidence_percent / 100) * HOLDOUT_SHARE


def margin(margin_percent: int, gain: Gain) -> float:
    """The loss that may be: a share of the served version's lead over the baseline, none where it has no lead."""
    return margin_percent / 100 * max(0.0, gain.lead)


def decide(found: Evidence) -> Finding:
    """What follows, the first row that applies:

    | the candidate                                                           | result       | reason           |
    |-------------------------------------------------------------------------|--------------|------------------|
    | policy Always                                                           | Promoted     | Always           |
    | cannot be loaded or cannot answer                                       | Rejected     | Unusable         |
    | answers other questions, e.g. lacks a class                             | Inconclusive | Different        |
    | policy Approve                                                          | Inconclusive | ApprovalWanted   |
    | has no example in common with the served version                        | Inconclusive | NoCommonExamples |
    | high < -margin; policy Better: high < 0                                 | Rejected     | Worse            |
    | recall of a class fell by more than chance explains                     | Inconclusive | ClassWorse       |
    | low > 0                                                                 | Promoted     | Better           |
    | policy NotWorse: high of the gain over the anchor < -margin             | Rejected     | Worse            |
    | policy NotWorse: low >= -margin over both, and over the served version  | Promoted     | NotWorse         |
    | gain >= -margin / 20 or low >= -margin / 3                              |              |                  |
    | else                                                                    | Inconclusive | NotShown         |

    Two demands make NotWorse: bounds within the margin alone would promote what did clearly worse on the examples
    wherever the margin is wider than chance, and scores alone would promote anything that was lucky on few examples.
    """
    if found.policy is Policy.ALWAYS:
        return Finding(Verdict.PROMOTED, ALWAYS)
    if found.unusable:
        return Finding(Verdict.REJECTED, UNUSABLE)
    if found.differs:
        return Finding(Verdict.INCONCLUSIVE, DIFFERENT)
    if found.policy is Policy.APPROVE:
        return Finding(Verdict.INCONCLUSIVE, APPROVAL_WANTED)
    if found.gain is None:
        return Finding(Verdict.INCONCLUSIVE, NO_COMMON_EXAMPLES)
    return _compared(found, found.gain)


def _compared(found: Evidence, gain: Gain) -> Finding:
    allowed = 0.0 if found.policy is Policy.BETTER else found.margin
    is_better = gain.low > 0 and (found.anchor is None or found.anchor.low > 0)
    if gain.high < -allowed:
        return Finding(Verdict.REJECTED, WORSE)
    if found.worse_classes:
        return Finding(Verdict.INCONCLUSIVE, CLASS_WORSE, is_better)
    if gain.low > 0:
        return Finding(Verdict.PROMOTED, BETTER, is_better)
    if found.policy is Policy.BETTER:
        return Finding(Verdict.INCONCLUSIVE, NOT_SHOWN)
    if found.anchor is not None and found.anchor.high < -allowed:
        return Finding(Verdict.REJECTED, WORSE)
    if is_within(gain, allowed) and (found.anchor is None or found.anchor.low >= -allowed):
        return Finding(Verdict.PROMOTED, NOT_WORSE)
    return Finding(Verdict.INCONCLUSIVE, NOT_SHOWN)


def is_within(gain: Gain, margin: float) -> bool:
    """Whether it is not worse by more than the margin, and did as well on the examples or is shown to be close."""
    return gain.low >= -margin and (gain.value >= -margin * _EVEN or gain.low >= -margin * _CLOSE)
