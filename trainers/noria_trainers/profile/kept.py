"""What the splits of earlier revisions do to those of this one, in words. Used by `division` and `past`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import SPLITS
from noria_trainers.data.splits import HOLDOUT, MOST_MISSED, TRAIN, VALIDATION, Shares
from noria_trainers.profile import check
from noria_trainers.profile.finding import MOST_KEPT, Findings
from noria_trainers.wording import counted, listed

_CURE = "add examples, or start over with a Dataset of another name (in noria run: another --out)"


def warn_of_start(findings: Findings, why: str) -> None:
    """Says that no example keeps its split."""
    message = f"splits start over, since {why}: the hold-out may have examples that earlier models were trained on"
    findings.warning("SplitsStartOver", f"{message}; they are left out where models are compared")


def warn_of_trained(findings: Findings, examples: Examples, given: NDArray[np.int8], known: NDArray[np.int8]) -> None:
    """Names the examples that are held out by their owner and that earlier models were trained on; both [n]."""
    trained = np.flatnonzero((given == HOLDOUT) & ((known == TRAIN) | (known == VALIDATION)))
    if len(trained):
        names = [examples.name(int(index)) for index in trained[:MOST_KEPT]]
        message = f"{counted(len(trained), 'example')} of the hold-out trained or validated earlier models"
        where = "they are held out as you say, and left out where models are compared"
        findings.warning("HeldOutAfterTraining", f"{message}: {listed(names, 3)}; {where}", names, len(trained))


def check_splits(
    findings: Findings,
    examples: Examples,
    divided: NDArray[np.int8],
    fresh: NDArray[np.int8],
    *,
    shares: Shares,
    least: Sequence[int],
) -> None:
    """Says what splits [n] lack that a fresh division [n] has, because known examples stay in theirs: an error where
    nothing can be trained or scored.
    """
    absent = [name for split, name in enumerate(SPLITS) if split in fresh and split not in divided]
    missing = check.lacking(examples, divided, least)
    untrained = check.lacking(examples, divided, (1, 0, 0))
    if absent or untrained:
        what = listed(untrained) if untrained else f"none in {listed(absent)}"
        message = f"too few examples in a split, since known ones stay in theirs: {what}; {_CURE}"
        findings.error("TooFewPerSplit", message, untrained or absent)
    elif missing:
        message = f"few examples in a split, since known ones stay in theirs: {listed(missing)}"
        findings.warning("SplitsKept", f"{message}; {_CURE}", missing)
    for split, verb, share in ((HOLDOUT, "held out", shares.holdout), (VALIDATION, "to choose by", shares.validation)):
        found, other = (float(np.mean(each == split)) for each in (divided, fresh))
        chance = 2 * np.sqrt(share * (1 - share) / len(divided))
        if abs(found - share) > max(MOST_MISSED, chance, abs(other - share)):
            message = f"{check.percent(found)} of the examples are {verb}, not {check.percent(share)}"
            findings.warning("SplitsKept", f"{message}, since known ones stay in their splits; {_CURE}")
