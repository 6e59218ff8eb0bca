"""What a model card shows of the answers to the hold-out. Each target makes it of what it predicts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noria_trainers.target.calibration import Calibration

MOST_MISSES = 10


class Picture(NamedTuple):
    """A plot with its place in the card."""

    title: str
    file: str
    png: bytes
    alt: str
    """What it shows, for those who do not see it."""


@dataclass(frozen=True)
class ClassScore:
    """How well a class is told from the others; none where nothing is known of it."""

    name: str
    examples: int
    precision: float | None
    recall: float | None
    f1: float | None
    taken_for: tuple[str, int] | None
    """The class that it was most often taken for, and how often."""


@dataclass(frozen=True)
class Miss:
    """An example that was answered wrongly."""

    place: int
    """In the hold-out, from 0."""
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Misses:
    """The worst answers, the worst first."""

    order: str
    """What makes one worse, to complete `..., ordered by ...`."""
    head: tuple[str, ...]
    rows: tuple[Miss, ...]


@dataclass(frozen=True)
class Shown:
    """What can be said of the answers beside their scores."""

    picture: Picture | None = None
    classes: tuple[ClassScore, ...] = ()
    calibration: Calibration | None = None
    misses: Misses | None = None


def class_scores(table: NDArray[np.integer], names: Sequence[str]) -> tuple[ClassScore, ...]:
    """Of each class, from how often class `row` was taken for class `column` [classes, classes]."""
    hits, truths, guesses = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    wrong = table - np.diag(hits)
    taken_for = wrong.argmax(axis=1) if len(names) else np.zeros(0, np.int64)
    return tuple(
        ClassScore(
            name=name,
            examples=int(truths[index]),
            precision=_ratio(hits[index], guesses[index]),
            recall=_ratio(hits[index], truths[index]),
            f1=_ratio(2 * hits[index], truths[index] + guesses[index]),
            taken_for=(names[taken_for[index]], int(wrong[index].max())) if wrong[index].any() else None,
        )
        for index, name in enumerate(names)
    )


def worst(badness: NDArray[np.floating], wrong: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places [k] of the wrong ones among n answers, the worst first; both [n]."""
    places = np.flatnonzero(wrong)
    return places[np.argsort(-badness[places], kind="stable")][:MOST_MISSES]


def _ratio(part: np.integer, whole: np.integer) -> float | None:
    return float(part / whole) if whole else None
