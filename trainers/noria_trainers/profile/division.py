"""Divides examples into splits, and says where that is not as usual. Used by `examine`."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from noria.contract import ColumnType, ProfileOrder, replaced
from noria_trainers.data import splits
from noria_trainers.data.examples import Examples
from noria_trainers.data.history import Earlier, History
from noria_trainers.data.manifest import SplitRule
from noria_trainers.data.splits import HOLDOUT, LEFT_OUT, TRAIN, UNDECIDED, VALIDATION, Cutoffs, Shares
from noria_trainers.profile import check, kept
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
    earlier: Earlier = field(default_factory=Earlier)
    """What only earlier revisions had."""


@dataclass(frozen=True)
class Past:
    """How earlier revisions divided the examples."""

    history: History
    features: NDArray[np.uint64] | None = None
    """Hash of the features as that of the history [n], where it is not the examples' own."""

    def known(self, examples: Examples, rule: SplitRule) -> NDArray[np.int8]:
        """The split that each example has already, UNDECIDED where it has none [n]."""
        features = examples.features if self.features is None else self.features
        return self.history.splits_of(examples, features, rule)


@dataclass(frozen=True)
class _Asked:
    """How to divide."""

    shares: Shares
    minimum: int
    """Examples of a class that is large enough to be divided."""
    rule: SplitRule
    rare: bool
    """Whether equal examples are copies."""
    past: Past | None

    @property
    def least(self) -> tuple[int, int, int]:
        return self.shares.least(self.minimum)

    @property
    def starts_over(self) -> bool:
        """Whether no split can be kept: the latest are held out, by other times than before."""
        if self.past is None or self.rule.time is None or self.past.history.is_of_unknown_rule:
            return False
        return self.rule.time != self.past.history.rule.time


def divide(
    findings: Findings, examples: Examples, order: ProfileOrder, *, rare: bool, past: Past | None = None
) -> Division:
    """The examples in the splits that they had, that the source gives them, or that hash or time decides.

    Equal ones share a split, unless they are rows that repeat because there are few combinations of values; equal
    images or texts (`rare`) are copies.
    """
    asked = _Asked(Shares(order.holdout_fraction), order.checks.min_examples_per_class, _rule(order), rare, past)
    if asked.rule.holdout:
        found = _with_holdout(findings, examples, order, asked)
    else:
        found = _without_holdout(findings, examples, asked)
    return found if past is None else replace(found, earlier=past.history.left(found.examples, found.rule))


def _rule(order: ProfileOrder) -> SplitRule:
    """What the order says of how to divide."""
    named = {each.type: each.name for each in order.columns}
    given = "given" if order.holdout_uri or order.holdout_column else None
    return SplitRule(group=named.get(ColumnType.GROUP), time=named.get(ColumnType.TIME), holdout=given)


def _without_holdout(findings: Findings, examples: Examples, asked: _Asked) -> Division:
    fresh = _drawn(examples, asked, None)
    may_repeat = not asked.rare and examples.times is None and examples.groups is None
    if may_repeat and (_repeats(fresh, asked) or _was_divided(examples, asked.past)):
        _warn_of_division(findings, examples)
        examples = replace(examples, divided=True)
        fresh = _drawn(examples, asked, None)
    return _kept(findings, fresh, asked, _known(findings, examples, asked))


def _known(findings: Findings, examples: Examples, asked: _Asked) -> NDArray[np.int8] | None:
    """The split that each example has already [n]; none, and a warning, where none has any."""
    if asked.past is None:
        return None
    known = asked.past.known(examples, asked.rule)
    if asked.starts_over:
        kept.warn_of_start(findings, f"the Time column is {asked.rule.time}")
        return None
    if (known == UNDECIDED).all():
        cure = "" if asked.rare else " (declare columns Ignore that change by themselves)"
        kept.warn_of_start(findings, f"no example of the previous revision is known again{cure}")
        return None
    return known


def _kept(findings: Findings, fresh: Division, asked: _Asked, known: NDArray[np.int8] | None) -> Division:
    """The division that leaves what is known [n] where it is, with a word on what a fresh one has and it lacks."""
    if known is None:
        return fresh
    found = _drawn(fresh.examples, asked, known)
    if check.lacking(fresh.examples, fresh.splits, asked.least):
        return found
    kept.check_splits(findings, found.examples, found.splits, fresh.splits, shares=asked.shares, least=asked.least)
    return replace(found, least=(1, 0, 0))


def _drawn(examples: Examples, asked: _Asked, known: NDArray[np.int8] | None) -> Division:
    """The examples divided by time, or by a hash of their groups or features, but for what is known [n]."""
    if examples.times is not None:
        return _by_time(examples, examples.times, asked, known)
    keys = examples.keys if examples.groups is None else examples.groups
    divided = splits.by_hash(keys, examples.class_index, asked.shares, asked.minimum, known=known)
    return Division(examples, divided, asked.least, asked.rule)


def _by_time(examples: Examples, times: NDArray[np.float64], asked: _Asked, known: NDArray[np.int8] | None) -> Division:
    """Cut-offs never go back, so what was held out may train one day, and never the reverse; times are [n]."""
    cutoffs = Cutoffs.of(times, asked.shares)
    if known is not None and asked.past is not None:
        before = asked.past.history.rule
        cutoffs = cutoffs.not_before(before.validation_from, before.holdout_from if asked.shares.holdout else None)
    divided = splits.by_time(times, cutoffs)
    if known is not None:  # of an example whose time was corrected
        trained = (known == TRAIN) | ((known == VALIDATION) & (divided == HOLDOUT))
        divided = np.where(trained, TRAIN, divided).astype(np.int8)
    holdout_from = cutoffs.holdout if asked.shares.holdout else None
    rule = replaced(asked.rule, validation_from=cutoffs.validation, holdout_from=holdout_from)
    return Division(examples, divided, asked.least, rule)


def _repeats(together: Division, asked: _Asked) -> bool:
    """Whether equal examples must be divided: few differ, or a class that is large enough cannot be divided else."""
    examples = together.examples
    if splits.few_distinct(examples.keys, asked.shares):
        return True
    large = (np.bincount(examples.class_index) >= asked.minimum).all()
    equal = len(np.unique(examples.keys)) < len(examples)
    return bool(large and equal and check.lacking(examples, together.splits, together.least))


def _was_divided(examples: Examples, past: Past | None) -> bool:
    """Whether equal examples are in different splits since an earlier revision."""
    return past is not None and past.history.divided and bool(np.isin(examples.features, past.history.features).any())


def _warn_of_division(findings: Findings, examples: Examples) -> None:
    distinct = len(np.unique(examples.digests[:, 0]))
    if distinct == len(examples):
        return  # columns that came tell rows apart
    message = (
        f"{counted(len(examples), 'row')} have only {distinct:,} different combinations of features: equal rows are in "
        "different splits, so the score holds for these combinations, not for others; add columns that tell rows apart"
    )
    findings.warning("DuplicatesDivided", message, count=len(examples) - distinct)


def _with_holdout(findings: Findings, examples: Examples, order: ProfileOrder, asked: _Asked) -> Division:
    """The examples in the hold-out that the source gives; validation comes from the rest where it gives none."""
    given = np.full(len(examples), UNDECIDED, np.int8) if examples.given is None else examples.given.copy()
    if HOLDOUT not in given:
        if not findings.refused:
            where = f"{order.holdout_uri} has" if order.holdout_uri else f"holdout.column {order.holdout_column} gives"
            findings.error("NoHoldout", f"{where} no labelled example to hold out: add some, or correct holdout")
        return Division(examples, given, (0, 0, 0), asked.rule)
    examples = _without_copies(findings, examples, given, rare=asked.rare)
    _warn_of_groups(findings, examples, given)
    _warn_of_unseen(findings, examples, given)
    known = _known(findings, examples, asked)
    if known is not None:
        kept.warn_of_trained(findings, examples, given, known)
        known = np.where(known == HOLDOUT, UNDECIDED, known).astype(np.int8)
    if VALIDATION in given:
        return Division(examples, np.where(given == UNDECIDED, TRAIN, given), (1, 0, 0), asked.rule)
    minimum = max(2, round(asked.minimum * (1 - order.holdout_fraction)))
    rest = np.flatnonzero((given == UNDECIDED) | (given == TRAIN))
    asked = replace(asked, shares=Shares(0.0, order.holdout_fraction), minimum=minimum)
    fresh = _drawn(examples.chosen(rest), asked, None)
    drawn = _kept(findings, fresh, asked, None if known is None else known[rest])
    given[rest] = drawn.splits
    return replace(drawn, examples=examples, splits=given)


def _without_copies(findings: Findings, examples: Examples, given: NDArray[np.int8], *, rare: bool) -> Examples:
    """Leaves examples out of `given` [n] that the hold-out has as well; rows stay that repeat among the rest too."""
    held = np.flatnonzero(given == HOLDOUT)
    rest = np.flatnonzero(given != HOLDOUT)
    hashes = examples.digests[:, 0]
    copies = rest[np.isin(hashes[rest], hashes[held])]
    if not len(copies):
        return examples
    repeats = not rare and len(rest) >= 2 * len(np.unique(hashes[rest]))
    original = dict(zip(hashes[held].tolist(), held.tolist(), strict=True))
    names = [f"{examples.name(i)} = {examples.name(original[int(hashes[i])])}" for i in copies[:MOST_KEPT]]
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
