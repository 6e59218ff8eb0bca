"""Divides examples into splits, and says where that is not as usual. Used by `examine`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from noria.contract import Checks
from noria_trainers.data import splits
from noria_trainers.data.examples import Examples
from noria_trainers.data.splits import Shares
from noria_trainers.profile import check
from noria_trainers.profile.finding import Findings, counted


def divide(
    findings: Findings, examples: Examples, checks: Checks, shares: Shares, *, rare: bool
) -> tuple[Examples, NDArray[np.int8]]:
    """The examples as they are to be ordered, and the split of each [n].

    Equal ones share a split, unless they are rows that repeat because there are few combinations of values; equal
    images or texts (`rare`) are copies.
    """
    minimum = checks.min_examples_per_class
    if examples.times is not None:
        return examples, splits.by_time(examples.times, shares)
    if examples.groups is not None:
        return examples, splits.by_hash(examples.groups, examples.class_index, shares, minimum)
    together = splits.by_hash(examples.keys, examples.class_index, shares, minimum)
    if rare or not _repeats(examples, together, checks, shares):
        return examples, together
    apart = replace(examples, divided=True)
    _warn_of_division(findings, examples)
    return apart, splits.by_hash(apart.keys, apart.class_index, shares, minimum)


def _repeats(examples: Examples, together: NDArray[np.int8], checks: Checks, shares: Shares) -> bool:
    """Whether equal examples must be divided: few differ, or a class that is large enough cannot be divided else."""
    if splits.few_distinct(examples.keys, shares):
        return True
    large = (np.bincount(examples.class_index) >= checks.min_examples_per_class).all()
    equal = len(np.unique(examples.keys)) < len(examples)
    return bool(large and equal and check.lacking(examples, together, checks, shares))


def _warn_of_division(findings: Findings, examples: Examples) -> None:
    distinct = len(np.unique(examples.keys))
    message = (
        f"{counted(len(examples), 'row')} have only {distinct:,} different combinations of features: equal rows are in "
        "different splits, so the score holds for these combinations, not for others; add columns that tell rows apart"
    )
    findings.warning("DuplicatesDivided", message, count=len(examples) - distinct)
