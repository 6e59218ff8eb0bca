"""Divides examples into splits, and says where that is not as usual. Used by `examine`."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from noria.contract import ColumnType, ProfileOrder, replaced
from noria_trainers.data import splits
from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import SplitRule
from noria_trainers.data.splits import HOLDOUT, LEFT_OUT, TRAIN, UNDECIDED, VALIDATION, Cutoffs, Shares
from noria_trainers.profile import check
from noria_trainers.profile.finding import MOST_KEPT, Findings
from noria_trainers.wording import counted, listed


@dataclass(frozen=True)
class Division:
    """Examples in their splits."""

    examples: Examples
    """As they are to be ordered [n]."""
    splits: NDArray[np.int8]
    """Indices into SPLITS, or LEFT_OUT, [n]."""
    least: tuple[int, int, int]
    """How many examples of each class every split needs."""
    rule: SplitRule


def divide(findings: Findings, examples: Examples, order: ProfileOrder, *, rare: bool) -> Division:
    """The examples in the splits that the source gives them, or by hash or time.

    Equal ones share a split, unless they are rows that repeat because there are few combinations of values; equal
    images or texts (`rare`) are copies.
    """
    if order.holdout_uri or order.holdout_column:
        return _with_holdout(findings, examples, order, rare=rare)
    shares, minimum = Shares(order.holdout_fraction), order.checks.min_examples_per_class
    together = _drawn(examples, shares, minimum, _rule(order))
    if rare or examples.times is not None or examples.groups is not None or not _repeats(together, shares, minimum):
        return together
    _warn_of_division(findings, examples)
    return _drawn(replace(examples, divided=True), shares, minimum, together.rule)


def _rule(order: ProfileOrder) -> SplitRule:
    """What the order says of how to divide."""
    named = {each.type: each.name for each in order.columns}
    given = "given" if order.holdout_uri or order.holdout_column else None
    return SplitRule(group=named.get(ColumnType.GROUP), time=named.get(ColumnType.TIME), holdout=given)


def _drawn(examples: Examples, shares: Shares, minimum: int, rule: SplitRule) -> Division:
    """The examples divided by time, or by a hash of their groups or features."""
    least = shares.least(minimum)
    if examples.times is None:
        keys = examples.keys if examples.groups is None else examples.groups
        return Division(examples, splits.by_hash(keys, examples.class_index, shares, minimum), least, rule)
    cutoffs = Cutoffs.of(examples.times, shares)
    holdout_from = cutoffs.holdout if shares.holdout else None
    rule = replaced(rule, validation_from=cutoffs.validation, holdout_from=holdout_from)
    return Division(examples, splits.by_time(examples.times, cutoffs), least, rule)


def _repeats(together: Division, shares: Shares, minimum: int) -> bool:
    """Whether equal examples must be divided: few differ, or a class that is large enough cannot be divided else."""
    examples = together.examples
    if splits.few_distinct(examples.keys, shares):
        return True
    large = (np.bincount(examples.class_index) >= minimum).all()
    equal = len(np.unique(examples.keys)) < len(examples)
    return bool(large and equal and check.lacking(examples, together.splits, together.least))


def _warn_of_division(findings: Findings, examples: Examples) -> None:
    distinct = len(np.unique(examples.keys))
    message = (
        f"{counted(len(examples), 'row')} have only {distinct:,} different combinations of features: equal rows are in "
        "different splits, so the score holds for these combinations, not for others; add columns that tell rows apart"
    )
    findings.warning("DuplicatesDivided", message, count=len(examples) - distinct)


def _with_holdout(findings: Findings, examples: Examples, order: ProfileOrder, *, rare: bool) -> Division:
    """The examples in the hold-out that the source gives; validation comes from the rest where it gives none."""
    given = np.full(len(examples), UNDECIDED, np.int8) if examples.given is None else examples.given.copy()
    if HOLDOUT not in given:
        if not findings.refused:
            where = f"{order.holdout_uri} has" if order.holdout_uri else f"holdout.column {order.holdout_column} gives"
            findings.error("NoHoldout", f"{where} no labelled example to hold out: add some, or correct holdout")
        return Division(examples, given, (0, 0, 0), _rule(order))
    examples = _without_copies(findings, examples, given, rare=rare)
    _warn_of_groups(findings, examples, given)
    _warn_of_unseen(findings, examples, given)
    if VALIDATION in given:
        return Division(examples, np.where(given == UNDECIDED, TRAIN, given), (1, 0, 0), _rule(order))
    shares = Shares(0.0, order.holdout_fraction)
    minimum = max(2, round(order.checks.min_examples_per_class * (1 - order.holdout_fraction)))
    rest = np.flatnonzero((given == UNDECIDED) | (given == TRAIN))
    drawn = _drawn(examples.chosen(rest), shares, minimum, _rule(order))
    given[rest] = drawn.splits
    return replace(drawn, examples=examples, splits=given)


def _without_copies(findings: Findings, examples: Examples, given: NDArray[np.int8], *, rare: bool) -> Examples:
    """Leaves examples out of `given` [n] that the hold-out has as well; rows stay that repeat among the rest too."""
    held = np.flatnonzero(given == HOLDOUT)
    rest = np.flatnonzero(given != HOLDOUT)
    copies = rest[np.isin(examples.keys[rest], examples.keys[held])]
    if not len(copies):
        return examples
    repeats = not rare and len(rest) >= 2 * len(np.unique(examples.keys[rest]))
    original = dict(zip(examples.keys[held].tolist(), held.tolist(), strict=True))
    names = [f"{examples.name(i)} = {examples.name(original[int(examples.keys[i])])}" for i in copies[:MOST_KEPT]]
    share = check.percent(len(copies) / len(rest))
    message = f"{counted(len(copies), 'example')} ({share} of the rest) are also in the hold-out"
    where = "they stay in both, since many rows are equal" if repeats else "only the hold-out keeps them"
    findings.warning("AlsoInHoldout", f"{message}: {listed(names, 3)}; {where}", names, len(copies))
    if repeats:
        return replace(examples, divided=True)
    given[copies] = LEFT_OUT
    return examples


def _warn_of_groups(findings: Findings, examples: Examples, given: NDArray[np.int8]) -> None:
    """Groups are never divided but by their owner."""
    if examples.groups is None:
        return
    held = given == HOLDOUT
    shared = np.flatnonzero(~held & np.isin(examples.groups, examples.groups[held]))
    if len(shared):
        names = [examples.name(int(index)) for index in shared[:MOST_KEPT]]
        message = f"{counted(len(shared), 'example')} are of groups that the hold-out has too: {listed(names, 3)}"
        cure = "the score may be too good: hold out whole groups"
        findings.warning("GroupsInHoldout", f"{message}; {cure}", names, len(shared))


def _warn_of_unseen(findings: Findings, examples: Examples, given: NDArray[np.int8]) -> None:
    counts = examples.class_counts(given == HOLDOUT)
    absent = [name for name, count in zip(examples.classes, counts, strict=False) if not count]
    if absent:
        message = f"{counted(len(absent), 'class')} without an example in the hold-out: {listed(absent)}"
        findings.warning("ClassesNotHeldOut", f"{message}; the score says nothing about them, so add some", absent)
