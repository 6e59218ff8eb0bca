"""Answers of models with different classes, in the same columns. Used by `proof.compare`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noria_trainers.target.resample import Floats


def classes_of(labels: NDArray[np.generic], given: Sequence[str], known: Sequence[str]) -> NDArray[np.generic]:
    """Labels [n], as indices of the classes `given`, as indices of `known`; -1 where it lacks the class.

    Labels that are no classes, or of the same ones, are left as they are.
    """
    if tuple(given) == tuple(known):
        return labels
    place = {name: index for index, name in enumerate(known)}
    return np.asarray([place.get(name, -1) for name in given], np.int64)[np.asarray(labels, np.int64)]


def projected(scores: Floats, labels: NDArray[np.generic], given: Sequence[str], known: Sequence[str]) -> Floats:
    """Scores [n, given] of examples with labels [n] (indices of `known`) as scores [n, known].

    A class that is not given scores 0. Where the best class is unknown, the answer is wrong: it counts as the likeliest
    wrong one of the known classes. The truth keeps its score, so log losses stay as they are.
    """
    if tuple(given) == tuple(known) or scores.shape[1] != len(given):
        return scores
    place = {name: index for index, name in enumerate(given)}
    columns = np.asarray([place.get(name, -1) for name in known])
    found = np.where(columns >= 0, scores[:, columns], 0.0)
    missed = np.flatnonzero(~np.isin(scores.argmax(axis=1), columns))
    wrong = found[missed]
    wrong[np.arange(len(missed)), np.asarray(labels, np.int64)[missed]] = -1
    found[missed, wrong.argmax(axis=1)] = scores[missed].max(axis=1)
    return found
