"""How similar configurations are by their parameters: the score of one is evidence about similar ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noria.contract import Configuration

Array = NDArray[np.float64]

RATE = 2.0
"""How fast similarity falls with each parameter that differs."""


def kinship(configurations: Sequence[Configuration]) -> Array:
    """From 0 for another family to 1 for the same configuration [configurations, configurations].

    Numbers differ by their ranks among the family's values of that parameter, anything else wholly or not at all.
    """
    families = np.array([each.family for each in configurations])
    near = np.zeros((len(configurations), len(configurations)))
    for family in np.unique(families):
        members = np.flatnonzero(families == family)
        given = [each.parameters for each in configurations if each.family == family]
        names = sorted({name for parameters in given for name in parameters})
        apart = sum((_apart([each.get(name) for each in given]) for name in names), np.zeros((len(given), len(given))))
        near[np.ix_(members, members)] = np.exp(-RATE * apart)
    return near


def _apart(values: Sequence[object]) -> Array:
    """How far the values of one parameter are from one another, 0 to 1; who lacks it is like nobody who has it."""
    words = np.array([repr(each) for each in values])
    apart: Array = (words[:, None] != words[None, :]).astype(np.float64)
    numbers = {n: each for n, each in enumerate(values) if isinstance(each, int | float) and not isinstance(each, bool)}
    if numbers:
        levels, ranks = np.unique(list(numbers.values()), return_inverse=True)
        places = ranks / max(1, len(levels) - 1)
        apart[np.ix_(list(numbers), list(numbers))] = np.abs(places[:, None] - places[None, :])
    return apart
