"""A number by which people write that they have no value, as 9999 among ages. Called where numbers are read."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_FEWEST_ROWS, _LEAST_SHARE = 3, 0.005
"""Of the column, that have the number."""
_FEWEST_OTHERS = 5
"""Different values beside it."""
_NINES = re.compile(r"-?99+")


class GapNumber(NamedTuple):
    """The number and how many rows have it."""

    value: str
    rows: int

    def __str__(self) -> str:
        return f"{self.value} in {self.rows:,} rows"


def gap_number(values: NDArray[np.float64]) -> GapNumber | None:
    """A number of nines, the least or largest of the values [n], that several have and that lies further from all
    others than these from each other; NaN are no values.
    """
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(distinct) <= _FEWEST_OTHERS:
        return None
    for end, others in ((-1, distinct[:-1]), (0, distinct[1:])):
        value, rows = f"{distinct[end]:.15g}", int(counts[end])
        is_far = np.abs(distinct[end] - others).min() > np.ptp(others)
        if is_far and _NINES.fullmatch(value) and rows >= max(_FEWEST_ROWS, _LEAST_SHARE * counts.sum()):
            return GapNumber(value, rows)
    return None
