"""What makes examples of any kind unfit to train on."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from noria.contract import Checks, Metrics
from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import SPLITS
from noria_trainers.data.splits import LEFT_OUT
from noria_trainers.profile.finding import MOST_KEPT, Findings
from noria_trainers.wording import counted, listed, shortened

_SPLIT_NAMES = dict(zip(SPLITS, ("training", "validation", "hold-out"), strict=True))


SKEWED = 0.9
"""Share of one class from which the others hardly count in a mean over examples."""


def left_out(
    findings: Findings, checks: Checks, *, total: int, unit: str, unfit: Mapping[str, Mapping[str, str]]
) -> None:
    """Files or rows that had to be left out, by reason, with the cause if known: an error if there are too many."""
    share = sum(map(len, unfit.values())) / max(1, total)
    for reason, whys in unfit.items():
        if not whys:
            continue
        message = f"{percent(len(whys) / total)} of {counted(total, unit)} {_LEFT_OUT[reason]}: {_by_cause(whys)}"
        if share > checks.max_unreadable_fraction:
            allowed = f"at most {percent(checks.max_unreadable_fraction)} may be (checks.maxUnreadableFraction)"
            findings.error(reason, f"{message}; {allowed}: correct or remove them", list(whys))
        else:
            findings.warning(reason, f"{message}; left out", list(whys))


def _by_cause(whys: Mapping[str, str]) -> str:
    """Each cause once, the most frequent first, behind the names that it stands for."""
    names: dict[str, list[str]] = {}
    for name, why in whys.items():
        names.setdefault(why, []).append(name)
    causes = sorted(names, key=lambda why: -len(names[why]))
    named = [
        listed(names[why], 3) + (f" ({shortened(why, _LONGEST_CAUSE)})" if why else "") for why in causes[:_MOST_CAUSES]
    ]
    more = sum(len(names[why]) for why in causes[_MOST_CAUSES:])
    return ", ".join(named) + (f" and {more:,} more" if more else "")


_MOST_CAUSES, _LONGEST_CAUSE = 3, 240
_LEFT_OUT = {
    "Unreadable": "cannot be read",
    "Empty": "are empty",
    "TargetNotNumeric": "have a target that is not a number, or is infinite",
    "TimeMissing": "have no readable time (a date or a number)",
    "GroupMissing": "have no group",
}


def percent(share: float) -> str:
    """`60 %`; shares that would round to 0 keep a digit."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.01 or share == 0 else f"{share:.1%}".replace("%", " %")


def classes(findings: Findings, examples: Examples, checks: Checks) -> None:
    """Whether there are two classes and enough examples of each."""
    counts = examples.class_counts(np.arange(len(examples)))
    if len(examples.classes) == 1:
        name = examples.classes[0]
        findings.error(
            "OneClass",
            f"all {counted(len(examples), 'example')} are of class {name}: add examples of another class",
            [name],
        )
    named = [(name, int(count)) for name, count in zip(examples.classes, counts, strict=False)]
    few = [f"{name}: {count}" for name, count in named if count < checks.min_examples_per_class]
    if few:
        least = f"{checks.min_examples_per_class} are needed (checks.minExamplesPerClass)"
        message = (
            f"{counted(len(few), 'class')} with too few examples ({listed(few)}); {least}: "
            "add examples or merge classes"
        )
        findings.error("TooFewExamples", message, few)
    if not examples.classes:
        _values(findings, examples, checks)


def skew(findings: Findings, examples: Examples, metrics: Metrics) -> None:
    """Whether one class is so frequent that the task's default metric hardly sees the others."""
    even = [metric for metric in metrics.all if metric.is_even]
    if len(examples.classes) < 2 or not even or metrics.default.is_even or not len(examples):
        return
    counts = examples.class_counts(np.arange(len(examples)))
    share = counts.max() / len(examples)
    if share < SKEWED:
        return
    most, least = examples.classes[int(counts.argmax())], examples.classes[int(counts.argmin())]
    message = (
        f"{share:.1%} of the examples are of class {most} and only {counts.min():,} of {least}, so a model that always "
        f"answers {most} has an {metrics.default} of {share:.4f}: set metric {' or '.join(even)}"
    )
    findings.warning("SkewedClasses", message.replace("%", " %", 1), [least])


def _values(findings: Findings, examples: Examples, checks: Checks) -> None:
    """Whether a regression has enough examples, and values that differ."""
    if len(examples) < checks.min_examples_per_class:
        message = f"only {counted(len(examples), 'example')}, but {checks.min_examples_per_class} are needed: add some"
        findings.error("TooFewExamples", message)
    elif np.ptp(examples.labels) == 0:
        findings.error(
            "ConstantTarget", f"the target is {examples.labels.flat[0]:g} in every example: there is nothing to learn"
        )


def splits(findings: Findings, examples: Examples, split_of: NDArray[np.int8], least: Sequence[int]) -> None:
    """Whether every split got enough examples of every class; `split_of` [n] and `least` are by index into SPLITS."""
    if findings.refused:
        return
    missing = lacking(examples, split_of, least)
    if missing:
        findings.error(
            "TooFewPerSplit", f"too few examples in a split: {listed(missing)}. {_split_cure(examples)}", missing
        )


def lacking(examples: Examples, split_of: NDArray[np.int8], least: Sequence[int]) -> list[str]:
    """What each split has too few of, as `cat: 0 in validation (2 needed)`; `split_of` [n] as in `splits`."""
    names = examples.classes or ("",)
    counts = np.stack([examples.class_counts(split_of == split) for split in range(len(SPLITS))], axis=1)
    return [
        f"{name + ': ' if name else ''}{count} in {_SPLIT_NAMES[split]} ({needed} needed)"
        for name, row in zip(names, counts, strict=True)
        for split, count, needed in zip(SPLITS, row, least, strict=True)
        if count < needed
    ]


def _split_cure(examples: Examples) -> str:
    if examples.given is not None:
        return "The hold-out is given: add examples to the others"
    if examples.times is not None:
        return "The latest examples are held out: add examples, or do not split by time"
    if examples.groups is not None:
        return "Groups are never divided: add groups, or do not split by group"
    return "Identical examples stay in one split: add different examples"


def duplicates(findings: Findings, examples: Examples, split_of: NDArray[np.int8], *, rare: bool) -> None:
    """Examples with equal features: misleading across splits; where they can hardly be chance (`rare`: images, texts),
    also those with different labels and those that only weigh more. `split_of` [n] is the split of each example.
    """
    used = np.flatnonzero(split_of != LEFT_OUT)
    _, place, which = np.unique(examples.keys[used], return_index=True, return_inverse=True)
    first = used[place]
    original = np.full(len(examples), -1)
    original[used] = first[which]
    again = np.setdiff1d(used, first)
    across = again[split_of[again] != split_of[original[again]]]
    conflicting = again[examples.differ(again, original[again])] if rare else again[:0]
    others = np.setdiff1d(again, np.union1d(across, conflicting)) if rare else again[:0]
    for reason, indices, message in (
        ("DuplicateAcrossSplits", across, "duplicated in another split, which inflates scores: remove them"),
        ("ConflictingLabels", conflicting, "identical to another one with a different label: correct the labels"),
        ("Duplicate", others, "identical to another one of the same class: remove them if this is not intended"),
    ):
        if not len(indices):
            continue
        names = [f"{examples.name(int(i))} = {examples.name(int(original[i]))}" for i in indices[:MOST_KEPT]]
        share = percent(len(indices) / len(examples))
        message = f"{counted(len(indices), 'example')} ({share}) {message}: {listed(names, 3)}"
        findings.warning(reason, message, names, len(indices))
